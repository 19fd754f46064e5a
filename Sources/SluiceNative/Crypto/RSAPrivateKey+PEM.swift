internal import COpenSSL

extension RSAPrivateKey {
    /// Reads a PEM file's bytes: an unencrypted PKCS#1 or PKCS#8 private key of RSA-2048.
    ///
    /// The key is checked thoroughly (primes, and that the halves belong together), which takes
    /// some tens of milliseconds. OpenSSL's decoders leave copies of `pem` that they free; whether
    /// wiped is theirs.
    ///
    /// - Throws: `unsupportedKey` for a key that is encrypted, public only, of another algorithm or
    ///   size; `malformedKey` for anything that isn't one sound key. Reasons say what was found; those
    ///   of unsupported keys, what is needed, too.
    public convenience init(pem: Span<UInt8>, library: CryptoLibrary) throws(CryptoError) {
        try self.init(numbers: Self.numbers(ofPEM: pem, library: library), library: library)
    }

    // MARK: Reading

    private static func numbers(
        ofPEM pem: Span<UInt8>, library: CryptoLibrary
    ) throws(CryptoError) -> SecretBytes {
        // Of several keys OpenSSL would take the first.
        let keyCount = labels(of: pem).count(where: { $0.hasSuffix("PRIVATE KEY") })
        guard keyCount <= 1 else {
            throw .malformedKey(reason: "it holds \(keyCount) private keys")
        }
        guard let key = unsafe read(pem, library: library) else {
            ERR_clear_error()
            throw refusal(of: pem)
        }
        defer { unsafe EVP_PKEY_free(key) }
        guard unsafe EVP_PKEY_is_a(key, "RSA") == 1 else {
            let name = unsafe EVP_PKEY_get0_type_name(key).map { unsafe String(cString: $0) }
            throw .unsupportedKey(
                reason: "its type is \(name ?? "unknown"); RSA of 2048 bits is needed")
        }
        let bitCount = unsafe Int(EVP_PKEY_get_bits(key))
        guard bitCount == RSAKeyNumbers.modulusBitCount else {
            throw .unsupportedKey(reason: "it has \(bitCount) bits; RSA of 2048 bits is needed")
        }
        guard let checker = unsafe EVP_PKEY_CTX_new_from_pkey(library.context, key, nil) else {
            throw .libraryFailure("EVP_PKEY_CTX_new_from_pkey")
        }
        defer { unsafe EVP_PKEY_CTX_free(checker) }
        guard unsafe EVP_PKEY_check(checker) == 1 else {
            throw .malformedKey(reason: OpenSSLErrors.takeReason())
        }
        return unsafe try RSAKeyNumbers.extract(from: key)
    }

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
        let labels = labels(of: pem)
        if labels.contains("ENCRYPTED PRIVATE KEY") || contains(pem, "Proc-Type: 4,ENCRYPTED") {
            return .unsupportedKey(reason: "it is encrypted; decrypt it first, with `openssl pkey`")
        }
        if let other = labels.first(where: { $0.hasSuffix("PRIVATE KEY") }) {
            guard other == "PRIVATE KEY" || other == "RSA PRIVATE KEY" else {
                return .unsupportedKey(reason: "it is an \(other); RSA of 2048 bits is needed")
            }
            return .malformedKey(reason: "its contents can't be decoded")
        }
        if let other = labels.first {
            return .unsupportedKey(reason: "it is a \(other); a private key is needed")
        }
        return .malformedKey(reason: "it isn't PEM")
    }

    /// The labels of the blocks: what stands between `-----BEGIN ` and `-----`.
    private static func labels(of pem: Span<UInt8>) -> [String] {
        let opening = "-----BEGIN "
        let longestLabel = 40
        var labels: [String] = []
        for start in pem.indices
        where pem[start] == UInt8(ascii: "-") && matches(pem, start, opening) {
            let first = start + opening.utf8.count
            let limit = min(pem.count, first + longestLabel)
            guard let end = (first..<limit).first(where: { pem[$0] == UInt8(ascii: "-") }) else {
                continue
            }
            let label = (first..<end).map { Character(Unicode.Scalar(pem[$0])) }
            // A reason is shown on terminals.
            guard label.allSatisfy({ $0 == " " || $0.isASCII && ($0.isLetter || $0.isNumber) })
            else { continue }
            labels.append(String(label))
        }
        return labels
    }

    private static func contains(_ bytes: Span<UInt8>, _ text: String) -> Bool {
        bytes.indices.contains { matches(bytes, $0, text) }
    }

    private static func matches(_ bytes: Span<UInt8>, _ start: Int, _ text: String) -> Bool {
        let text = text.utf8
        guard bytes.count - start >= text.count else { return false }
        return zip(start..., text).allSatisfy { bytes[$0] == $1 }
    }
}
