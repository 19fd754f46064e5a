public import SluiceAccess

/// What a new key version may be used for, and when.
public struct KeySettings: Sendable {
    /// What the version may be used for, of its kind's ``KeyKind/operations``; nil for all of them.
    public var operations: [KeyOperation]?
    /// Whether it is enabled from the start.
    public var isEnabled: Bool
    /// When it may begin to wrap, in seconds since 1970, if limited.
    public var notBeforeSeconds: Int?
    /// When it ceases to wrap, in seconds since 1970, if limited.
    public var expiresSeconds: Int?

    /// Makes settings, by default those of a key that may be used for everything at any time.
    public init(
        operations: [KeyOperation]? = nil, isEnabled: Bool = true,
        notBeforeSeconds: Int? = nil, expiresSeconds: Int? = nil
    ) {
        self.operations = operations
        self.isEnabled = isEnabled
        self.notBeforeSeconds = notBeforeSeconds
        self.expiresSeconds = expiresSeconds
    }

    /// Returns if they, and the tags for the same version, are in bounds.
    ///
    /// - Throws: `invalidArgument`, with the bound that was broken.
    func validate(
        with tags: [String: String], for key: KeyIdentifier, of kind: KeyKind
    ) throws(VaultError) {
        func refuse(_ reason: String) -> VaultError {
            VaultError(
                .invalidArgument, "can't make or change \(key): \(reason)", about: .key(key))
        }
        if let other = operations?.first(where: { !kind.operations.contains($0) }) {
            throw refuse(
                "'\(other.rawValue)' is not an operation of a key of the kind \(kind.rawValue); those are "
                    + kind.operations.map(\.rawValue).joined(separator: ", "))
        }
        for seconds in [notBeforeSeconds, expiresSeconds].compactMap({ $0 })
        where seconds < 0 || !ReasonableTime.seconds.contains(seconds) {
            throw refuse("nbf and exp are seconds since 1970, to the end of 9999, not \(seconds)")
        }
        if let notBeforeSeconds, let expiresSeconds, expiresSeconds <= notBeforeSeconds {
            throw refuse("it would expire before it becomes valid: choose a later exp")
        }
        guard tags.count <= 15 else {
            throw refuse("it would have \(tags.count) tags, and 15 are the most")
        }
        guard tags.allSatisfy({ $0.key.count <= 256 && $0.value.count <= 256 }) else {
            throw refuse("a tag's name or value has more than 256 characters")
        }
    }
}
