/// A vault's answer that an identity may use a key version for an operation, as of an epoch.
///
/// It is copied for every read: two words, one of them counted.
public struct Grant: Hashable, Sendable {
    /// What doesn't change when a grant is renewed.
    private final class Subject: Sendable {
        let key: KeyIdentifier
        let identity: Identity
        let operation: KeyOperation

        init(_ key: KeyIdentifier, _ identity: Identity, _ operation: KeyOperation) {
            self.key = key
            self.identity = identity
            self.operation = operation
        }
    }

    private let subject: Subject

    /// The epoch that was current before the vault gave the answer; 0 for an answer that must be asked for again.
    public var epoch: UInt64

    /// Notes an answer.
    public init(
        key: KeyIdentifier, identity: Identity, operation: KeyOperation, epoch: UInt64
    ) {
        subject = Subject(key, identity, operation)
        self.epoch = epoch
    }

    /// The key version.
    public var key: KeyIdentifier { subject.key }

    /// The identity.
    public var identity: Identity { subject.identity }

    /// The operation.
    public var operation: KeyOperation { subject.operation }

    /// Whether two grants are of the same key version to the same identity, and of one epoch.
    public static func == (left: Grant, right: Grant) -> Bool {
        guard left.epoch == right.epoch else { return false }
        if left.subject === right.subject { return true }
        // The versions first, which differ most often and are compared fastest.
        return left.key.version == right.key.version && left.key == right.key
            && left.identity == right.identity && left.operation == right.operation
    }

    /// Hashes what is compared.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(key)
        hasher.combine(identity)
        hasher.combine(operation)
        hasher.combine(epoch)
    }
}

/// What one worker goes through an ``AccessGate`` with: the one to three grants that its releases need.
///
/// A read needs up to three, for the current keys of the scopes that have the object's name and its bytes, and for the
/// object's own version. It belongs to one
/// worker at a time and is used for one release after another: no allocation, nothing shared. After a
/// release its grants may bear a newer epoch: whoever keeps grants for later should keep those.
public struct Passage: ~Copyable, Sendable {
    /// The first grant.
    public var first: Grant
    /// The second grant, if a release needs two.
    public var second: Grant?
    /// The third grant, if a release needs three; there may be one without a second.
    public var third: Grant?

    /// Makes a passage; the same grant twice counts once.
    public init(_ first: Grant, _ second: Grant? = nil, _ third: Grant? = nil) {
        self.first = first
        self.second = second == first ? nil : second
        self.third = third == first || third == second ? nil : third
    }

    /// All of them.
    public var grants: [Grant] { [first, second, third].compactMap(\.self) }
}
