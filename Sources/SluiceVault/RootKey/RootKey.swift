internal import SluiceAccess
internal import SluiceNative

/// The 256-bit secret under which every vault of a directory is sealed, and what is derived from it.
///
/// It is used for nothing but HKDF-SHA-256, with one label for each purpose. Safe from any thread.
final class RootKey: Sendable {
    static let byteCount = 32

    let library: CryptoLibrary
    private let secret: SecretBytes

    init(_ secret: consuming SecretBytes, library: CryptoLibrary) {
        precondition(secret.byteCount == Self.byteCount)
        self.secret = secret
        self.library = library
    }

    /// A fresh one.
    static func random(_ library: CryptoLibrary) throws(VaultError) -> RootKey {
        do throws(CryptoError) {
            return RootKey(try library.randomSecret(byteCount: byteCount), library: library)
        } catch {
            throw VaultError(error, while: "making a root key")
        }
    }

    /// What a derived key is for.
    enum Purpose: String {
        /// Tells whether a root key is the right one.
        case check = "sluice vault v1: root key check"
        /// Seals one private key, once.
        case privateKey = "sluice vault v1: private key"
        /// Authenticates the anchors of one vault.
        case anchors = "sluice vault v1: anchors"
        /// Seals one backup of a key or a vault, once.
        case backup = "sluice vault v1: backup"
        /// Tells whether a backup is under a root key.
        case backupCheck = "sluice vault v1: backup check"
        /// Derived from a stretched passphrase: seals the root key, once.
        case rootKey = "sluice vault v1: root key"
        /// Seals the root key that follows this one, once.
        case nextRootKey = "sluice vault v1: next root key"
    }

    /// A 256-bit key for one purpose, which depends on `salt` and `context` too.
    func derive(
        _ purpose: Purpose, salt: [UInt8], context: [UInt8] = []
    ) throws(VaultError) -> SecretBytes {
        var derived = SecretBytes(byteCount: 32)
        let info = FieldEncoding(Array(purpose.rawValue.utf8), context).bytes
        try translated(while: "deriving a key from the root key") { () throws(CryptoError) in
            try secret.withBytes { secret throws(CryptoError) in
                try derived.withMutableBytes { derived throws(CryptoError) in
                    try library.hkdfSHA256(
                        secret: secret, salt: salt.span, info: info.span, into: &derived)
                }
            }
        }
        return derived
    }

    /// Lends the secret itself: for the file that it is kept in, and to be sealed.
    func withSecret<Result: ~Copyable, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try secret.withBytes(body)
    }
}
