/// What to change of a key version; what is nil stays as it is.
public struct KeyChanges: Sendable {
    /// Whether it is enabled; otherwise every operation with it is refused.
    public var isEnabled: Bool?
    /// When it may begin to wrap, in seconds since 1970.
    public var notBeforeSeconds: Int?
    /// When it ceases to wrap, in seconds since 1970.
    public var expiresSeconds: Int?
    /// What it may be used for, of ``KeyOperation/ofKeys``.
    public var operations: [KeyOperation]?
    /// The caller's own notes, all of them.
    public var tags: [String: String]?

    /// Collects changes.
    public init(
        isEnabled: Bool? = nil, notBeforeSeconds: Int? = nil, expiresSeconds: Int? = nil,
        operations: [KeyOperation]? = nil, tags: [String: String]? = nil
    ) {
        self.isEnabled = isEnabled
        self.notBeforeSeconds = notBeforeSeconds
        self.expiresSeconds = expiresSeconds
        self.operations = operations
        self.tags = tags
    }

    /// The row with the changes.
    func applied(to row: KeyVersionRow, atSeconds now: Int) -> KeyVersionRow {
        KeyVersionRow(
            name: row.name, version: row.version, modulus: row.modulus, exponent: row.exponent,
            operations: operations ?? row.operations, isEnabled: isEnabled ?? row.isEnabled,
            notBeforeSeconds: notBeforeSeconds ?? row.notBeforeSeconds,
            expiresSeconds: expiresSeconds ?? row.expiresSeconds,
            createdSeconds: row.createdSeconds, updatedSeconds: now, sealed: row.sealed,
            tags: tags ?? row.tags)
    }
}
