internal import COpenSSL

extension CryptoLibrary {
    /// Fills `bytes` from the generator that is kept for secrets (this thread's private CTR-DRBG).
    ///
    /// A call costs about 1 µs whatever the length up to some hundred bytes: ask once for several
    /// values. The generator reseeds itself in a forked child.
    ///
    /// - Throws: `library` when the system has no entropy; `bytes` then hold nothing of use.
    public func random(_ bytes: inout MutableSpan<UInt8>) throws(CryptoError) {
        unsafe try generate(&bytes, RAND_get0_private(context))
    }

    /// A secret of random bytes.
    public func randomSecret(byteCount: Int) throws(CryptoError) -> SecretBytes {
        var secret = SecretBytes(byteCount: byteCount)
        try secret.withMutableBytes { (bytes) throws(CryptoError) in try random(&bytes) }
        return secret
    }

    /// Random bytes that anyone may see, such as ids and revisions, from the generator that is kept
    /// for them.
    public func randomBytes(byteCount: Int) throws(CryptoError) -> [UInt8] {
        try [UInt8](filling: byteCount) { bytes throws(CryptoError) in
            unsafe try generate(&bytes, RAND_get0_public(context))
        }
    }

    // RAND_bytes_ex would do the same after looking for an engine and reading openssl.cnf.
    private func generate(
        _ bytes: inout MutableSpan<UInt8>, _ generator: OpaquePointer?
    ) throws(CryptoError) {
        guard bytes.count > 0 else { return }
        let strengthBits: UInt32 = 256
        let isGenerated = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
            guard let generator = unsafe generator else { return false }
            return unsafe EVP_RAND_generate(
                generator, bytes.baseAddress, bytes.count, strengthBits, 0, nil, 0) == 1
        }
        guard isGenerated else { throw .libraryFailure("EVP_RAND_generate") }
    }
}
