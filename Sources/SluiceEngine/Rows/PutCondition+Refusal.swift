extension PutCondition {
    /// Why this doesn't allow a put over `existing`; nil if it does.
    func refusal(of name: ObjectName, existing: ObjectRow?) -> StoreError? {
        switch self {
        case .always: return nil
        case .ifAbsent:
            guard existing != nil else { return nil }
            return StoreError(
                .alreadyExists, "the object '\(name)' exists already; nothing was changed")
        case .ifMatch(let tag):
            guard let existing else {
                return StoreError(
                    .conditionNotMet, "there is no object '\(name)' to match; nothing was changed")
            }
            guard EntityTag(objectID: existing.objectID) != tag else { return nil }
            return StoreError(
                .conditionNotMet,
                "the object '\(name)' has another entity tag by now; nothing was changed")
        }
    }
}
