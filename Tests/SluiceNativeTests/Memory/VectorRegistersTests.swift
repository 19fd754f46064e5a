import SluiceNative
import TestSupport
import Testing
import VectorRegisters

/// What handles plaintext and keys leaves nothing of them in the processor's vector registers.
@Suite(.serialized) struct VectorRegistersTests {
    /// Registers are looked at in pieces of so many bytes: the least that a vector register holds.
    private static let pieceByteCount = 16

    private let library: CryptoLibrary
    /// Bytes of which no 16 are the same.
    private let secret: [UInt8]

    init() throws {
        library = try CryptoLibrary.load(requireFIPS: false)
        secret = patternedBytes(4096)
    }

    /// How many pieces of `bytes` are in the registers now.
    @inline(never) private func leftPieceCount(of bytes: [UInt8]) -> Int {
        let registers = (0..<vector_registers_keep()).map { vector_registers_byte($0) }
        let size = Self.pieceByteCount
        var pieces: Set<[UInt8]> = []
        for start in 0...bytes.count - size { pieces.insert(Array(bytes[start..<start + size])) }
        return stride(from: 0, to: registers.count, by: size).count {
            pieces.contains(Array(registers[$0..<$0 + size]))
        }
    }

    @Test func `ciphers leave no plaintext and no key`() throws {
        var cipher = try AES256GCM(library)
        let key = Array(secret.suffix(32))
        try cipher.setKey(key.span)
        #expect(leftPieceCount(of: key) == 0)
        let plaintext = Array(secret.prefix(3000))
        var sealed = [UInt8](repeating: 0, count: plaintext.count + 16)
        let nonce = Nonce96(repeating: 7)
        var output = sealed.mutableSpan
        try cipher.seal(plaintext.span, nonce: nonce, authenticating: key.span, into: &output)
        #expect(leftPieceCount(of: plaintext) == 0)
        var opened = [UInt8](repeating: 0, count: plaintext.count)
        var target = opened.mutableSpan
        try cipher.open(sealed.span, nonce: nonce, authenticating: key.span, into: &target)
        #expect(leftPieceCount(of: plaintext) == 0)
        #expect(opened == plaintext)
    }

    @Test(arguments: [16, 33, 100, 700, 4096]) func `copies leave nothing`(count: Int) {
        let bytes = Array(secret.prefix(count))
        var copy = [UInt8](repeating: 0, count: count)
        var target = copy.mutableSpan
        target.copyPrefix(of: bytes.span)
        #expect(leftPieceCount(of: bytes) == 0)
        let kept = SecretBytes(copying: bytes.span)
        #expect(leftPieceCount(of: bytes) == 0)
        #expect(kept.byteCount == copy.count)
    }

    @Test func `compression leaves nothing`() throws {
        let bytes = Array(secret.prefix(512)) + Array(secret.prefix(512)) + Array(secret.prefix(99))
        var block = [UInt8](repeating: 0, count: bytes.count)
        var compressor = LZ4Compressor()
        var output = block.mutableSpan
        let byteCount = try #require(compressor.compress(bytes.span, into: &output))
        #expect(leftPieceCount(of: bytes) == 0)
        var target = [UInt8](repeating: 0, count: bytes.count)
        var plain = target.mutableSpan
        try LZ4.decompress(block.span.extracting(0..<byteCount), into: &plain)
        #expect(leftPieceCount(of: bytes) == 0)
        #expect(target == bytes)
    }

    @Test func `derivations leave no secret`() throws {
        let key = Array(secret.prefix(64))
        var hmac = try HMACSHA256(key: key.span, library: library)
        #expect(leftPieceCount(of: key) == 0)
        let code = try hmac.authenticate(key.span)
        #expect(leftPieceCount(of: key) == 0)
        let none: [UInt8] = []
        var derived = [UInt8](repeating: 0, count: 64)
        var output = derived.mutableSpan
        try library.hkdfSHA256(secret: key.span, salt: none.span, info: none.span, into: &output)
        #expect(leftPieceCount(of: key) == 0)
        #expect(leftPieceCount(of: derived) == 0)
        #expect(code[0] != code[1] || code[1] != code[2])
    }

    /// Else the search itself is broken: it needs to find what a plain copy leaves.
    @Test func `a copy that doesn't clear is found`() throws {
        #if arch(x86_64)
        // Longer ones may be copied without registers.
        let bytes = Array(secret.prefix(1000))
        let copy = bytes.plainCopy()
        #expect(leftPieceCount(of: bytes) > 0)
        #expect(copy.count == bytes.count)
        #endif
    }
}

extension [UInt8] {
    @inline(never) fileprivate func plainCopy() -> [UInt8] {
        var copy: [UInt8] = []
        copy.append(contentsOf: self)
        return copy
    }
}
