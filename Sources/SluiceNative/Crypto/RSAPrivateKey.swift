internal import COpenSSL
internal import Synchronization

/// An RSA-2048 private key, for unwrapping with RSA-OAEP-256.
///
/// Safe from many threads at once, which don't wait for each other. Its numbers are kept in the
/// arena; OpenSSL's copies, one for each caller at a time, lie outside it and are wiped when the
/// key goes.
public final class RSAPrivateKey: Sendable {
    /// The public half.
    public let publicKey: RSAPublicKey

    private let library: CryptoLibrary
    private let numbers: SecretBytes
    private let operations = RSAOperationPool()

    /// Makes a new key with the public exponent 65537, which takes some tens of milliseconds.
    public static func generate(_ library: CryptoLibrary) throws(CryptoError) -> RSAPrivateKey {
        guard let generator = unsafe EVP_PKEY_CTX_new_from_name(library.context, "RSA", nil) else {
            throw .libraryFailure("EVP_PKEY_CTX_new_from_name")
        }
        defer { unsafe EVP_PKEY_CTX_free(generator) }
        var key: OpaquePointer?
        guard unsafe EVP_PKEY_keygen_init(generator) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(
                generator, Int32(RSAKeyNumbers.modulusBitCount)) == 1,
            unsafe EVP_PKEY_generate(generator, &key) == 1, let key = unsafe key
        else { throw .libraryFailure("EVP_PKEY_generate") }
        defer { unsafe EVP_PKEY_free(key) }
        return try RSAPrivateKey(
            numbers: unsafe RSAKeyNumbers.extract(from: key), library: library)
    }

    /// Loads what `storedForm` returned: the fastest way, some 0.05 ms.
    ///
    /// The form is checked to be whole and of a product of its primes, not for more: it is to come
    /// from storage that is authenticated.
    ///
    /// - Throws: `malformedKey`.
    public convenience init(
        storedForm: Span<UInt8>, library: CryptoLibrary
    ) throws(CryptoError) {
        let numbers = SecretBytes(copying: storedForm)
        try RSAKeyNumbers.validate(numbers)
        try self.init(numbers: numbers, library: library)
    }

    /// Takes over numbers that were checked.
    init(numbers: consuming SecretBytes, library: CryptoLibrary) throws(CryptoError) {
        publicKey = try RSAPublicKey(numbers: numbers, library: library)
        self.numbers = numbers
        self.library = library
        // Finds out now whether OpenSSL accepts the key.
        operations.giveBack(try makeOperation())
    }

    /// The key in the form that loads fastest, unencrypted: 1,168 bytes.
    public func storedForm() -> SecretBytes {
        numbers.copy()
    }

    /// Unwraps with RSA-OAEP-256 (RFC 8017; SHA-256, MGF1 with SHA-256, no label): about 0.3 ms.
    ///
    /// - Throws: `unwrapFailed` when `wrapped` wasn't wrapped under this key or was changed.
    public func unwrap(_ wrapped: Span<UInt8>) throws(CryptoError) -> SecretBytes {
        try operations.withOperation(makingWith: makeOperation) {
            (operation) throws(CryptoError) in
            CryptoCounters.rsaPrivate.wrappingAdd(1, ordering: .relaxed)
            return try operation.unwrap(wrapped)
        }
    }

    private func makeOperation() throws(CryptoError) -> RSAOperation {
        let key = unsafe try RSAKeyNumbers.makeKey(
            fields: RSAKeyNumbers.privateFields.span, numbers: numbers.start,
            selection: RSAKeyNumbers.keyPairSelection, library: library)
        return unsafe try RSAOperation(.unwrap, key: key, library: library)
    }
}
