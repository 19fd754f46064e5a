/// A secret wrapped under a key version.
public struct WrappedKey: Hashable, Sendable {
    /// The scheme number of RSA-OAEP with SHA-256 for both hashes.
    public static let rsaOAEP256: UInt8 = 1

    /// How it is wrapped: ``rsaOAEP256``.
    public let scheme: UInt8

    /// The key version.
    public let key: KeyIdentifier

    /// The wrapped bytes, as many as the key's modulus has.
    public let bytes: [UInt8]

    /// Describes wrapped bytes.
    public init(scheme: UInt8, key: KeyIdentifier, bytes: [UInt8]) {
        self.scheme = scheme
        self.key = key
        self.bytes = bytes
    }
}
