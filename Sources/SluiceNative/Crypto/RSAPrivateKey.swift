internal import COpenSSL
internal import Synchronization

/// An RSA private key of 2048, 3072 or 4096 bits: it unwraps with RSA-OAEP-256, decrypts and signs.
///
/// Safe from many threads at once, which don't wait for each other. Its numbers are kept in the
/// arena; OpenSSL's copies, one for each caller at a time, lie outside it and are wiped when the
/// key goes.
public final class RSAPrivateKey: Sendable {
    /// The public half.
    public let publicKey: RSAPublicKey

    private let library: CryptoLibrary
    private let layout: RSAKeyNumbers
    private let numbers: SecretBytes
    /// For unwrapping, which is what many threads do all the time.
    private let operations = RSAOperationPool()

    /// Makes a new key of 2048, 3072 or 4096 bits with the public exponent 65537, which takes some tens of milliseconds
    /// for the smallest and a second for the largest.
    public static func generate(
        _ library: CryptoLibrary, bitCount: Int = 2048
    ) throws(CryptoError) -> RSAPrivateKey {
        let layout = RSAKeyNumbers(modulusBitCount: bitCount)
        let key = unsafe try generateKey("RSA", library: library) { generator in
            unsafe EVP_PKEY_CTX_set_rsa_keygen_bits(generator, Int32(bitCount)) == 1
        }
        defer { unsafe EVP_PKEY_free(key) }
        return try RSAPrivateKey(
            numbers: unsafe layout.extract(from: key), layout, library: library)
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
        let layout = try RSAKeyNumbers(of: numbers)
        try layout.validate(numbers)
        try self.init(numbers: numbers, layout, library: library)
    }

    /// Takes over numbers from anywhere, which are checked thoroughly: see ``PrivateKey/init(pem:library:)``.
    ///
    /// - Throws: `unsupportedKey`, `malformedKey`.
    convenience init(
        checking numbers: [RSAKeyNumber: SharedSecret], library: CryptoLibrary
    ) throws(CryptoError) {
        let bitCount = numbers[.modulus]?.bytes.withBytes { bytes in
            let first = bytes.indices.first { bytes[$0] != 0 } ?? bytes.count
            return (bytes.count - first) * 8
        }
        guard let bitCount, RSAKeyNumbers.modulusBitCounts.contains(bitCount) else {
            throw .unsupportedKey(
                reason: "it has \(bitCount ?? 0) bits; RSA of 2048, 3072 or 4096 is needed")
        }
        let layout = RSAKeyNumbers(modulusBitCount: bitCount)
        let form = try layout.form(of: numbers)
        try layout.validate(form)
        let key = unsafe try RSAKeyNumbers.makeKey(
            fields: layout.privateFields, numbers: form.start, .keyPair, library: library)
        defer { unsafe EVP_PKEY_free(key) }
        unsafe try requireSound(key, library: library)
        try layout.requireStrong(form)
        try self.init(numbers: form, layout, library: library)
    }

    /// Takes over a key of OpenSSL's, which is checked as thoroughly.
    @unsafe convenience init(
        checking key: OpaquePointer, library: CryptoLibrary
    ) throws(CryptoError) {
        let bitCount = unsafe Int(EVP_PKEY_get_bits(key))
        guard RSAKeyNumbers.modulusBitCounts.contains(bitCount) else {
            throw .unsupportedKey(
                reason: "it has \(bitCount) bits; RSA of 2048, 3072 or 4096 is needed")
        }
        unsafe try requireSound(key, library: library)
        let layout = RSAKeyNumbers(modulusBitCount: bitCount)
        let numbers = unsafe try layout.extract(from: key)
        try layout.requireStrong(numbers)
        try self.init(numbers: numbers, layout, library: library)
    }

    /// Takes over numbers that were checked.
    init(
        numbers: consuming SecretBytes, _ layout: RSAKeyNumbers, library: CryptoLibrary
    ) throws(CryptoError) {
        publicKey = try RSAPublicKey(numbers: numbers, layout, library: library)
        self.layout = layout
        self.numbers = numbers
        self.library = library
        // Finds out now whether OpenSSL accepts the key.
        operations.giveBack(try makeOperation(.decrypt(.oaepSHA256)))
    }

    /// The key in the form that loads fastest, unencrypted: of 2048 bits, 1,168 bytes.
    public func storedForm() -> SecretBytes {
        numbers.copy()
    }

    /// Unwraps with RSA-OAEP-256 (RFC 8017; SHA-256, MGF1 with SHA-256, no label): about 0.3 ms with 2048 bits.
    ///
    /// - Throws: `unwrapFailed` when `wrapped` wasn't wrapped under this key or was changed.
    public func unwrap(_ wrapped: Span<UInt8>) throws(CryptoError) -> SecretBytes {
        try operations.withOperation(makingWith: makeUnwrapping) {
            (operation) throws(CryptoError) in
            CryptoCounters.rsaPrivate.wrappingAdd(1, ordering: .relaxed)
            return try operation.decrypt(wrapped)
        }
    }

    /// Decrypts what was encrypted with the public key.
    ///
    /// - Throws: `unwrapFailed` when it wasn't, or was changed.
    public func decrypt(
        _ encrypted: Span<UInt8>, _ padding: RSAPadding
    ) throws(CryptoError) -> SecretBytes {
        guard padding != .oaepSHA256 else { return try unwrap(encrypted) }
        CryptoCounters.rsaPrivate.wrappingAdd(1, ordering: .relaxed)
        return try makeOperation(.decrypt(padding)).decrypt(encrypted)
    }

    /// Signs a digest: a signature as long as the modulus.
    ///
    /// - Throws: `invalidParameter` for a digest of another length than the algorithm's.
    public func sign(
        _ digest: Span<UInt8>, _ algorithm: DigestAlgorithm, _ padding: RSASignaturePadding
    ) throws(CryptoError) -> [UInt8] {
        try algorithm.require(digest, for: "sign")
        CryptoCounters.rsaPrivate.wrappingAdd(1, ordering: .relaxed)
        return try makeOperation(.sign(padding, algorithm)).sign(digest)
    }

    private func makeUnwrapping() throws(CryptoError) -> RSAOperation {
        try makeOperation(.decrypt(.oaepSHA256))
    }

    private func makeOperation(_ use: RSAOperation.Use) throws(CryptoError) -> RSAOperation {
        let key = unsafe try RSAKeyNumbers.makeKey(
            fields: layout.privateFields, numbers: numbers.start,
            .keyPair, library: library)
        return unsafe try RSAOperation(use, key: key, library: library)
    }
}
