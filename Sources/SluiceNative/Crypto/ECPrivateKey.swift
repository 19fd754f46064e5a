internal import COpenSSL

/// A private key on an elliptic curve, for signing with ECDSA. Safe from many threads at once, which don't wait for each
/// other.
///
/// Its numbers are kept in the arena; OpenSSL's copies lie outside it, for as long as a signature takes, and are wiped.
public final class ECPrivateKey: Sendable {
    /// The public half.
    public let publicKey: ECPublicKey

    private let library: CryptoLibrary
    private let layout: ECKeyNumbers
    private let form: SecretBytes

    /// Makes a new key.
    public static func generate(
        _ curve: EllipticCurve, _ library: CryptoLibrary
    ) throws(CryptoError) -> ECPrivateKey {
        let key = unsafe try generateKey("EC", library: library) { generator in
            unsafe EVP_PKEY_CTX_set_group_name(generator, "\(curve.groupName)") == 1
        }
        defer { unsafe EVP_PKEY_free(key) }
        return unsafe try ECPrivateKey(taking: key, curve, library: library)
    }

    /// Loads what ``storedForm()`` returned, which is to come from storage that is authenticated.
    ///
    /// - Throws: `malformedKey`.
    public convenience init(
        storedForm: Span<UInt8>, library: CryptoLibrary
    ) throws(CryptoError) {
        let layout = try ECKeyNumbers(of: storedForm)
        try self.init(form: SecretBytes(copying: storedForm), layout, library: library)
        // Finds out now whether OpenSSL accepts the key.
        unsafe EVP_PKEY_free(try makeKey())
    }

    private init(
        form: consuming SecretBytes, _ layout: ECKeyNumbers, library: CryptoLibrary
    ) throws(CryptoError) {
        let point = form.withBytes { form in
            [UInt8](copying: form.extracting(8..<8 + layout.pointByteCount))
        }
        publicKey = ECPublicKey(layout, point: point, library: library)
        self.library = library
        self.layout = layout
        self.form = form
    }

    /// The key in the form that loads fastest, unencrypted: at most 207 bytes.
    public func storedForm() -> SecretBytes { form.copy() }

    /// Signs a digest with ECDSA: r and s, big-endian, each as long as the curve's coordinates.
    ///
    /// - Throws: `invalidParameter` for a digest of another length than those of the curve's algorithm.
    public func sign(_ digest: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        try layout.curve.digest.require(digest, for: "sign")
        let key = unsafe try makeKey()
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(library.context, key, nil) else {
            throw .libraryFailure("EVP_PKEY_CTX_new_from_pkey")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var signature = [UInt8](repeating: 0, count: unsafe Int(EVP_PKEY_get_size(key)))
        var byteCount = signature.count
        var span = signature.mutableSpan
        let isSigned = unsafe digest.withUnsafeBufferPointer { digest in
            unsafe span.withUnsafeMutableBufferPointer { signature in
                unsafe EVP_PKEY_sign_init(context) == 1
                    && EVP_PKEY_sign(
                        context, signature.baseAddress, &byteCount, digest.baseAddress,
                        digest.count) == 1
            }
        }
        guard isSigned,
            let raw = ECSignature.raw(signature[..<byteCount], layout.curve.byteCount)
        else { throw .libraryFailure("an ECDSA signature") }
        return raw
    }

    @unsafe private func makeKey() throws(CryptoError) -> OpaquePointer {
        unsafe try layout.makeKey(form.start, .keyPair, library: library)
    }
}

// MARK: - From elsewhere

extension ECPrivateKey {
    /// Takes over numbers from anywhere, which are checked.
    ///
    /// - Throws: `malformedKey` if they are of no point, or contradict each other.
    convenience init(
        checking curve: EllipticCurve, x: [UInt8], y: [UInt8], secret: SharedSecret,
        library: CryptoLibrary
    ) throws(CryptoError) {
        let layout = ECKeyNumbers(curve)
        let point = try layout.point(x: x, y: y)
        let form = try layout.form(point: point) { form, place throws(CryptoError) in
            guard secret.writeNumber(to: &form, place) else {
                throw .malformedKey(reason: "its secret number is too long")
            }
        }
        let key = unsafe try layout.makeKey(form.start, .keyPair, library: library)
        defer { unsafe EVP_PKEY_free(key) }
        unsafe try requireSound(key, library: library)
        try self.init(form: form, layout, library: library)
    }

    /// Takes over a key of OpenSSL's, which is checked.
    ///
    /// - Throws: `unsupportedKey` for another curve; `malformedKey`.
    @unsafe convenience init(
        checking key: OpaquePointer, library: CryptoLibrary
    ) throws(CryptoError) {
        var text = [CChar](repeating: 0, count: 64)
        var byteCount = 0
        let hasName = unsafe EVP_PKEY_get_group_name(key, &text, text.count, &byteCount) == 1
        let name = String(
            decoding: text.prefix(hasName ? byteCount : 0).map(UInt8.init(bitPattern:)),
            as: UTF8.self)
        let curve = EllipticCurve.allCases.first { "\($0.groupName)" == name }
        guard let curve else {
            ERR_clear_error()
            throw .unsupportedKey(
                reason: "its curve is another than P-256, P-384, P-521 and secp256k1")
        }
        unsafe try requireSound(key, library: library)
        unsafe try self.init(taking: key, curve, library: library)
    }

    /// Takes over a sound key.
    @unsafe fileprivate convenience init(
        taking key: OpaquePointer, _ curve: EllipticCurve, library: CryptoLibrary
    ) throws(CryptoError) {
        let layout = ECKeyNumbers(curve)
        guard let x = unsafe number("qx", of: key), let y = unsafe number("qy", of: key),
            let secret = unsafe number("priv", of: key)
        else { throw .malformedKey(reason: "it lacks a number") }
        defer {
            unsafe BN_free(x)
            unsafe BN_free(y)
            unsafe BN_clear_free(secret)
        }
        let point = try layout.point(
            x: unsafe Self.bytes(of: x, curve), y: unsafe Self.bytes(of: y, curve))
        let form = try layout.form(point: point) { form, place throws(CryptoError) in
            let isWritten = unsafe form.withUnsafeMutableBufferPointer { form in
                unsafe BN_bn2lebinpad(
                    secret, form.baseAddress.map { unsafe $0 + place.lowerBound },
                    Int32(place.count)) > 0
            }
            guard isWritten else { throw .libraryFailure("BN_bn2lebinpad") }
        }
        try self.init(form: form, layout, library: library)
    }

    @unsafe private static func bytes(
        of number: OpaquePointer, _ curve: EllipticCurve
    ) throws(CryptoError) -> [UInt8] {
        try [UInt8](filling: curve.byteCount) { bytes throws(CryptoError) in
            let isWritten = unsafe bytes.withUnsafeMutableBufferPointer { bytes in
                unsafe BN_bn2binpad(number, bytes.baseAddress, Int32(bytes.count)) > 0
            }
            guard isWritten else { throw .libraryFailure("BN_bn2binpad") }
        }
    }
}
