internal import Synchronization

/// How many cryptographic operations this process has begun, exactly, whatever became of them.
///
/// Safe from any thread. Two snapshots of a time when nothing else runs differ by exactly the
/// operations between them.
public struct CryptoCounters: Sendable, Equatable {
    /// RSA operations with a private key (unwraps, decryptions, signatures).
    public let rsaPrivateCount: Int
    /// RSA operations with a public key (wraps, encryptions, verifications).
    public let rsaPublicCount: Int
    /// AES-256-GCM seals.
    public let sealCount: Int
    /// AES-256-GCM opens.
    public let openCount: Int

    /// The counts at this moment.
    public static func snapshot() -> CryptoCounters {
        CryptoCounters(
            rsaPrivateCount: rsaPrivate.load(ordering: .relaxed),
            rsaPublicCount: rsaPublic.load(ordering: .relaxed),
            sealCount: seals.load(ordering: .relaxed),
            openCount: opens.load(ordering: .relaxed))
    }

    static let rsaPrivate = Atomic(0)
    static let rsaPublic = Atomic(0)
    static let seals = Atomic(0)
    static let opens = Atomic(0)
}
