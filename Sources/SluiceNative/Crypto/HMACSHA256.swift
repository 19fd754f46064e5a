internal import COpenSSL

/// HMAC-SHA-256 (RFC 2104) under one key: keyed once, used many times, by one thread at a time.
///
/// The key is kept in OpenSSL's context, outside the arena, and wiped with it when the value goes.
@safe public struct HMACSHA256: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer

    /// Keys a context.
    ///
    /// - Parameter key: At least one byte.
    public init(key: Span<UInt8>, library: CryptoLibrary) throws(CryptoError) {
        defer { clearVectorRegisters() }
        precondition(key.count > 0, "an empty HMAC key")
        let context = unsafe try Self.makeContext(library)
        let isKeyed = unsafe key.withUnsafeBufferPointer { key in
            unsafe EVP_MAC_init(context, key.baseAddress, key.count, nil) == 1
        }
        guard isKeyed else {
            unsafe EVP_MAC_CTX_free(context)
            throw .libraryFailure("EVP_MAC_init")
        }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MAC_CTX_free(context)
    }

    /// The authentication code of a message: 0.3 µs for a short one. Compare codes with
    /// `constantTimeEqual`.
    public mutating func authenticate(_ message: Span<UInt8>) throws(CryptoError) -> Digest256 {
        defer { clearVectorRegisters() }
        var code = Digest256(repeating: 0)
        var output = code.mutableSpan
        let isFinished = unsafe message.withUnsafeBufferPointer { message in
            unsafe output.withUnsafeMutableBufferPointer { output in
                // No key: the last one again.
                guard unsafe EVP_MAC_init(context, nil, 0, nil) == 1,
                    unsafe message.isEmpty
                        || EVP_MAC_update(context, message.baseAddress, message.count) == 1
                else { return false }
                return unsafe EVP_MAC_final(context, output.baseAddress, nil, output.count) == 1
            }
        }
        guard isFinished else { throw .libraryFailure("EVP_MAC") }
        return code
    }

    /// A context for HMAC-SHA-256, not keyed yet.
    @unsafe static func makeContext(_ library: CryptoLibrary) throws(CryptoError) -> OpaquePointer {
        guard let context = unsafe EVP_MAC_CTX_new(library.hmac) else {
            throw .libraryFailure("EVP_MAC_CTX_new")
        }
        let parameters = unsafe [
            textParameter("digest", "SHA2-256"), OSSL_PARAM_construct_end(),
        ]
        let isSet = unsafe parameters.span.withUnsafeBufferPointer { parameters in
            unsafe EVP_MAC_CTX_set_params(context, parameters.baseAddress) == 1
        }
        guard isSet else {
            unsafe EVP_MAC_CTX_free(context)
            throw .libraryFailure("EVP_MAC_CTX_set_params")
        }
        return unsafe context
    }
}
