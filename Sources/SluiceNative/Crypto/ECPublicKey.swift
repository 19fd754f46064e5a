internal import COpenSSL

/// A public key on an elliptic curve, for verifying ECDSA. Safe from many threads at once.
public final class ECPublicKey: Sendable {
    /// The curve.
    public let curve: EllipticCurve

    private let library: CryptoLibrary
    private let layout: ECKeyNumbers
    /// As SEC 1 has it uncompressed: 4, x, y.
    private let point: [UInt8]

    /// Makes a key of its coordinates, big-endian, which may come from anywhere: whether they are of a point of the curve
    /// is found out at the first ``verify(_:of:)``.
    ///
    /// - Throws: `malformedKey` for one that is too long.
    public convenience init(
        _ curve: EllipticCurve, x: [UInt8], y: [UInt8], library: CryptoLibrary
    ) throws(CryptoError) {
        let layout = ECKeyNumbers(curve)
        self.init(layout, point: try layout.point(x: x, y: y), library: library)
    }

    init(_ layout: ECKeyNumbers, point: [UInt8], library: CryptoLibrary) {
        curve = layout.curve
        self.layout = layout
        self.point = point
        self.library = library
    }

    /// The point's first coordinate, big-endian, of the curve's length.
    public var x: [UInt8] { Array(point[1...curve.byteCount]) }

    /// The point's second coordinate, likewise.
    public var y: [UInt8] { Array(point[(1 + curve.byteCount)...]) }

    /// Whether a signature, r and s as ``ECPrivateKey/sign(_:)`` makes them, is one of a digest by the private key.
    ///
    /// - Throws: `invalidParameter` for a digest of another length than those of the curve's algorithm; `malformedKey`.
    public func verify(
        _ signature: Span<UInt8>, of digest: Span<UInt8>
    ) throws(CryptoError) -> Bool {
        try curve.digest.require(digest, for: "verify")
        guard signature.count == 2 * curve.byteCount else { return false }
        var form = [UInt8](repeating: 0, count: 8) + point
        var span = form.mutableSpan
        let key = unsafe try span.withUnsafeMutableBufferPointer { form throws(CryptoError) in
            guard let form = form.baseAddress else { preconditionFailure() }
            return unsafe try layout.makeKey(form, .publicKey, library: library)
        }
        defer { unsafe EVP_PKEY_free(key) }
        guard let context = unsafe EVP_PKEY_CTX_new_from_pkey(library.context, key, nil) else {
            throw .libraryFailure("EVP_PKEY_CTX_new_from_pkey")
        }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        let encoded = ECSignature.encoded([UInt8](copying: signature))
        let isValid = unsafe digest.withUnsafeBufferPointer { digest in
            unsafe EVP_PKEY_verify_init(context) == 1
                && EVP_PKEY_verify(
                    context, encoded, encoded.count, digest.baseAddress, digest.count) == 1
        }
        ERR_clear_error()
        return isValid
    }
}
