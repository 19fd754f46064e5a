import SluiceNative
import Testing

struct RSAPublicKeyTests {
    static let modulus = hex(RSAFixtures.modulus)

    @Test func `a key of numbers wraps for the private key`() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let key = try RSAPublicKey(
            modulus: [0] + Self.modulus, exponent: [0, 1, 0, 1], library: library)
        #expect(key.modulus == Self.modulus)
        #expect(key.exponent == [1, 0, 1])
        let privateKey = try #require(privateKey(RSAFixtures.pkcs8).rsa)
        let secret: [UInt8] = [1, 2, 3]
        let wrapped = try key.wrap(secret.span)
        #expect(contents(try privateKey.unwrap(wrapped.span)) == [1, 2, 3])
    }

    @Test func `wrapping twice gives other bytes`() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let key = try RSAPublicKey(modulus: Self.modulus, exponent: [3], library: library)
        let secret: [UInt8] = [7]
        #expect(try key.wrap(secret.span) != key.wrap(secret.span))
    }

    @Test func `a secret of over 190 bytes is refused`() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let key = try RSAPublicKey(modulus: Self.modulus, exponent: [1, 0, 1], library: library)
        let secret = [UInt8](repeating: 1, count: key.longestSecretByteCount() + 1)
        #expect(secret.count == 191)
        #expect {
            try key.wrap(secret.span)
        } throws: { error in
            if case CryptoError.invalidParameter = error { true } else { false }
        }
    }

    @Test(
        arguments: [
            ([], [1, 0, 1]), (Array(modulus.dropLast()), [1, 0, 1]), (modulus + [1], [1, 0, 1]),
            ([0x7f] + modulus.dropFirst(), [1, 0, 1]), (modulus, [UInt8](repeating: 1, count: 9)),
        ] as [([UInt8], [UInt8])]) func `another size is unsupported`(
            modulus: [UInt8], exponent: [UInt8]
        )
    {
        #expect {
            try makeKey(modulus, exponent)
        } throws: { error in
            if case CryptoError.unsupportedKey = error { true } else { false }
        }
    }

    @Test(
        arguments: [
            (modulus.dropLast() + [2], [1, 0, 1]), (modulus, []), (modulus, [0]), (modulus, [1]),
            (modulus, [1, 0, 0]),
        ] as [([UInt8], [UInt8])]) func `numbers that no key has are malformed`(
            modulus: [UInt8], exponent: [UInt8]
        )
    {
        #expect {
            try makeKey(modulus, exponent)
        } throws: { error in
            if case CryptoError.malformedKey = error { true } else { false }
        }
    }

    @discardableResult
    private func makeKey(_ modulus: [UInt8], _ exponent: [UInt8]) throws -> RSAPublicKey {
        try RSAPublicKey(
            modulus: modulus, exponent: exponent,
            library: CryptoLibrary.load(requireFIPS: false))
    }
}
