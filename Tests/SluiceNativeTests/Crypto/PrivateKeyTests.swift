import SluiceNative
import Testing

/// The key in a PEM text.
func privateKey(_ pem: String) throws -> PrivateKey {
    let bytes = Array(pem.utf8)
    return try PrivateKey(pem: bytes.span, library: CryptoLibrary.load(requireFIPS: false))
}

extension PrivateKey {
    var rsa: RSAPrivateKey? { if case .rsa(let key) = self { key } else { nil } }
    var elliptic: ECPrivateKey? { if case .elliptic(let key) = self { key } else { nil } }
}

/// Decrypting and signing, in every size and on every curve, by each way in which a key comes.
struct PrivateKeyTests {
    private static let message = (0..<32).map { UInt8($0) }
    private func library() throws -> CryptoLibrary { try CryptoLibrary.load(requireFIPS: false) }

    private func loaded(_ key: PrivateKey) throws -> PrivateKey {
        let stored = key.storedForm()
        return try stored.withBytes { bytes throws(CryptoError) in
            try PrivateKey(storedForm: bytes, library: CryptoLibrary.load(requireFIPS: false))
        }
    }

    // MARK: RSA

    @Test(arguments: [2048, 3072, 4096], [RSAPadding.pkcs1, .oaepSHA1, .oaepSHA256])
    func `what is encrypted is decrypted by the stored key`(
        bitCount: Int, padding: RSAPadding
    ) throws {
        let key = try Self.generated(bitCount)
        #expect(key.publicKey.modulus.count == bitCount / 8)
        let stored = try #require(loaded(.rsa(key)).rsa)
        let longest = key.publicKey.longestSecretByteCount(padding)
        for byteCount in [0, 1, longest] {
            let secret = [UInt8](repeating: 0x5a, count: byteCount)
            let encrypted = try key.publicKey.encrypt(secret.span, padding)
            #expect(encrypted.count == bitCount / 8)
            #expect(contents(try stored.decrypt(encrypted.span, padding)) == secret)
        }
        let secret = [UInt8](repeating: 1, count: longest + 1)
        #expect {
            try key.publicKey.encrypt(secret.span, padding)
        } throws: { error in
            if case CryptoError.invalidParameter = error { true } else { false }
        }
    }

    @Test func `what the openssl command encrypted is decrypted`() throws {
        let key = try #require(privateKey(RSAFixtures.pkcs8).rsa)
        for (encrypted, padding) in [
            (SignatureFixtures.encryptedPKCS1, RSAPadding.pkcs1),
            (RSAFixtures.wrappedWithSHA1, .oaepSHA1), (RSAFixtures.wrapped, .oaepSHA256),
        ] {
            #expect(contents(try key.decrypt(hex(encrypted).span, padding)) == Self.message)
        }
        for (encrypted, padding) in [
            (RSAFixtures.wrapped, RSAPadding.oaepSHA1), (RSAFixtures.wrappedWithSHA1, .oaepSHA256),
            (RSAFixtures.wrappedWithMGF1SHA1, .oaepSHA1),
        ] {
            #expect(throws: CryptoError.unwrapFailed) {
                _ = try key.decrypt(hex(encrypted).span, padding).byteCount
            }
        }
    }

    @Test(arguments: SignatureFixtures.rsa)
    func `a signature is the openssl command's`(fixture: SignatureFixtures.Signature) throws {
        let key = try #require(privateKey(RSAFixtures.pkcs8).rsa)
        let known = hex(fixture.signature)
        let (digest, algorithm) = (fixture.digest, fixture.algorithm)
        for padding in [RSASignaturePadding.pkcs1, .pss] {
            #expect(
                try key.publicKey.verify(known.span, of: digest.span, algorithm, padding)
                    == (padding == fixture.padding))
        }
        let signature = try key.sign(digest.span, algorithm, fixture.padding)
        // PKCS #1 signs the same each time, PSS never.
        #expect((signature == known) == (fixture.padding == .pkcs1))
        #expect(
            try key.publicKey.verify(signature.span, of: digest.span, algorithm, fixture.padding))
        var other = digest
        other[0] ^= 1
        #expect(
            try !key.publicKey.verify(signature.span, of: other.span, algorithm, fixture.padding))
        for wrong in [Array(signature.dropLast()), signature + [0], []] {
            #expect(
                try !key.publicKey.verify(wrong.span, of: digest.span, algorithm, fixture.padding))
        }
        let short = Array(digest.dropLast())
        #expect {
            try key.sign(short.span, algorithm, fixture.padding)
        } throws: { error in
            if case CryptoError.invalidParameter = error { true } else { false }
        }
    }

    @Test func `a key of 4096 bits is read from PEM`() throws {
        #expect(try privateKey(RSAFixtures.bits4096).rsa?.publicKey.modulus.count == 512)
    }

    // MARK: Curves

    @Test(arguments: EllipticCurve.allCases)
    func `what the openssl command signed is verified, and by its key signed`(
        curve: EllipticCurve
    ) throws {
        let fixture = try #require(SignatureFixtures.elliptic[curve])
        let read = try privateKey(fixture.pem)
        let key = try #require(read.elliptic)
        #expect(key.publicKey.curve == curve)
        let digest = SignatureFixtures.digest(curve.digest)
        let known = try #require(Self.raw(hex(fixture.signature), curve.byteCount))
        #expect(try key.publicKey.verify(known.span, of: digest.span))
        let stored = try #require(loaded(read).elliptic)
        for signer in [key, stored] {
            let signature = try signer.sign(digest.span)
            #expect(signature.count == 2 * curve.byteCount)
            #expect(try key.publicKey.verify(signature.span, of: digest.span))
            var changed = signature
            changed[curve.byteCount] ^= 1
            #expect(try !key.publicKey.verify(changed.span, of: digest.span))
            #expect(try !key.publicKey.verify(Array(signature.dropLast()).span, of: digest.span))
        }
    }

    @Test(arguments: EllipticCurve.allCases)
    func `a generated key is one of its numbers, and of no others`(curve: EllipticCurve) throws {
        let key = try ECPrivateKey.generate(curve, library())
        let form = contents(key.storedForm())
        let secret = Array(form.suffix(curve.byteCount).reversed())
        func numbers(_ x: [UInt8], _ y: [UInt8], _ secret: [UInt8]) -> PrivateKeyNumbers {
            .elliptic(
                curve, x: x, y: y, secret: SharedSecret(SecretBytes(copying: secret.span)))
        }
        let (x, y) = (key.publicKey.x, key.publicKey.y)
        let same = try PrivateKey(numbers([0] + x, y, [0, 0] + secret), library: library())
        #expect(contents(same.storedForm()) == form)
        var other = secret
        other[other.count - 1] ^= 1
        for wrong in [
            numbers(x, y, other), numbers(y, x, secret), numbers([1] + x, y, secret),
            numbers(x, y, [1] + secret), numbers([], [], secret),
        ] {
            #expect {
                try PrivateKey(wrong, library: library())
            } throws: { error in
                if case CryptoError.malformedKey = error { true } else { false }
            }
        }
    }

    @Test(arguments: [0, 6, 7, 40]) func `a changed stored form of a curve is malformed`(
        offset: Int
    ) throws {
        var form = contents(try ECPrivateKey.generate(.p256, library()).storedForm())
        #expect(form.count == 8 + 65 + 32)
        form[offset] ^= 0x80
        #expect {
            try PrivateKey(storedForm: form.span, library: library())
        } throws: { error in
            if case CryptoError.malformedKey = error { true } else { false }
        }
    }

    // MARK: Numbers

    @Test func `an RSA key is one of its numbers, and of no others`() throws {
        let key = try #require(privateKey(RSAFixtures.pkcs8).rsa)
        let form = contents(key.storedForm())
        var numbers: [RSAKeyNumber: [UInt8]] = [:]
        var offset = 8
        for number in RSAKeyNumber.allCases {
            let byteCount =
                switch number {
                case .modulus, .privateExponent: 256
                case .exponent: 8
                default: 128
                }
            numbers[number] = Array(form[offset..<offset + byteCount].reversed())
            offset += byteCount
        }
        func load(_ numbers: [RSAKeyNumber: [UInt8]]) throws -> PrivateKey {
            try PrivateKey(
                .rsa(numbers.mapValues { SharedSecret(SecretBytes(copying: ([0] + $0).span)) }),
                library: library())
        }
        #expect(contents(try load(numbers).storedForm()) == form)
        for number in RSAKeyNumber.allCases {
            var lacking = numbers
            lacking[number] = nil
            #expect(throws: CryptoError.self) { try load(lacking) }
            var wrong = numbers
            wrong[number]?[number == .exponent ? 7 : 9] ^= 4
            #expect(throws: CryptoError.self) { try load(wrong) }
            var long = numbers
            long[number]?.insert(1, at: 0)
            #expect(throws: CryptoError.self) { try load(long) }
        }
    }

    // MARK: Details

    private static let generatedKeys = Result {
        let library = try CryptoLibrary.load(requireFIPS: false)
        return try [2048, 3072, 4096].map {
            ($0, try RSAPrivateKey.generate(library, bitCount: $0))
        }
    }

    private static func generated(_ bitCount: Int) throws -> RSAPrivateKey {
        try #require(generatedKeys.get().first { $0.0 == bitCount }?.1)
    }

    /// r and s of a signature in DER.
    private static func raw(_ der: [UInt8], _ byteCount: Int) -> [UInt8]? {
        var rest = der.dropFirst(der[1] == 0x81 ? 3 : 2)
        var raw: [UInt8] = []
        for _ in 0..<2 {
            let count = Int(rest[rest.startIndex + 1])
            let digits = rest.dropFirst(2).prefix(count).drop { $0 == 0 }
            raw += [UInt8](repeating: 0, count: byteCount - digits.count) + digits
            rest = rest.dropFirst(2 + count)
        }
        return rest.isEmpty ? raw : nil
    }
}
