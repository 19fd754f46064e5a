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
}
