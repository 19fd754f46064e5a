import SluiceFormat
import Testing

@Suite struct ByteCodecTests {
    @Test func `integers are big-endian in their full width`() throws {
        var writer = ByteWriter()
        writer.integer(UInt8(0xAB))
        writer.integer(UInt16(0x0102))
        writer.integer(UInt64.max - 1)
        writer.integer(Int64(-2))
        #expect(
            writer.bytes == [0xAB, 1, 2] + [UInt8](repeating: 0xFF, count: 7) + [0xFE]
                + [UInt8](repeating: 0xFF, count: 7) + [0xFE])
        var reader = ByteReader(writer.bytes)
        #expect(try reader.integer(UInt8.self) == 0xAB)
        #expect(try reader.integer(UInt16.self) == 0x0102)
        #expect(try reader.integer(UInt64.self) == .max - 1)
        #expect(try reader.integer(Int64.self) == -2)
        try reader.finish()
    }

    @Test func `random integers come back`() throws {
        var random = Randomness(seed: 6)
        for _ in 0..<200 {
            let value = Int64(
                truncatingIfNeeded: random.next() >> UInt64.random(in: 0...63, using: &random))
            var writer = ByteWriter()
            writer.integer(value)
            writer.integer(Int32(truncatingIfNeeded: value))
            var reader = ByteReader(writer.bytes)
            #expect(try reader.integer(Int64.self) == value)
            #expect(try reader.integer(Int32.self) == Int32(truncatingIfNeeded: value))
        }
    }

    @Test(arguments: [0, 1, 255, 256, 65_535])
    func `a counted field comes back`(count: Int) throws {
        var writer = ByteWriter()
        let field = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        writer.counted(field)
        #expect(writer.bytes.count == count + 2)
        var reader = ByteReader(writer.bytes)
        #expect(try Array(reader.counted()) == field)
        try reader.finish()
        var short = ByteReader(writer.bytes.dropLast())
        #expect(throws: FormatError.truncated) { try short.counted() }
    }

    @Test func `a field too long to be counted is a programming error`() async {
        await #expect(processExitsWith: .failure) {
            var writer = ByteWriter()
            writer.counted([UInt8](repeating: 0, count: 65_536))
        }
    }
}
