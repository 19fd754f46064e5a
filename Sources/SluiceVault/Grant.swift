/// A vault's answer that an identity may use a key version for an operation, as of an epoch.
public struct Grant: Hashable, Sendable {
    /// The key version.
    public let key: KeyIdentifier
    /// The identity.
    public let identity: Identity
    /// The operation.
    public let operation: KeyOperation
    /// The epoch that was current before the vault gave the answer.
    public var epoch: UInt64

    /// Notes an answer.
    public init(
        key: KeyIdentifier, identity: Identity, operation: KeyOperation, epoch: UInt64
    ) {
        self.key = key
        self.identity = identity
        self.operation = operation
        self.epoch = epoch
    }
}

/// What one worker goes through an ``AccessGate`` with: the one or two grants that its releases need.
///
/// A read needs two, for the scope's current key and for the object's own version. It belongs to one
/// worker at a time and is used for one release after another: no allocation, nothing shared.
public struct Passage: ~Copyable, Sendable {
    /// The first grant.
    public var first: Grant
    /// The second grant, if a release needs two.
    public var second: Grant?

    /// Makes a passage; the same grant twice counts once.
    public init(_ first: Grant, _ second: Grant? = nil) {
        self.first = first
        self.second = second == first ? nil : second
    }

    /// Both grants, or the one.
    public var grants: [Grant] { second.map { [first, $0] } ?? [first] }
}
