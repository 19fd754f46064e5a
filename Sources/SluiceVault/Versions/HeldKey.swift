internal import SluiceAccess
internal import SluiceNative

/// A private key, wherever it is held: it decrypts and signs, and is never seen. Safe from many threads at once.
///
/// It is only asked for what its kind can do.
protocol HeldKey: Sendable {
    /// What was encrypted, or wrapped, under its public key.
    ///
    /// - Throws: `unwrapFailed` if it wasn't, or was damaged; what getting at the key throws.
    func decrypt(
        _ encrypted: Span<UInt8>, _ algorithm: EncryptionAlgorithm
    ) throws(VaultError) -> SecretBytes

    /// A signature of a digest that has the algorithm's length.
    ///
    /// - Throws: What getting at the key throws.
    func sign(_ digest: Span<UInt8>, _ algorithm: SignatureAlgorithm) throws(VaultError) -> [UInt8]

    /// Wipes what of it is in memory, once the operations in flight with it have ended.
    func forget()

    /// Whether it is in memory, opened.
    var isLoaded: Bool { get }
}
