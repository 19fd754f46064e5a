internal import COpenSSL
internal import Synchronization

/// A key and a context that is set up for RSA-OAEP-256 in one direction, used by one thread at a
/// time.
///
/// Each has a key object of its own: OpenSSL locks a key that several threads share (its blinding).
@safe final class RSAOperation: @unchecked Sendable {
    enum Direction {
        case wrap
        case unwrap
    }

    private let key: OpaquePointer
    private let context: OpaquePointer
    /// What is unwrapped is shorter than what OpenSSL wants room for.
    private let unwrapped: SecretBytes

    /// Takes over a key object, even when it throws.
    @unsafe init(
        _ direction: Direction, key: OpaquePointer, library: CryptoLibrary
    ) throws(CryptoError) {
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(library.context, key, nil) else {
            unsafe EVP_PKEY_free(key)
            throw .libraryFailure("EVP_PKEY_CTX_new_from_pkey")
        }
        unsafe self.key = key
        unsafe self.context = context
        unwrapped = SecretBytes(
            byteCount: direction == .unwrap ? RSAKeyNumbers.modulusByteCount : 0)
        let isInitialised =
            unsafe direction == .unwrap
            ? EVP_PKEY_decrypt_init(context) : EVP_PKEY_encrypt_init(context)
        guard isInitialised == 1,
            unsafe EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_oaep_md_name(context, "SHA2-256", nil) == 1,
            unsafe EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, "SHA2-256", nil) == 1
        else { throw .libraryFailure("setting up RSA-OAEP") }
    }

    deinit {
        unsafe EVP_PKEY_CTX_free(context)
        unsafe EVP_PKEY_free(key)
    }

    func wrap(_ secret: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        try [UInt8](filling: RSAKeyNumbers.modulusByteCount) { wrapped throws(CryptoError) in
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
            guard isWrapped else { throw .libraryFailure("RSA-OAEP-256 wrap") }
        }
    }

    func unwrap(_ wrapped: Span<UInt8>) throws(CryptoError) -> SecretBytes {
        var byteCount = unwrapped.byteCount
        defer { unsafe unwrapped.start.update(repeating: 0, count: unwrapped.byteCount) }
        let isUnwrapped = unsafe wrapped.withUnsafeBufferPointer { wrapped in
            unsafe EVP_PKEY_decrypt(
                context, unwrapped.start, &byteCount, wrapped.baseAddress, wrapped.count) == 1
        }
        guard isUnwrapped else {
            ERR_clear_error()
            throw .unwrapFailed
        }
        return SecretBytes(
            copying: unsafe Span(_unsafeStart: unwrapped.start, count: byteCount))
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
