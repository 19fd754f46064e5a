public import SluiceAccess

/// What to change of a key version; what is nil stays as it is.
public struct KeyChanges: Sendable {
    /// Whether it is enabled; otherwise every operation with it is refused.
    public var isEnabled: Bool?
    /// When it may begin to wrap, in seconds since 1970.
    public var notBeforeSeconds: Int?
    /// When it ceases to wrap, in seconds since 1970.
    public var expiresSeconds: Int?
    /// What it may be used for, of its kind's ``KeyKind/operations``.
    public var operations: [KeyOperation]?
    /// The caller's own notes, all of them.
    public var tags: [String: String]?
    /// The limits in time that it is to have no more; one that is given above is set all the same.
    public var removed: Set<Limit>

    /// A limit in time of a key version.
    public enum Limit: Hashable, Sendable {
        /// When it may begin to wrap.
        case notBefore
        /// When it ceases to.
        case expiry
    }

    /// Collects changes.
    public init(
        isEnabled: Bool? = nil, notBeforeSeconds: Int? = nil, expiresSeconds: Int? = nil,
        operations: [KeyOperation]? = nil, tags: [String: String]? = nil,
        removing removed: Set<Limit> = []
    ) {
        self.isEnabled = isEnabled
        self.notBeforeSeconds = notBeforeSeconds
        self.expiresSeconds = expiresSeconds
        self.operations = operations
        self.tags = tags
        self.removed = removed
    }
}
