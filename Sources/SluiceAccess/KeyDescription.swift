/// What a vault tells of a key version.
public struct KeyDescription: Hashable, Sendable {
    /// The key version.
    public let identifier: KeyIdentifier
    /// The RSA modulus, big-endian, 256 bytes.
    public let modulus: [UInt8]
    /// The RSA public exponent, big-endian, without leading zeroes.
    public let exponent: [UInt8]
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
        identifier: KeyIdentifier, modulus: [UInt8], exponent: [UInt8], isEnabled: Bool,
        notBeforeSeconds: Int?, expiresSeconds: Int?, createdSeconds: Int
    ) {
        self.identifier = identifier
        self.modulus = modulus
        self.exponent = exponent
        self.isEnabled = isEnabled
        self.notBeforeSeconds = notBeforeSeconds
        self.expiresSeconds = expiresSeconds
        self.createdSeconds = createdSeconds
    }
}
