import SluiceNative
import Testing

struct AES256GCMTests {
    struct Vector: Sendable {
        let key, nonce, plaintext, associated, sealed: [UInt8]
    }

    /// The GCM specification's test cases 13 to 16 (McGrew and Viega, submitted to NIST).
    static let vectors = [
        Vector(
            key: [UInt8](repeating: 0, count: 32), nonce: [UInt8](repeating: 0, count: 12),
            plaintext: [], associated: [], sealed: hex("530f8afbc74536b9a963b4f1c4cb738b")),
        Vector(
            key: [UInt8](repeating: 0, count: 32), nonce: [UInt8](repeating: 0, count: 12),
            plaintext: [UInt8](repeating: 0, count: 16), associated: [],
            sealed: hex("cea7403d4d606b6e074ec5d3baf39d18 d0d1c8a799996bf0265b98b5d48ab919")),
        Vector(
            key: longKey, nonce: hex("cafebabefacedbaddecaf888"), plaintext: longPlaintext,
            associated: [],
            sealed: longCiphertext + hex("b094dac5d93471bdec1a502270e3cc6c")),
        Vector(
            key: longKey, nonce: hex("cafebabefacedbaddecaf888"),
            plaintext: Array(longPlaintext.prefix(60)),
            associated: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
            sealed: longCiphertext.prefix(60) + hex("76fc6ece0f4e1768cddf8853bb2d551b")),
    ]

    static let longKey = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
    static let longPlaintext = hex(
        """
        d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
        1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255
        """)
    static let longCiphertext = hex(
        """
        522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
        8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad
        """)

