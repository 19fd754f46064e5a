internal import COpenSSL

/// The numbers of an elliptic key as one run of bytes, from which OpenSSL builds a key without decoding.
///
/// This is the stored form: 5 bytes `ECKEY`, a zero, the curve's code and the version 1; the public point as SEC 1 has it
/// uncompressed (4, x, y, big-endian); and the secret number, little-endian. All of fixed length.
struct ECKeyNumbers: Sendable {
    let curve: EllipticCurve

    private static let head = Array("ECKEY".utf8) + [0]
    private static let headByteCount = 8
    private static let version: UInt8 = 1

    var pointByteCount: Int { 1 + 2 * curve.byteCount }
    var secretOffset: Int { Self.headByteCount + pointByteCount }
    var storedByteCount: Int { secretOffset + curve.byteCount }

    init(_ curve: EllipticCurve) { self.curve = curve }

    /// The layout of a stored form, by its first bytes.
    ///
    /// - Throws: `malformedKey` if they are none of ours, or the form has another length than they say.
    init(of form: Span<UInt8>) throws(CryptoError) {
        guard Self.isForm(form), form.count > Self.headByteCount, form[7] == Self.version,
            let curve = EllipticCurve.allCases.first(where: { $0.code == form[6] })
        else { throw .malformedKey(reason: "the stored form is of another version") }
        self.curve = curve
        guard form.count == storedByteCount else {
            throw .malformedKey(reason: "the stored form has the wrong length")
        }
    }

    /// Whether bytes begin as a stored form does.
    static func isForm(_ bytes: Span<UInt8>) -> Bool {
        bytes.count >= head.count && head.indices.allSatisfy { bytes[$0] == head[$0] }
    }

    /// The public point of coordinates, big-endian, with leading zeros or without.
    ///
    /// - Throws: `malformedKey` for one that is too long.
    func point(x: [UInt8], y: [UInt8]) throws(CryptoError) -> [UInt8] {
        var point: [UInt8] = [4]
        for coordinate in [x, y] {
            let digits = Array(coordinate.drop { $0 == 0 })
            guard digits.count <= curve.byteCount else {
                throw .malformedKey(reason: "a coordinate is too long for the curve")
            }
            point += [UInt8](repeating: 0, count: curve.byteCount - digits.count) + digits
        }
        return point
    }

    /// A stored form of a point and a number that `write` writes to its place, little-endian.
    func form<Failure: Error>(
        point: [UInt8],
        _ write: (inout MutableSpan<UInt8>, Range<Int>) throws(Failure) -> Void
    ) throws(Failure) -> SecretBytes {
        var form = SecretBytes(byteCount: storedByteCount)
        try form.withMutableBytes { form throws(Failure) in
            let start = Self.head + [curve.code, Self.version] + point
            form.copyPrefix(of: start.span)
            try write(&form, secretOffset..<storedByteCount)
        }
        return form
    }

    /// Builds a key pair of a stored form, or a public key of what comes before the secret number.
    @unsafe func makeKey(
        _ form: UnsafeMutablePointer<UInt8>, _ halves: KeyHalves, library: CryptoLibrary
    ) throws(CryptoError) -> OpaquePointer {
        var parameters = unsafe [
            textParameter("group", curve.groupName),
            bytesParameter("pub", form + Self.headByteCount, byteCount: pointByteCount),
        ]
        if halves == .keyPair {
            unsafe parameters.append(
                numberParameter("priv", form + secretOffset, byteCount: curve.byteCount))
        }
        return unsafe try SluiceNative.makeKey("EC", parameters, halves, library: library)
    }
}
