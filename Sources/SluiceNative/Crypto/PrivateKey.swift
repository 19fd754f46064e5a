/// A private key of either type.
public enum PrivateKey: Sendable {
    /// For decrypting and signing.
    case rsa(RSAPrivateKey)
    /// For signing.
    case elliptic(ECPrivateKey)

    /// Loads what ``storedForm()`` returned. The form is to come from storage that is authenticated: it is checked to be
    /// whole, not to be of a strong key.
    ///
    /// - Throws: `malformedKey`.
    public init(storedForm: Span<UInt8>, library: CryptoLibrary) throws(CryptoError) {
        self =
            ECKeyNumbers.isForm(storedForm)
            ? .elliptic(try ECPrivateKey(storedForm: storedForm, library: library))
            : .rsa(try RSAPrivateKey(storedForm: storedForm, library: library))
    }

    /// Takes a key of its numbers, checked as thoroughly as by ``init(pem:library:)``.
    ///
    /// - Throws: `unsupportedKey` for RSA of another size, or a weak key; `malformedKey` if numbers are missing or
    ///   contradict each other.
    public init(_ numbers: PrivateKeyNumbers, library: CryptoLibrary) throws(CryptoError) {
        switch numbers {
        case .rsa(let numbers):
            self = .rsa(try RSAPrivateKey(checking: numbers, library: library))
        case .elliptic(let curve, let x, let y, let secret):
            self = .elliptic(
                try ECPrivateKey(checking: curve, x: x, y: y, secret: secret, library: library))
        }
    }

    /// The key in the form that loads fastest, unencrypted: at most 2,320 bytes.
    public func storedForm() -> SecretBytes {
        switch self {
        case .rsa(let key): key.storedForm()
        case .elliptic(let key): key.storedForm()
        }
    }
}