    @Test(arguments: vectors) func `NIST's vectors seal and open`(vector: Vector) throws {
        var cipher = try makeCipher(key: vector.key)
        let nonce = nonce(vector.nonce)
        #expect(
            try seal(&cipher, vector.plaintext, nonce, vector.associated) == vector.sealed)
        #expect(
            try open(&cipher, vector.sealed, nonce, vector.associated) == vector.plaintext)
    }

    @Test(arguments: vectors) func `NIST's vectors seal and open in place`(vector: Vector) throws {
        var cipher = try makeCipher(key: vector.key)
        let nonce = nonce(vector.nonce)
        var buffer = vector.plaintext + [UInt8](repeating: 0xee, count: 16)
        var span = buffer.mutableSpan
        try cipher.sealInPlace(&span, nonce: nonce, authenticating: vector.associated.span)
        #expect(span.count == vector.sealed.count)
        #expect(span.indices.allSatisfy { span[$0] == vector.sealed[$0] })
        try cipher.openInPlace(&span, nonce: nonce, authenticating: vector.associated.span)
        #expect(Array(buffer.dropLast(16)) == vector.plaintext)
    }

    @Test(arguments: [0, 1, 15, 16, 17, 31, 32, 4095, 4096, 4097, 65_536, 300_000])
    func `what was sealed opens, in both ways and either order`(byteCount: Int) throws {
        var cipher = try makeCipher(key: Self.longKey)
        let plaintext = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 13) }
        for round in 0..<3 {
            let nonce = Nonce96(repeating: UInt8(round))
            let sealed = try seal(&cipher, plaintext, nonce, [1, 2, 3])
            #expect(sealed.count == byteCount + AES256GCM.tagByteCount)
            #expect(try open(&cipher, sealed, nonce, [1, 2, 3]) == plaintext)
            #expect(try openInPlace(&cipher, sealed, nonce, [1, 2, 3]) == plaintext)
        }
    }

    @Test func `any changed bit is refused and leaves no plaintext`() throws {
        let vector = Self.vectors[3]
        var cipher = try makeCipher(key: vector.key)
        let nonce = nonce(vector.nonce)
        for index in vector.sealed.indices {
            var changed = vector.sealed
            changed[index] ^= 1
            expectRefused(&cipher, changed, nonce, vector.associated)
        }
        for index in vector.associated.indices {
            var changed = vector.associated
            changed[index] ^= 0x80
            expectRefused(&cipher, vector.sealed, nonce, changed)
        }
        for index in vector.nonce.indices {
            var changed = nonce
            changed[index] ^= 0x10
            expectRefused(&cipher, vector.sealed, changed, vector.associated)
        }
        // A refusal leaves the context usable.
        #expect(try open(&cipher, vector.sealed, nonce, vector.associated) == vector.plaintext)
    }

    @Test func `another key is refused`() throws {
        let vector = Self.vectors[3]
        var key = vector.key
        key[31] ^= 1
        var cipher = try makeCipher(key: key)
        expectRefused(&cipher, vector.sealed, nonce(vector.nonce), vector.associated)
    }

    @Test func `a truncated or lengthened message is refused`() throws {
        let vector = Self.vectors[3]
        var cipher = try makeCipher(key: vector.key)
        let nonce = nonce(vector.nonce)
        for byteCount in 0..<vector.sealed.count {
            expectRefused(
                &cipher, Array(vector.sealed.prefix(byteCount)), nonce, vector.associated)
        }
        expectRefused(&cipher, vector.sealed + [0], nonce, vector.associated)
    }

    @Test func `a new key replaces the old one, with and without forgetting`() throws {
        let (first, second) = (Self.vectors[1], Self.vectors[3])
        var cipher = try makeCipher(key: first.key)
        #expect(
            try seal(&cipher, first.plaintext, nonce(first.nonce), first.associated)
                == first.sealed)
        try cipher.setKey(second.key.span)
        #expect(
            try seal(&cipher, second.plaintext, nonce(second.nonce), second.associated)
                == second.sealed)
        cipher.forgetKey()
        cipher.forgetKey()
        try cipher.setKey(first.key.span)
        #expect(
            try open(&cipher, first.sealed, nonce(first.nonce), first.associated)
                == first.plaintext)
    }

    @Test func `sealing without a key traps`() async {
        await #expect(processExitsWith: .failure) {
            var cipher = try AES256GCM(CryptoLibrary.load(requireFIPS: false))
            let (key, nothing) = ([UInt8](repeating: 1, count: 32), [UInt8]())
            try cipher.setKey(key.span)
            cipher.forgetKey()
            var sealed = [UInt8](repeating: 0, count: 16)
            var span = sealed.mutableSpan
            try cipher.seal(
                nothing.span, nonce: Nonce96(repeating: 0), authenticating: nothing.span,
                into: &span)
        }
    }

    // MARK: Details

    private func makeCipher(key: [UInt8]) throws -> AES256GCM {
        var cipher = try AES256GCM(CryptoLibrary.load(requireFIPS: false))
        try cipher.setKey(key.span)
        return cipher
    }

    private func nonce(_ bytes: [UInt8]) -> Nonce96 {
        Nonce96 { bytes[$0] }
    }

    private func seal(
        _ cipher: inout AES256GCM, _ plaintext: [UInt8], _ nonce: Nonce96, _ associated: [UInt8]
    ) throws -> [UInt8] {
        var sealed = [UInt8](repeating: 0xee, count: plaintext.count + 16)
        var span = sealed.mutableSpan
        try cipher.seal(plaintext.span, nonce: nonce, authenticating: associated.span, into: &span)
        return sealed
    }

    private func open(
        _ cipher: inout AES256GCM, _ sealed: [UInt8], _ nonce: Nonce96, _ associated: [UInt8]
    ) throws -> [UInt8] {
        var plaintext = [UInt8](repeating: 0xee, count: sealed.count - 16)
        var span = plaintext.mutableSpan
        try cipher.open(sealed.span, nonce: nonce, authenticating: associated.span, into: &span)
        return plaintext
    }

    private func openInPlace(
        _ cipher: inout AES256GCM, _ sealed: [UInt8], _ nonce: Nonce96, _ associated: [UInt8]
    ) throws -> [UInt8] {
        var buffer = sealed
        var span = buffer.mutableSpan
        try cipher.openInPlace(&span, nonce: nonce, authenticating: associated.span)
        return buffer.dropLast(16)
    }

    private func expectRefused(
        _ cipher: inout AES256GCM, _ sealed: [UInt8], _ nonce: Nonce96, _ associated: [UInt8]
    ) {
        var plaintext = [UInt8](repeating: 0xee, count: max(0, sealed.count - 16))
        var buffer = sealed
        do throws(CryptoError) {
            var span = plaintext.mutableSpan
            try cipher.open(sealed.span, nonce: nonce, authenticating: associated.span, into: &span)
            Issue.record("it was opened")
        } catch {
            #expect(error == .authenticationFailed)
        }
        do throws(CryptoError) {
            var span = buffer.mutableSpan
            try cipher.openInPlace(&span, nonce: nonce, authenticating: associated.span)
            Issue.record("it was opened in place")
        } catch {
            #expect(error == .authenticationFailed)
        }
        #expect(plaintext.allSatisfy { $0 == 0 } && buffer.allSatisfy { $0 == 0 })
    }
}
