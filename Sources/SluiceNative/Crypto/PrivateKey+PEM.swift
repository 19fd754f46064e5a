internal import COpenSSL

extension PrivateKey {
    /// Reads a PEM file's bytes: an unencrypted private key in PKCS#1, SEC 1 or PKCS#8, RSA of 2048, 3072 or 4096 bits
    /// or on an ``EllipticCurve``.
    ///
    /// The key is checked thoroughly (primes, that the halves belong together, and for what is known to make
    /// a key weak), which takes some tens of milliseconds, with more bits up to a second. OpenSSL's decoders leave copies
    /// of `pem` that they free; whether wiped is theirs.
    ///
    /// - Throws: `unsupportedKey` for a key that is encrypted, public only, of another algorithm or
    ///   size, or weak; `malformedKey` for anything that isn't one sound key. Reasons say what was found; those
    ///   of unsupported keys, what is needed, too.
    public init(pem: Span<UInt8>, library: CryptoLibrary) throws(CryptoError) {
        // Of several keys OpenSSL would take the first.
        let keyCount = PEMLabels(pem).labels.count(where: { $0.hasSuffix("PRIVATE KEY") })
        guard keyCount <= 1 else {
            throw .malformedKey(reason: "it holds \(keyCount) private keys")
        }
        guard let key = unsafe Self.read(pem, library: library) else {
            ERR_clear_error()
            throw Self.refusal(of: pem)
        }
        defer { unsafe EVP_PKEY_free(key) }
        if unsafe EVP_PKEY_is_a(key, "RSA") == 1 {
            self = .rsa(unsafe try RSAPrivateKey(checking: key, library: library))
        } else if unsafe EVP_PKEY_is_a(key, "EC") == 1 {
            self = .elliptic(unsafe try ECPrivateKey(checking: key, library: library))
        } else {
            let name = unsafe EVP_PKEY_get0_type_name(key).map { unsafe String(cString: $0) }
            throw .unsupportedKey(
                reason: "its type is \(name ?? "unknown"); RSA or an elliptic curve is needed")
        }
    }

    // MARK: Reading

    /// Decodes the first private key, or returns nil.
    @unsafe private static func read(
        _ pem: Span<UInt8>, library: CryptoLibrary
    ) -> OpaquePointer? {
        guard pem.count <= Int32.max else { return nil }
        return unsafe pem.withUnsafeBytes { pem in
            guard let source = unsafe BIO_new_mem_buf(pem.baseAddress, Int32(pem.count)) else {
                return nil
            }
            defer { unsafe BIO_free(source) }
            // Without this answer OpenSSL would ask for a passphrase on the terminal.
            return unsafe PEM_read_bio_PrivateKey_ex(
                source, nil, { _, _, _, _ in -1 }, nil, library.context, nil)
        }
    }

    // MARK: Refusing

    /// Why OpenSSL couldn't read a private key, as far as the labels tell.
    private static func refusal(of pem: Span<UInt8>) -> CryptoError {
        switch KeyFileForm(of: pem) {
        case .encryptedPEM: return .unsupportedKey(reason: "it is encrypted")
        case .openSSH: return .unsupportedKey(reason: "it is in OpenSSH's own format")
        case .publicKey:
            return .unsupportedKey(reason: "it is a public key; a private key is needed")
        case .certificate:
            return .unsupportedKey(reason: "it is a certificate; a private key is needed")
        case .der: return .unsupportedKey(reason: "it is DER, not PEM")
        case .pkcs12: return .unsupportedKey(reason: "it is PKCS #12 (PFX), not PEM")
        case .jwk: return .unsupportedKey(reason: "it is a JWK, not PEM")
        case .pem, .other: break
        }
        let labels = PEMLabels(pem).labels
        if let other = labels.first(where: { $0.hasSuffix("PRIVATE KEY") }) {
            guard ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"].contains(other) else {
                return .unsupportedKey(
                    reason: "it is a \(other); RSA or an elliptic curve is needed")
            }
            return .malformedKey(reason: "its contents can't be decoded")
        }
        if let other = labels.first {
            return .unsupportedKey(reason: "it is a \(other); a private key is needed")
        }
        return .malformedKey(reason: "it isn't PEM")
    }
}
