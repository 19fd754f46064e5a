import SluiceREST
import Testing

@Suite struct BlobIntegrityTests {
    private func crc(_ bytes: [UInt8]) -> UInt64 {
        var crc = CRC64()
        crc.update(bytes.span)
        return crc.value
    }

    /// Computed by azure-storage-extensions 0.1.0.
    @Test(
        arguments: [
            (0, 0), (1, 0x8C2F_8445_B4CB_FC3C), (2, 0xAE8B_1486_0A79_9888),
            (3, 0x20B2_E6D2_0677_D312),
        ] as [(Int, UInt64)])
    func `the CRC64 is the extension's`(index: Int, value: UInt64) {
        let texts: [[UInt8]] = [
            [], Array("a".utf8), Array("123456789".utf8), (0..<1280).map { UInt8($0 % 256) },
        ]
        #expect(crc(texts[index]) == value)
    }

    @Test func `pieces of any length make the same CRC64`() {
        let bytes = (0..<100).map { UInt8($0 * 7 % 256) }
        for length in 1...40 {
            var crc = CRC64()
            for start in stride(from: 0, to: bytes.count, by: length) {
                crc.update(bytes[start..<min(start + length, bytes.count)].span)
            }
            #expect(crc.value == self.crc(bytes))
        }
    }

    /// Made by the SDK's own encoder, in segments of 4 bytes.
    private static let messages: [(content: String, message: String)] = [
        ("", "012700000000000000010001000100000000000000000000000000000000000000000000000000"),
        (
            "hello world",
            """
            015600000000000000010003000100040000000000000068656c6c53063d2980bcddf202000400000000\
            0000006f20776fae8e5b98434aa0b903000300000000000000726c64abb6c3b13b832934be8eeaf6c3d5298d
            """
        ),
        (
            "12345678",
            """
            014100000000000000010002000100040000000000000031323334d471ffe2e7dbf52902000400000000\
            00000035363738d79f00e7af74c7f39494c8c29890d0ec
            """
        ),
    ]

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(digits[$0] * 16 + digits[$0 + 1])
        }
    }

    private func decode(
        _ message: [UInt8], content: Int, step: Int, byteCount: Int? = nil
    ) throws -> (content: [UInt8], crc64: UInt64) {
        var decoder = StructuredBodyDecoder(
            byteCount: byteCount ?? message.count, contentByteCount: content)
        var decoded: [UInt8] = []
        for start in stride(from: 0, to: message.count, by: step) {
            let piece = Array(message[start..<min(start + step, message.count)])
            for range in try decoder.decode(piece.span) { decoded += piece[range] }
        }
        try decoder.finish()
        return (decoded, decoder.crc64)
    }

    @Test(arguments: messages.indices, [1, 2, 3, 7, 13, 1000])
    func `a body of the SDK is taken apart, however it comes`(index: Int, step: Int) throws {
        let (content, hex) = Self.messages[index]
        let decoded = try decode(Self.bytes(hex), content: content.utf8.count, step: step)
        #expect(decoded.content == Array(content.utf8))
        #expect(decoded.crc64 == crc(Array(content.utf8)))
    }

    @Test(arguments: messages.indices, [1, 2, 3, 4, 5, 100])
    func `a body is made as the SDK makes it, however its content comes`(index: Int, step: Int) {
        let (content, hex) = Self.messages[index]
        let bytes = Array(content.utf8)
        var encoder = StructuredBodyEncoder(contentByteCount: bytes.count, segmentByteCount: 4)
        #expect(encoder.byteCount == Self.bytes(hex).count)
        var message: [UInt8] = []
        for start in stride(from: 0, to: max(bytes.count, 1), by: step) {
            let piece = Array(bytes[start..<min(start + step, bytes.count)])
            for part in encoder.encode(piece.span) {
                switch part {
                case .frame(let frame): message += frame
                case .content(let range): message += piece[range]
                }
            }
        }
        #expect(message == Self.bytes(hex))
    }

    @Test func `a body's every damaged bit is noticed`() {
        let message = Self.bytes(Self.messages[1].message)
        for place in message.indices {
            for bit in 0..<8 {
                var damaged = message
                damaged[place] ^= 1 << UInt8(bit)
                let code = BlobRefusal.code { try decode(damaged, content: 11, step: 5) }
                #expect(code == .invalidStructuredMessage || code == .crc64Mismatch)
            }
        }
    }

    @Test func `a body that is cut short, too long, or lies about its lengths is refused`() {
        let message = Self.bytes(Self.messages[1].message)
        for count in 0..<message.count {
            #expect(
                BlobRefusal.code {
                    try decode(
                        Array(message[..<count]), content: 11, step: 9, byteCount: message.count)
                } == .invalidStructuredMessage)
        }
        #expect(
            BlobRefusal.code {
                try decode(message + [0], content: 11, step: 9, byteCount: message.count)
            }
                == .invalidStructuredMessage)
        for content in [0, 10, 12, Int.max] {
            #expect(
                BlobRefusal.code { try decode(message, content: content, step: 9) }
                    == .invalidStructuredMessage)
        }
        #expect(
            BlobRefusal.code {
                try decode(message, content: 11, step: 9, byteCount: message.count + 1)
            }
                == .invalidStructuredMessage)
        // It is refused where it lies, before its bytes are given out.
        let start = Array(message[..<23])
        var early = StructuredBodyDecoder(byteCount: message.count, contentByteCount: 3)
        #expect(
            BlobRefusal.code { _ = try early.decode(start.span) } == .invalidStructuredMessage)
        var huge = message
        huge.replaceSubrange(15..<23, with: [UInt8](repeating: 0xFF, count: 8))
        #expect(
            BlobRefusal.code { try decode(huge, content: 11, step: 9) } == .invalidStructuredMessage
        )
    }

    @Test func `there are no more segments than can be numbered`() {
        let encoder = StructuredBodyEncoder(contentByteCount: 1_000_000, segmentByteCount: 1)
        #expect(encoder.byteCount <= 13 + 65_535 * 18 + 1_000_000 + 8)
    }
}
