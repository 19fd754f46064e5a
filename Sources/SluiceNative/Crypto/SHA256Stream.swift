internal import COpenSSL

/// A SHA-256 digest (FIPS 180-4) of bytes that come in pieces. One thread at a time.
@safe public struct SHA256Stream: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer

    /// Begins a digest.
    public init(_ library: CryptoLibrary) throws(CryptoError) {
        guard let context = unsafe EVP_MD_CTX_new() else {
            throw .libraryFailure("EVP_MD_CTX_new")
        }
        guard unsafe EVP_DigestInit_ex2(context, library.sha256, nil) == 1 else {
            unsafe EVP_MD_CTX_free(context)
            throw .libraryFailure("EVP_DigestInit_ex2")
        }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    /// Appends bytes to what is digested.
    public mutating func update(_ bytes: Span<UInt8>) throws(CryptoError) {
        let isUpdated = unsafe bytes.withUnsafeBytes { bytes in
            unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
        }
        guard isUpdated else { throw .libraryFailure("EVP_DigestUpdate") }
    }

    /// Returns the digest of the bytes so far and begins another.
    public mutating func finish() throws(CryptoError) -> Digest256 {
        var digest = Digest256(repeating: 0)
        var bytes = digest.mutableSpan
        let isFinished = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            unsafe EVP_DigestFinal_ex(context, bytes.baseAddress, nil) == 1
        }
        // No digest named: the same again.
        guard isFinished, unsafe EVP_DigestInit_ex2(context, nil, nil) == 1 else {
            throw .libraryFailure("EVP_DigestFinal_ex")
        }
        return digest
    }
}

extension CryptoLibrary {
    /// The SHA-256 digest of some bytes. Safe from any thread.
    public func sha256(_ bytes: Span<UInt8>) throws(CryptoError) -> Digest256 {
        var digest = Digest256(repeating: 0)
        var output = digest.mutableSpan
        let isDigested = unsafe bytes.withUnsafeBytes { bytes in
            unsafe output.withUnsafeMutableBufferPointer { output in
                unsafe EVP_Digest(
                    bytes.baseAddress, bytes.count, output.baseAddress, nil, sha256, nil) == 1
            }
        }
        guard isDigested else { throw .libraryFailure("EVP_Digest") }
        return digest
    }
}
