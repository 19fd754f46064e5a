import SluiceNative
import Testing

struct RSAPrivateKeyTests {
    static let secret = (0..<32).map { UInt8($0) }

    @Test(arguments: [RSAFixtures.pkcs8, RSAFixtures.pkcs1])
    func `what the openssl command wrapped is unwrapped`(pem: String) throws {
        let key = try load(pem)
        #expect(contents(try key.unwrap(hex(RSAFixtures.wrapped).span)) == Self.secret)
        #expect(key.publicKey.modulus == hex(RSAFixtures.modulus))
        #expect(key.publicKey.exponent == [1, 0, 1])
    }

    @Test(arguments: [0, 1, 32, 189, 190])
    func `what the public key wraps is unwrapped`(byteCount: Int) throws {
        let key = try load(RSAFixtures.pkcs8)
        let secret = [UInt8](repeating: 0x5a, count: byteCount)
        let wrapped = try key.publicKey.wrap(secret.span)
        #expect(wrapped.count == 256)
        #expect(contents(try key.unwrap(wrapped.span)) == secret)
    }

    @Test func `a generated key unwraps what it wraps, also after storing it`() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let key = try RSAPrivateKey.generate(library)
        let stored = key.storedForm()
        let loaded = try stored.withBytes { (bytes) throws(CryptoError) in
            try RSAPrivateKey(storedForm: bytes, library: library)
        }
        let wrapped = try key.publicKey.wrap(Self.secret.span)
        #expect(contents(try key.unwrap(wrapped.span)) == Self.secret)
        #expect(contents(try loaded.unwrap(wrapped.span)) == Self.secret)
        #expect(loaded.publicKey.modulus == key.publicKey.modulus)
        #expect(loaded.publicKey.exponent == [1, 0, 1])
        #expect(contents(loaded.storedForm()) == contents(stored))
    }

    @Test func `whatever is wrong with it, unwrapping says the same`() throws {
        let key = try load(RSAFixtures.pkcs8)
        let wrapped = hex(RSAFixtures.wrapped)
        var changed = wrapped
        changed[128] ^= 1
        let other = try RSAPrivateKey.generate(CryptoLibrary.load(requireFIPS: false))
        let wrong: [[UInt8]] = [
            changed, [], [1], Array(wrapped.dropLast()), wrapped + [0],
            [UInt8](repeating: 0, count: 256), [UInt8](repeating: 0xff, count: 256),
            hex(RSAFixtures.wrappedWithSHA1), hex(RSAFixtures.wrappedWithMGF1SHA1),
            try other.publicKey.wrap(Self.secret.span),
        ]
        for wrapped in wrong {
            #expect(throws: CryptoError.unwrapFailed) {
                _ = try key.unwrap(wrapped.span).byteCount
            }
        }
        // Failures leave the key usable.
        #expect(contents(try key.unwrap(wrapped.span)) == Self.secret)
    }

    @Test func `many threads unwrap at once`() async throws {
        let key = try load(RSAFixtures.pkcs8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in UInt8(0)..<24 {
                group.addTask {
                    for round in UInt8(0)..<5 {
                        let secret = [task, round]
                        let wrapped = try key.publicKey.wrap(secret.span)
                        #expect(contents(try key.unwrap(wrapped.span)) == secret)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: [
        RSAFixtures.encryptedPKCS8, RSAFixtures.encryptedPKCS1, RSAFixtures.publicKey,
        RSAFixtures.publicPKCS1, RSAFixtures.pss, RSAFixtures.threePrimes, RSAFixtures.bits1024,
        SignatureFixtures.otherCurve,
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n-----END OPENSSH PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    ]) func `another kind of key is unsupported`(pem: String) {
        #expect {
            try load(pem)
        } throws: { error in
            guard case CryptoError.unsupportedKey(let reason) = error else { return false }
            return !reason.isEmpty
        }
    }

    @Test(arguments: [
        "", "no key", "-----BEGIN ", "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN \u{1b}[31mKEY-----\nAAAA\n-----END \u{1b}[31mKEY-----\n",
        String(RSAFixtures.pkcs8.dropLast(200)), RSAFixtures.contradictory,
    ]) func `what isn't a sound key is malformed`(pem: String) {
        #expect {
            try load(pem)
        } throws: { error in
            if case CryptoError.malformedKey = error { true } else { false }
        }
    }

    @Test(arguments: [
        WeakRSAFixtures.closePrimes, WeakRSAFixtures.almostClosePrimes, WeakRSAFixtures.exponent3,
        WeakRSAFixtures.exponent65535, WeakRSAFixtures.smallPrivateExponent, WeakRSAFixtures.roca,
    ]) func `a key that is weak is unsupported`(pem: String) {
        #expect {
            try load(pem)
        } throws: { error in
            guard case CryptoError.unsupportedKey(let reason) = error else { return false }
            return reason.contains("weak")
        }
    }

    @Test(arguments: [WeakRSAFixtures.distantPrimes, WeakRSAFixtures.exponent65539])
    func `a key that is just strong enough is taken`(pem: String) throws {
        let key = try load(pem)
        let wrapped = try key.publicKey.wrap(Self.secret.span)
        #expect(contents(try key.unwrap(wrapped.span)) == Self.secret)
    }

    @Test(arguments: [
        ("-----BEGIN RSA PRIVATE KEY-----\nAA", KeyFileForm.pem),
        ("-----BEGIN PRIVATE KEY-----\nAA", .pem),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA", .encryptedPEM),
        ("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n", .encryptedPEM),
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nAA", .openSSH),
        ("-----BEGIN PUBLIC KEY-----\nAA", .publicKey),
        ("-----BEGIN RSA PUBLIC KEY-----\nAA", .publicKey),
        ("ssh-rsa AAAAB3Nz a@b", .publicKey),
        ("-----BEGIN CERTIFICATE-----\nAA", .certificate),
        ("-----BEGIN CERTIFICATE REQUEST-----\nAA", .certificate),
        ("-----BEGIN CERTIFICATE-----\nAA\n-----BEGIN PRIVATE KEY-----\nAA", .pem),
        (" {\"keys\": [{\"kty\":\"RSA\"}]}", .jwk), ("{\"a\": 1}", .other),
        ("0", .other), ("", .other), ("no key, but long enough", .other),
    ])
    func `the form of a key is told by its text`(text: String, form: KeyFileForm) {
        #expect(KeyFileForm(of: Array(text.utf8).span) == form)
    }

    @Test(arguments: [
        ("308204a30201000282010100", KeyFileForm.der), ("308204bd020100300d06092a", .der),
        ("30820a0f02010330820a", .pkcs12), ("3080020103308006092a8648", .pkcs12),
        ("308fff", .other),
    ])
    func `the form of a key is told by its first bytes`(start: String, form: KeyFileForm) {
        let file = hex(start) + [UInt8](repeating: 0xaa, count: 32)
        #expect(KeyFileForm(of: file.span) == form)
    }

    @Test func `a key is found behind a certificate`() throws {
        let key = try load(
            "text\n-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
                + RSAFixtures.pkcs8)
        #expect(key.publicKey.modulus == hex(RSAFixtures.modulus))
    }

    /// Changed: the magic, the version, the modulus, the primes.
    @Test(arguments: [0, 7, 8, 263, 528, 656]) func `a changed stored form is malformed`(
        offset: Int
    ) throws {
        var stored = contents(try load(RSAFixtures.pkcs8).storedForm())
        stored[offset] ^= 0x80
        expectMalformed(stored)
    }

    @Test func `a stored form of another length is malformed`() throws {
        let stored = contents(try load(RSAFixtures.pkcs8).storedForm())
        #expect(stored.count == 1168)
        expectMalformed([])
        expectMalformed(Array(stored.dropLast()))
        expectMalformed(stored + [0])
    }

    // MARK: Details

    @discardableResult
    private func load(_ pem: String) throws -> RSAPrivateKey {
        try #require(privateKey(pem).rsa)
    }

    private func expectMalformed(_ stored: [UInt8]) {
        #expect {
            try RSAPrivateKey(
                storedForm: stored.span, library: CryptoLibrary.load(requireFIPS: false))
        } throws: { error in
            if case CryptoError.malformedKey = error { true } else { false }
        }
    }
}
