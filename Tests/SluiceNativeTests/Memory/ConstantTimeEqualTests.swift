import SluiceNative
import Testing

struct ConstantTimeEqualTests {
    @Test(arguments: [0, 1, 15, 16, 32, 33]) func `equal bytes are equal`(byteCount: Int) {
        let bytes = (0..<byteCount).map { UInt8($0) }
        let same = bytes
        #expect(isEqual(bytes, same))
    }

    @Test(arguments: 0..<33) func `any changed byte makes a difference`(index: Int) {
        let bytes = [UInt8](repeating: 7, count: 33)
        var other = bytes
        other[index] ^= 0x80
        #expect(!isEqual(bytes, other))
    }

    @Test func `bytes of another count are unequal`() {
        #expect(!isEqual([1, 2], [1, 2, 3]))
        #expect(!isEqual([], [0]))
    }

    @Test(arguments: [0, 1, 31, 4096]) func `wiping leaves zeros`(byteCount: Int) {
        var bytes = [UInt8](repeating: 0xff, count: byteCount)
        var span = bytes.mutableSpan
        wipe(&span)
        #expect(bytes == [UInt8](repeating: 0, count: byteCount))
    }

    // `#expect` can't take spans.
    private func isEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
        constantTimeEqual(first.span, second.span)
    }
}
