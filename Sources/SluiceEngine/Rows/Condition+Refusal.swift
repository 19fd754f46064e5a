internal import SluiceAccess
internal import SluiceFormat

extension Condition {
    /// Why this doesn't allow what is to be done to the object of that name, whose row is `existing`; nil if it does, as
    /// far as the row tells: what it asks of the document is taken to be met.
    func refusal(of name: ObjectName, existing: ObjectRow?) -> StoreError? {
        refusal(
            of: name, entityTag: existing.map { EntityTag(bytes: $0.entityTag) },
            byteCount: existing?.byteCount, document: nil)
    }

    /// The same of what is known of an object, of its document too if that is given.
    func refusal(
        of name: ObjectName, entityTag: EntityTag?, byteCount: Int?, document: ObjectDocument?
    ) -> StoreError? {
        let modified = document?.modifiedMilliseconds
        for requirement in requirements {
            let refusal =
                switch requirement {
                case .absent: entityTag == nil ? nil : Self.alreadyExists(name)
                case .present: entityTag == nil ? Self.isGone(name) : nil
                case .matches(let tags):
                    entityTag.map { tags.contains($0) ? nil : Self.isChanged(name) }
                        ?? Self.isGone(name)
                case .differs(let tags):
                    entityTag.map { tags.contains($0) } == true ? Self.isUnchanged(name) : nil
                case .unmodifiedSince(let moment):
                    modified.map { $0 > moment } == true ? Self.isChanged(name) : nil
                case .modifiedSince(let moment):
                    modified.map { $0 > moment } == false ? Self.isUnchanged(name) : nil
                case .byteCount(let count):
                    byteCount.map { $0 == count ? nil : Self.isChanged(name) } ?? Self.isGone(name)
                case .sequenceNumber(let range):
                    if let document {
                        range.contains(document.sequenceNumber) ? nil : Self.isChanged(name)
                    } else {
                        entityTag == nil ? Self.isGone(name) : nil
                    }
                // What holds the object says that, and not its row.
                case .leased: nil as StoreError?
                }
            if let refusal { return refusal }
        }
        return nil
    }

    private static func alreadyExists(_ name: ObjectName) -> StoreError {
        StoreError(
            .alreadyExists, "there is an object '\(name)' already; nothing was changed",
            about: .object(name.description), remedies: [.choose(.otherName)])
    }

    private static func isGone(_ name: ObjectName) -> StoreError {
        StoreError(
            .conditionNotMet, "there is no object '\(name)' to match; nothing was changed",
            about: .object(name.description))
    }

    private static func isChanged(_ name: ObjectName) -> StoreError {
        StoreError(
            .conditionNotMet,
            "the object '\(name)' was changed by now; nothing was changed",
            about: .object(name.description),
            remedies: [.other("look at it as it is now, and try again with its entity tag")])
    }

    private static func isUnchanged(_ name: ObjectName) -> StoreError {
        StoreError(
            .notModified, "the object '\(name)' is still what it was",
            about: .object(name.description))
    }
}
