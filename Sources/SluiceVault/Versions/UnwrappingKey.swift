internal import SluiceAccess
internal import SluiceNative

/// A private key, wherever it is: it unwraps, and is never seen. Safe from many threads at once.
protocol UnwrappingKey: Sendable {
    /// What was wrapped under its public key.
    ///
    /// - Throws: `unwrapFailed` if it wasn't, or was damaged; what getting at the key throws.
    func unwrap(_ wrapped: Span<UInt8>) throws(VaultError) -> SecretBytes

    /// Wipes what of it is in memory, once the operations in flight with it have ended.
    func forget()

    /// Whether it is in memory, opened.
    var isLoaded: Bool { get }
}
