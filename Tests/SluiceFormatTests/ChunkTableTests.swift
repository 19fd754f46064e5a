import SluiceFormat
import Testing

@Suite struct ChunkTableTests {
    private let chunkSize = ChunkSize.standard

    private func layout(chunkCount: Int) throws -> ChunkLayout {
        try #require(
            ChunkLayout(byteCount: chunkCount * chunkSize.byteCount, chunkSize: chunkSize))
    }

    @Test(arguments: [1, 2, 1023, 1024, 1025, 2047, 2048, 2049])
    func `pages lie behind each other, and hold every entry once`(chunkCount: Int) {
        var end = 0
        var entryCount = 0
        for page in 0..<ChunkTable.pageCount(chunkCount: chunkCount) {
            #expect(ChunkTable.sealedOffset(ofPage: page) == end)
            let entries = ChunkTable.entryCount(ofPage: page, chunkCount: chunkCount)
            #expect((1...1024).contains(entries))
            #expect(
                ChunkTable.sealedByteCount(ofPage: page, chunkCount: chunkCount)
                    == entries * 12 + 16)
            end += ChunkTable.sealedByteCount(ofPage: page, chunkCount: chunkCount)
            entryCount += entries
        }
        #expect(entryCount == chunkCount)
        #expect(end == ChunkTable.sealedByteCount(chunkCount: chunkCount))
    }

    @Test func `random pages come back as they were encoded`() throws {
        var random = Randomness(seed: 1)
        let layout = try layout(chunkCount: 1500)
        let full = chunkSize.byteCount + 16
        let entries = (0..<1500).map { _ in
            let isLZ4 = Bool.random(using: &random)
            return ChunkTable.Entry(
                sealedOffset: Int.random(in: 0...1 << 40, using: &random),
                sealedByteCount: isLZ4 ? Int.random(in: 17..<full, using: &random) : full,
                isLZ4: isLZ4)
        }
        let end = (1 << 40) + full
        for (page, range) in [0..<1024, 1024..<1500].enumerated() {
            let bytes = ChunkTable.encode(entries[range])
            let decoded = try ChunkTable.decode(
                page: page, from: bytes, layout: layout, tableOffset: end)
            #expect(decoded == Array(entries[range]))
            #expect(throws: FormatError.truncated) {
                try ChunkTable.decode(
                    page: page, from: bytes.dropLast(), layout: layout, tableOffset: end)
            }
            #expect(throws: FormatError.trailingBytes) {
                try ChunkTable.decode(
                    page: page, from: bytes + [0], layout: layout, tableOffset: end)
            }
        }
    }

    @Test func `an entry that its chunk can't have is refused`() throws {
        let layout = try layout(chunkCount: 1)
        let full = chunkSize.byteCount + 16
        func decode(_ offset: Int, _ byteCount: Int, _ isLZ4: Bool) -> Bool {
            let entry = ChunkTable.Entry(
                sealedOffset: offset, sealedByteCount: byteCount, isLZ4: isLZ4)
            let entries = try? ChunkTable.decode(
                page: 0, from: ChunkTable.encode([entry]), layout: layout, tableOffset: full + 10)
            return entries == [entry]
        }
        #expect(decode(0, full, false))
        #expect(decode(10, full, false))
        #expect(!decode(11, full, false))
        #expect(!decode(0, full - 1, false))
        #expect(!decode(0, full + 1, false))
        #expect(decode(0, 17, true))
        #expect(!decode(0, 16, true))
        #expect(decode(0, full - 1, true))
        #expect(!decode(0, full, true))
        #expect(!decode(full + 11, 17, true))
        #expect(!decode(.max, 17, true))
    }

    @Test func `an offset above what an integer holds is refused`() throws {
        var bytes = [UInt8](repeating: 0xFF, count: 8)
        bytes += [0x80, 0, 0, 17]
        #expect(throws: FormatError.invalidField("chunk table entry")) {
            try ChunkTable.decode(
                page: 0, from: bytes, layout: layout(chunkCount: 1), tableOffset: 1 << 40)
        }
    }
}
