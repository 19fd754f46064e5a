internal import COpenSSL

extension CryptoLibrary {
    /// The SHA-1 digest of some bytes, 20 of them: for forms of files that have one. It protects nothing. Safe from any
    /// thread.
    public func sha1(_ bytes: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        guard let algorithm = unsafe EVP_MD_fetch(context, "SHA1", nil) else {
            throw .libraryFailure("EVP_MD_fetch")
        }
        defer { unsafe EVP_MD_free(algorithm) }
        return try [UInt8](filling: 20) { digest throws(CryptoError) in
            let isDigested = unsafe bytes.withUnsafeBytes { bytes in
                unsafe digest.withUnsafeMutableBufferPointer { digest in
                    unsafe EVP_Digest(
                        bytes.baseAddress, bytes.count, digest.baseAddress, nil, algorithm, nil)
                        == 1
                }
            }
            guard isDigested else { throw .libraryFailure("EVP_Digest") }
        }
    }
}
