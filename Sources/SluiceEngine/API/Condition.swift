/// What must be so of an object for something to be done, as HTTP's preconditions have it (RFC 9110 section 13.1).
///
/// It is about the object that has the name: of a put, a rename and a copy about the one that would be replaced. A
/// change looks in the transaction that makes it, so that of two with the same condition one finds it no longer met.
public struct Condition: Hashable, Sendable {
    /// One thing that must be so.
    enum Requirement: Hashable {
        case absent, present
        case matches(Set<EntityTag>)
        case differs(Set<EntityTag>)
        case unmodifiedSince(Int)
        case modifiedSince(Int)
        case leased(LeaseID)
        case byteCount(Int)
        case sequenceNumber(ClosedRange<Int>)
    }

    /// All of them must be so.
    let requirements: [Requirement]
    /// What its bytes are to be opened with, besides the keys of its scope.
    let providedKey: ProvidedKey?

    private init(_ requirements: [Requirement], providedKey: ProvidedKey? = nil) {
        self.requirements = requirements
        self.providedKey = providedKey
    }

    /// In any case.
    public static let always = Condition([])

    /// Only if no object has the name; else ``StoreError/Code/alreadyExists``. HTTP's `If-None-Match: *`.
    public static let absent = Condition([.absent])

    /// Only if an object has the name; else ``StoreError/Code/conditionNotMet``. HTTP's `If-Match: *`.
    public static let present = Condition([.present])

    /// Only if the object has one of these entity tags; else ``StoreError/Code/conditionNotMet``. HTTP's `If-Match`.
    public static func matches(_ tags: EntityTag...) -> Condition {
        Condition([.matches(Set(tags))])
    }

    /// Only if the object has none of these entity tags, or there is none; else ``StoreError/Code/notModified``. HTTP's
    /// `If-None-Match`.
    public static func differs(from tags: EntityTag...) -> Condition {
        Condition([.differs(Set(tags))])
    }

    /// Only if the object wasn't modified after this moment, in milliseconds since 1970, or there is none; else
    /// ``StoreError/Code/conditionNotMet``. HTTP's `If-Unmodified-Since`.
    public static func unmodified(sinceMilliseconds moment: Int) -> Condition {
        Condition([.unmodifiedSince(moment)])
    }

    /// Only if the object was modified after this moment, in milliseconds since 1970, or there is none; else
    /// ``StoreError/Code/notModified``. HTTP's `If-Modified-Since`.
    public static func modified(sinceMilliseconds moment: Int) -> Condition {
        Condition([.modifiedSince(moment)])
    }

    /// Only if the object is leased with this id; else ``StoreError/Code/conditionNotMet``. Whoever changes an object that is
    /// leased has to say so.
    public static func leased(as id: LeaseID) -> Condition {
        Condition([.leased(id)])
    }

    /// Only if the object has so many bytes; else ``StoreError/Code/conditionNotMet``: of an append, that it comes where
    /// it is meant to.
    public static func byteCount(_ byteCount: Int) -> Condition {
        Condition([.byteCount(byteCount)])
    }

    /// Only if the object has a sequence number in this range, 0 if nothing was said of it; else
    /// ``StoreError/Code/conditionNotMet``.
    public static func sequenceNumber(_ range: ClosedRange<Int>) -> Condition {
        Condition([.sequenceNumber(range)])
    }

    /// Only if the object is sealed with this key, which its bytes are opened with, and of a change sealed again; else
    /// ``StoreError/Code/keyMismatch``. What opens no bytes, as a put and a change of metadata, takes no notice of it.
    public static func sealed(with key: ProvidedKey) -> Condition {
        Condition([], providedKey: key)
    }

    /// Only if this and the other are met.
    public func and(_ other: Condition) -> Condition {
        Condition(
            requirements + other.requirements, providedKey: providedKey ?? other.providedKey)
    }

    /// Whether it asks for what only the object's document says: when it was modified, its sequence number.
    var asksForDocument: Bool {
        requirements.contains { requirement in
            switch requirement {
            case .unmodifiedSince, .modifiedSince, .sequenceNumber: true
            case .absent, .present, .matches, .differs, .leased, .byteCount: false
            }
        }
    }

    /// What of it asks for a lease.
    var ofLeases: Condition {
        leaseID.map { .leased(as: $0) } ?? .always
    }

    /// The lease that it shows.
    var leaseID: LeaseID? {
        for case .leased(let id) in requirements { return id }
        return nil
    }
}
