internal import COpenSSL
internal import Synchronization

/// An RSA public key of 2048, 3072 or 4096 bits: it wraps with RSA-OAEP-256, encrypts and verifies. Safe from many
/// threads at once, which don't wait for each other.
public final class RSAPublicKey: Sendable {
    /// The modulus, 256 to 512 bytes, the most significant first.
    public let modulus: [UInt8]

    /// The public exponent, the most significant byte first and not zero.
    public let exponent: [UInt8]

    private let library: CryptoLibrary
    private let layout: RSAKeyNumbers
    private let operations = RSAOperationPool()

    /// Makes a key of its numbers, which may come from anywhere.
    ///
    /// OpenSSL gets them at the first use.
    ///
    /// - Parameters:
    ///   - modulus: The most significant byte first; leading zeros are dropped.
    ///   - exponent: Likewise; at most 64 bits.
    /// - Throws: `unsupportedKey` for a modulus of another size or a longer exponent;
    ///   `malformedKey` for an even number or the exponent 1.
    public init(
        modulus: [UInt8], exponent: [UInt8], library: CryptoLibrary
    ) throws(CryptoError) {
        self.modulus = Array(modulus.drop { $0 == 0 })
        self.exponent = Array(exponent.drop { $0 == 0 })
        self.library = library
        let bitCount = self.modulus.count * 8
        guard RSAKeyNumbers.modulusBitCounts.contains(bitCount), self.modulus[0] >= 0x80 else {
            throw .unsupportedKey(reason: "RSA of 2048, 3072 or 4096 bits is needed")
        }
        layout = RSAKeyNumbers(modulusBitCount: bitCount)
        guard self.exponent.count <= RSAKeyNumbers.exponentByteCount else {
            throw .unsupportedKey(reason: "its exponent has over 64 bits")
        }
        guard let last = self.modulus.last, last & 1 == 1, let last = self.exponent.last,
            last & 1 == 1, self.exponent != [1]
        else { throw .malformedKey(reason: "its numbers can't be an RSA key's") }
    }

    /// The public half of a private key's numbers.
    convenience init(
        numbers: borrowing SecretBytes, _ layout: RSAKeyNumbers, library: CryptoLibrary
    ) throws(CryptoError) {
        let (modulus, exponent) = numbers.withBytes { bytes in
            (
                Self.reversed(bytes, layout.field(.modulus)),
                Self.reversed(bytes, layout.field(.exponent))
            )
        }
        try self.init(modulus: modulus, exponent: exponent, library: library)
    }

    /// The most bytes that ``encrypt(_:_:)`` takes; ``wrap(_:)`` pads as OAEP with SHA-256 does, and takes 190 under 2048 bits.
    public func longestSecretByteCount(_ padding: RSAPadding = .oaepSHA256) -> Int {
        modulus.count - padding.overheadByteCount
    }

    /// Wraps a secret with RSA-OAEP-256 (RFC 8017; SHA-256, MGF1 with SHA-256, no label): as many bytes as the modulus,
    /// other ones at each call, with 2048 bits in about 0.02 ms.
    ///
    /// - Throws: `invalidParameter` when the secret is too long.
    public func wrap(_ secret: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        try require(secret, fits: .oaepSHA256)
        return try operations.withOperation(makingWith: makeWrapping) {
            (operation) throws(CryptoError) in
            CryptoCounters.rsaPublic.wrappingAdd(1, ordering: .relaxed)
            return try operation.encrypt(secret)
        }
    }

    /// Encrypts a secret: as many bytes as the modulus, other ones at each call.
    ///
    /// - Throws: `invalidParameter` when the secret is too long.
    public func encrypt(
        _ secret: Span<UInt8>, _ padding: RSAPadding
    ) throws(CryptoError) -> [UInt8] {
        guard padding != .oaepSHA256 else { return try wrap(secret) }
        try require(secret, fits: padding)
        CryptoCounters.rsaPublic.wrappingAdd(1, ordering: .relaxed)
        return try makeOperation(.encrypt(padding)).encrypt(secret)
    }

    /// Whether a signature is one of a digest by the private key.
    ///
    /// - Throws: `invalidParameter` for a digest of another length than the algorithm's.
    public func verify(
        _ signature: Span<UInt8>, of digest: Span<UInt8>, _ algorithm: DigestAlgorithm,
        _ padding: RSASignaturePadding
    ) throws(CryptoError) -> Bool {
        try algorithm.require(digest, for: "verify")
        CryptoCounters.rsaPublic.wrappingAdd(1, ordering: .relaxed)
        return try makeOperation(.verify(padding, algorithm)).verify(signature, of: digest)
    }

    private func require(
        _ secret: Span<UInt8>, fits padding: RSAPadding
    ) throws(CryptoError) {
        let longest = longestSecretByteCount(padding)
        guard secret.count <= longest else {
            throw .invalidParameter(
                operation: "encrypt", reason: "the secret has over \(longest) bytes")
        }
    }

    // MARK: OpenSSL

    private func makeWrapping() throws(CryptoError) -> RSAOperation {
        try makeOperation(.encrypt(.oaepSHA256))
    }

    private func makeOperation(_ use: RSAOperation.Use) throws(CryptoError) -> RSAOperation {
        let fields = layout.publicFields
        var numbers = [UInt8](repeating: 0, count: layout.field(.exponent).endOffset)
        Self.place(modulus, layout.field(.modulus), in: &numbers)
        Self.place(exponent, layout.field(.exponent), in: &numbers)
        var span = numbers.mutableSpan
        return unsafe try span.withUnsafeMutableBufferPointer { (numbers) throws(CryptoError) in
            guard let numbers = numbers.baseAddress else { preconditionFailure() }
            let key = unsafe try RSAKeyNumbers.makeKey(
                fields: fields, numbers: numbers,
                .publicKey, library: library)
            return unsafe try RSAOperation(use, key: key, library: library)
        }
    }

    /// A number of the stored form as big-endian bytes.
    private static func reversed(_ numbers: Span<UInt8>, _ field: RSAKeyNumbers.Field) -> [UInt8] {
        (field.offset..<field.endOffset).reversed().map { numbers[$0] }
    }

    private static func place(
        _ number: [UInt8], _ field: RSAKeyNumbers.Field, in numbers: inout [UInt8]
    ) {
        for (index, byte) in number.reversed().enumerated() { numbers[field.offset + index] = byte }
    }
}
