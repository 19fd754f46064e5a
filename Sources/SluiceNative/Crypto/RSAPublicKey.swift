internal import COpenSSL
internal import Synchronization

/// An RSA-2048 public key, for wrapping with RSA-OAEP-256. Safe from many threads at once, which
/// don't wait for each other.
public final class RSAPublicKey: Sendable {
    /// The most bytes that `wrap` takes: 190.
    public static let longestSecretByteCount = RSAKeyNumbers.modulusByteCount - 2 * 32 - 2

    /// The modulus, 256 bytes, the most significant first.
    public let modulus: [UInt8]

    /// The public exponent, the most significant byte first and not zero.
    public let exponent: [UInt8]

    private let library: CryptoLibrary
    private let operations = RSAOperationPool()

    /// Makes a key of its numbers, which may come from anywhere.
    ///
    /// OpenSSL gets them at the first `wrap`.
    ///
    /// - Parameters:
    ///   - modulus: The most significant byte first; leading zeros are dropped.
    ///   - exponent: Likewise; at most 64 bits.
    /// - Throws: `unsupportedKey` for a modulus of other than 2048 bits or a longer exponent;
    ///   `malformedKey` for an even number or the exponent 1.
    public init(
        modulus: [UInt8], exponent: [UInt8], library: CryptoLibrary
    ) throws(CryptoError) {
        self.modulus = Array(modulus.drop { $0 == 0 })
        self.exponent = Array(exponent.drop { $0 == 0 })
        self.library = library
        guard self.modulus.count == RSAKeyNumbers.modulusByteCount, self.modulus[0] >= 0x80 else {
            throw .unsupportedKey(reason: "RSA of 2048 bits is needed")
        }
        guard self.exponent.count <= RSAKeyNumbers.exponentByteCount else {
            throw .unsupportedKey(reason: "its exponent has over 64 bits")
        }
        guard let last = self.modulus.last, last & 1 == 1, let last = self.exponent.last,
            last & 1 == 1, self.exponent != [1]
        else { throw .malformedKey(reason: "its numbers can't be an RSA key's") }
    }

    /// The public half of a private key's numbers.
    convenience init(
        numbers: borrowing SecretBytes, library: CryptoLibrary
    ) throws(CryptoError) {
        let (modulus, exponent) = numbers.withBytes { bytes in
            (
                Self.reversed(bytes, RSAKeyNumbers.modulus),
                Self.reversed(bytes, RSAKeyNumbers.exponent)
            )
        }
        try self.init(modulus: modulus, exponent: exponent, library: library)
    }

    /// Wraps a secret with RSA-OAEP-256 (RFC 8017; SHA-256, MGF1 with SHA-256, no label): 256
    /// bytes, other ones at each call, in about 0.02 ms.
    ///
    /// - Throws: `invalidParameter` when the secret has over 190 bytes.
    public func wrap(_ secret: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        guard secret.count <= Self.longestSecretByteCount else {
            throw .invalidParameter(operation: "wrap", reason: "the secret has over 190 bytes")
        }
        return try operations.withOperation(makingWith: makeOperation) {
            (operation) throws(CryptoError) in
            CryptoCounters.rsaPublic.wrappingAdd(1, ordering: .relaxed)
            return try operation.wrap(secret)
        }
    }

    // MARK: OpenSSL

    private func makeOperation() throws(CryptoError) -> RSAOperation {
        var numbers = [UInt8](repeating: 0, count: RSAKeyNumbers.exponent.endOffset)
        Self.place(modulus, RSAKeyNumbers.modulus, in: &numbers)
        Self.place(exponent, RSAKeyNumbers.exponent, in: &numbers)
        let fields: [2 of RSAKeyNumbers.Field] = [RSAKeyNumbers.modulus, RSAKeyNumbers.exponent]
        var span = numbers.mutableSpan
        return unsafe try span.withUnsafeMutableBufferPointer { (numbers) throws(CryptoError) in
            guard let numbers = numbers.baseAddress else { preconditionFailure() }
            let key = unsafe try RSAKeyNumbers.makeKey(
                fields: fields.span, numbers: numbers,
                selection: RSAKeyNumbers.publicKeySelection, library: library)
            return unsafe try RSAOperation(.wrap, key: key, library: library)
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
