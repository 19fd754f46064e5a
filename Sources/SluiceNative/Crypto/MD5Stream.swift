internal import COpenSSL

/// An MD5 digest (RFC 1321) of bytes that come in pieces: as clients of storage services compare bytes. It protects nothing.
/// One thread at a time.
@safe public struct MD5Stream: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer

    /// Begins a digest. Throws where OpenSSL has no MD5, as with its FIPS provider.
    public init(_ library: CryptoLibrary) throws(CryptoError) {
        guard let algorithm = unsafe EVP_MD_fetch(library.context, "MD5", nil) else {
            throw .libraryFailure("EVP_MD_fetch")
        }
        defer { unsafe EVP_MD_free(algorithm) }
        guard let context = unsafe EVP_MD_CTX_new() else {
            throw .libraryFailure("EVP_MD_CTX_new")
        }
        guard unsafe EVP_DigestInit_ex2(context, algorithm, nil) == 1 else {
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

    /// Returns the digest of all bytes, 16 of them.
    public consuming func finish() throws(CryptoError) -> [UInt8] {
        try [UInt8](filling: 16) { digest throws(CryptoError) in
            let isFinished = unsafe digest.withUnsafeMutableBufferPointer { digest in
                unsafe EVP_DigestFinal_ex(context, digest.baseAddress, nil) == 1
            }
            guard isFinished else { throw .libraryFailure("EVP_DigestFinal_ex") }
        }
    }
}
