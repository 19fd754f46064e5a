import SluiceNative
import Testing

struct CryptoLibraryTests {
    @Test func `loading again gives the same library`() throws {
        let first = try CryptoLibrary.load(requireFIPS: false)
        let second = try CryptoLibrary.load(requireFIPS: false)
        #expect(first === second)
    }

    @Test func `the description names the version, the file and the provider`() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let description = library.description
        #expect(description.version.hasPrefix("OpenSSL 3."))
        #expect(description.path?.hasPrefix("/") == true)
        #expect(description.providers == ["default"])
        #expect(!description.isFIPS)
    }

    @Test func `a required FIPS provider is used alone, or loading fails`() {
        do throws(CryptoError) {
            let library = try CryptoLibrary.load(requireFIPS: true)
            #expect(library.isFIPS)
            #expect(library.description.providers.contains("fips"))
            _ = try AES256GCM(library)
        } catch {
            guard case .fipsUnavailable = error else {
                Issue.record("an error of another kind: \(error)")
                return
            }
        }
    }

    @Test(arguments: [0, 1, 32, 70_000]) func `random bytes differ and fill their place`(
        byteCount: Int
    ) throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let first = try library.randomBytes(byteCount: byteCount)
        let second = try library.randomBytes(byteCount: byteCount)
        let secret = contents(try library.randomSecret(byteCount: byteCount))
        #expect([first, second, secret].allSatisfy { $0.count == byteCount })
        guard byteCount >= 32 else { return }
        for bytes in [first, second, secret] {
            #expect(bytes.prefix(32).contains { $0 != 0 })
            #expect(bytes.suffix(32).contains { $0 != 0 })
        }
        #expect(Set([first, second, secret]).count == 3)
    }

    @Test func `random fills a part and nothing else`() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        var bytes = [UInt8](repeating: 0, count: 96)
        var span = bytes.mutableSpan
        var part = span._mutatingExtracting(32..<64)
        try library.random(&part)
        #expect(bytes[..<32].allSatisfy { $0 == 0 } && bytes[64...].allSatisfy { $0 == 0 })
        #expect(bytes[32..<64].contains { $0 != 0 })
    }

    /// In a process of its own, since it must come first.
    @Test func `a command's lean initialisation lacks nothing`() async {
        await #expect(processExitsWith: .success) {
            CryptoLibrary.initializeForCommand()
            let library = try CryptoLibrary.load(requireFIPS: false)
            for pem in [RSAFixtures.pkcs1, RSAFixtures.pkcs8] {
                let bytes = Array(pem.utf8)
                guard case .rsa(let key) = try PrivateKey(pem: bytes.span, library: library) else {
                    preconditionFailure()
                }
                let secret = try key.unwrap(hex(RSAFixtures.wrapped).span)
                precondition(secret.byteCount == 32)
            }
            let other = Array(SignatureFixtures.otherCurve.utf8)
            do throws(CryptoError) {
                _ = try PrivateKey(pem: other.span, library: library)
                preconditionFailure()
            } catch {
                guard case .unsupportedKey = error else { preconditionFailure() }
            }
            var key = [UInt8](repeating: 0, count: 32)
            var span = key.mutableSpan
            let (one, nothing) = ([UInt8(1)], [UInt8]())
            try library.scrypt(
                passphrase: one.span, salt: nothing.span, n: 16, r: 1, p: 1, into: &span)
            try library.hkdfSHA256(
                secret: one.span, salt: nothing.span, info: nothing.span, into: &span)
            let generated = try RSAPrivateKey.generate(library)
            let wrapped = try generated.publicKey.wrap(key.span)
            let unwrapped = try generated.unwrap(wrapped.span)
            precondition(unwrapped.byteCount == 32)
        }
    }
}
