/// What a vault tells of a key version.
public struct KeyDescription: Hashable, Sendable {
    /// The key version.
    public let identifier: KeyIdentifier
    /// Its algorithm, with its size or curve.
    public let kind: KeyKind
    /// The public key.
    public let publicNumbers: PublicKeyNumbers
    /// Whether the version is enabled; otherwise every operation with it is refused.
    public let isEnabled: Bool
    /// When the version may begin to wrap, in seconds since 1970, if limited.
    public let notBeforeSeconds: Int?
    /// When the version ceases to wrap, in seconds since 1970, if limited.
    public let expiresSeconds: Int?
    /// When the version was made, in seconds since 1970.
    public let createdSeconds: Int

    /// Describes a version.
    package init(
        identifier: KeyIdentifier, kind: KeyKind, publicNumbers: PublicKeyNumbers, isEnabled: Bool,
        notBeforeSeconds: Int?, expiresSeconds: Int?, createdSeconds: Int
    ) {
        self.identifier = identifier
        self.kind = kind
        self.publicNumbers = publicNumbers
        self.isEnabled = isEnabled
        self.notBeforeSeconds = notBeforeSeconds
        self.expiresSeconds = expiresSeconds
        self.createdSeconds = createdSeconds
    }
}
