internal import SluiceAccess

extension PutCondition {
    /// Why this doesn't allow a put over `existing`; nil if it does.
    func refusal(of name: ObjectName, existing: ObjectRow?) -> StoreError? {
        switch self {
        case .always: return nil
        case .ifAbsent:
            guard existing != nil else { return nil }
            return StoreError(
                .alreadyExists, "there is an object '\(name)' already; nothing was changed",
                about: .object(name.description), remedies: [.choose(.otherName)])
        case .ifMatch(let tag):
            guard let existing else {
                return StoreError(
                    .conditionNotMet, "there is no object '\(name)' to match; nothing was changed",
                    about: .object(name.description))
            }
            guard EntityTag(bytes: existing.entityTag) != tag else { return nil }
            return StoreError(
                .conditionNotMet,
                "the object '\(name)' has another entity tag by now; nothing was changed",
                about: .object(name.description),
                remedies: [.other("look at it as it is now, and try again with its tag")])
        }
    }
}
