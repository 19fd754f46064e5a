import SluiceNative
import Testing

struct WorkBufferTests {
    @Test(arguments: [0, 1, 4095, 4096, 4097, 1 << 20])
    func `a buffer keeps what is written to it`(byteCount: Int) throws {
        var buffer = try WorkBuffer(byteCount: byteCount)
        #expect(buffer.byteCount == byteCount)
        buffer.withMutableBytes { bytes in
            for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
        }
        let isKept = buffer.withBytes { bytes in
            bytes.count == byteCount
                && bytes.indices.allSatisfy { bytes[$0] == UInt8(truncatingIfNeeded: $0 &* 31) }
        }
        #expect(isKept)
    }

    @Test func `errors pass through with their type`() throws {
        struct Refusal: Error {}
        var buffer = try WorkBuffer(byteCount: 1)
        #expect(throws: Refusal.self) {
            try buffer.withMutableBytes { (_) throws(Refusal) in throw Refusal() }
        }
        #expect(throws: Refusal.self) {
            try buffer.withBytes { (_) throws(Refusal) in throw Refusal() }
        }
    }

    @Test func `memory that there isn't is an error`() {
        do throws(SystemError) {
            _ = try WorkBuffer(byteCount: 1 << 46)
            Issue.record("64 TiB were mapped")
        } catch {
            #expect(error.isOutOfMemory)
            #expect(error.reachedLimit == .memory)
        }
    }
}
