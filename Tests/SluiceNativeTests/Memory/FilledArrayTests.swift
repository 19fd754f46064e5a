import SluiceNative
import Testing

@Suite struct FilledArrayTests {
    private struct Refusal: Error, Equatable {}

    @Test(arguments: [0, 1, 15, 16, 4096, 1 << 20])
    func `it has as many bytes as asked for, and what was written`(byteCount: Int) {
        let bytes = [UInt8](filling: byteCount) { span in
            #expect(span.count == byteCount)
            for place in span.indices { span[place] = UInt8(truncatingIfNeeded: place) }
        }
        #expect(bytes == (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) })
        #expect([UInt8](copying: bytes.span) == bytes)
    }

    @Test(arguments: [0, 5]) func `an error comes out as it was thrown`(byteCount: Int) {
        #expect(throws: Refusal()) {
            _ = try [UInt8](filling: byteCount) { (_: inout MutableSpan<UInt8>) throws(Refusal) in
                throw Refusal()
            }
        }
    }
}
