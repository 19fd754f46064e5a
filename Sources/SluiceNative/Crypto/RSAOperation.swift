internal import COpenSSL
internal import Synchronization

/// A key and a context that is set up for one use, by one thread at a time.
///
/// Each has a key object of its own: OpenSSL locks a key that several threads share (its blinding).
@safe final class RSAOperation: @unchecked Sendable {
    enum Use {
        case encrypt(RSAPadding)
        case decrypt(RSAPadding)
        case sign(RSASignaturePadding, DigestAlgorithm)
        case verify(RSASignaturePadding, DigestAlgorithm)
    }

    private let key: OpaquePointer
    private let context: OpaquePointer
    private let modulusByteCount: Int
    /// What is decrypted is shorter than what OpenSSL wants room for.
    private let decrypted: SecretBytes

    /// Takes over a key object, even when it throws.
    @unsafe init(_ use: Use, key: OpaquePointer, library: CryptoLibrary) throws(CryptoError) {
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(library.context, key, nil) else {
            unsafe EVP_PKEY_free(key)
            throw .libraryFailure("EVP_PKEY_CTX_new_from_pkey")
        }
        unsafe self.key = key
        unsafe self.context = context
        modulusByteCount = unsafe Int(EVP_PKEY_get_size(key))
        var decryptedByteCount = 0
        if case .decrypt = use { decryptedByteCount = modulusByteCount }
        decrypted = SecretBytes(byteCount: decryptedByteCount)
        let isSetUp =
            switch use {
            case .encrypt(let padding):
                unsafe EVP_PKEY_encrypt_init(context) == 1 && Self.set(padding, context)
            case .decrypt(let padding):
                unsafe EVP_PKEY_decrypt_init(context) == 1 && Self.set(padding, context)
            case .sign(let padding, let digest):
                unsafe EVP_PKEY_sign_init(context) == 1
                    && Self.set(padding, digest, context, library)
            case .verify(let padding, let digest):
                unsafe EVP_PKEY_verify_init(context) == 1
                    && Self.set(padding, digest, context, library)
            }
        guard isSetUp else { throw .libraryFailure("setting up RSA") }
    }

    @unsafe private static func set(_ padding: RSAPadding, _ context: OpaquePointer) -> Bool {
        let digest =
            switch padding {
            case .pkcs1: nil as String?
            case .oaepSHA1: "SHA1"
            case .oaepSHA256: "SHA2-256"
            }
        guard let digest else {
            return unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1
        }
        return unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_oaep_md_name(context, digest, nil) == 1
            && EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, digest, nil) == 1
    }

    @unsafe private static func set(
        _ padding: RSASignaturePadding, _ digest: DigestAlgorithm, _ context: OpaquePointer,
        _ library: CryptoLibrary
    ) -> Bool {
        let algorithm = unsafe EVP_MD_fetch(library.context, "\(digest.name)", nil)
        defer { unsafe EVP_MD_free(algorithm) }
        let isPSS = padding == .pss
        guard unsafe algorithm != nil,
            unsafe EVP_PKEY_CTX_set_rsa_padding(
                context, isPSS ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING) == 1,
            unsafe EVP_PKEY_CTX_set_signature_md(context, algorithm) == 1
        else { return false }
        return unsafe !isPSS
            || EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1
    }

    deinit {
        unsafe EVP_PKEY_CTX_free(context)
        unsafe EVP_PKEY_free(key)
    }

    func encrypt(_ secret: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        try [UInt8](filling: modulusByteCount) { wrapped throws(CryptoError) in
            var byteCount = wrapped.count
            let isWrapped = unsafe secret.withUnsafeBufferPointer { secret in
                unsafe wrapped.withUnsafeMutableBufferPointer { wrapped in
                    // OAEP of nothing is fine, a null pointer isn't: then of no bytes of `wrapped`.
                    unsafe EVP_PKEY_encrypt(
                        context, wrapped.baseAddress, &byteCount,
                        secret.baseAddress ?? UnsafePointer(wrapped.baseAddress), secret.count)
                        == 1
                }
            }
            guard isWrapped else { throw .libraryFailure("RSA encryption") }
        }
    }

    func decrypt(_ encrypted: Span<UInt8>) throws(CryptoError) -> SecretBytes {
        var byteCount = decrypted.byteCount
        defer { unsafe decrypted.start.update(repeating: 0, count: decrypted.byteCount) }
        let isDecrypted = unsafe encrypted.withUnsafeBufferPointer { encrypted in
            unsafe EVP_PKEY_decrypt(
                context, decrypted.start, &byteCount, encrypted.baseAddress, encrypted.count) == 1
        }
        guard isDecrypted else {
            ERR_clear_error()
            throw .unwrapFailed
        }
        return SecretBytes(
            copying: unsafe Span(_unsafeStart: decrypted.start, count: byteCount))
    }

    func sign(_ digest: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        try [UInt8](filling: modulusByteCount) { signature throws(CryptoError) in
            var byteCount = signature.count
            let isSigned = unsafe digest.withUnsafeBufferPointer { digest in
                unsafe signature.withUnsafeMutableBufferPointer { signature in
                    unsafe EVP_PKEY_sign(
                        context, signature.baseAddress, &byteCount, digest.baseAddress,
                        digest.count) == 1
                }
            }
            guard isSigned, byteCount == signature.count else {
                throw .libraryFailure("an RSA signature")
            }
        }
    }

    func verify(_ signature: Span<UInt8>, of digest: Span<UInt8>) -> Bool {
        let isValid = unsafe digest.withUnsafeBufferPointer { digest in
            unsafe signature.withUnsafeBufferPointer { signature in
                unsafe EVP_PKEY_verify(
                    context, signature.baseAddress, signature.count, digest.baseAddress,
                    digest.count) == 1
            }
        }
        ERR_clear_error()
        return isValid
    }
}

/// A key's idle operations: a caller takes one or makes one, and gives it back.
struct RSAOperationPool: ~Copyable, Sendable {
    /// More than this many idle ones are freed: a burst of callers needn't be remembered for ever.
    private static let idleLimit = 16

    private let idle = Mutex<[RSAOperation]>([])

    borrowing func withOperation<R: ~Copyable>(
        makingWith make: () throws(CryptoError) -> RSAOperation,
        _ body: (RSAOperation) throws(CryptoError) -> R
    ) throws(CryptoError) -> R {
        let operation: RSAOperation
        // The last one given back is the likeliest to belong to this thread and to be in its cache.
        if let taken = idle.withLock({ $0.popLast() }) {
            operation = taken
        } else {
            operation = try make()
        }
        defer { giveBack(operation) }
        return try body(operation)
    }

    borrowing func giveBack(_ operation: RSAOperation) {
        idle.withLock { idle in
            if idle.count < Self.idleLimit { idle.append(operation) }
        }
    }
}
