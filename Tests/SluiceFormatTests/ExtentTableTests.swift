import SluiceFormat
import Testing

@Suite struct ExtentTableTests {
    private static let entry = ExtentTable.Entry(
        start: 10, byteCount: 20, offset: 5, extentByteCount: 100, storedByteCount: 116,
        chunkSize: .standard, codec: .raw, partID: Array("0007".utf8),
        blobID: [UInt8](repeating: 9, count: 16))

    @Test func `an entry is read as it was written, in the width that the format gives it`() throws
    {
        var entries = [Self.entry]
        entries.append(Self.entry)
        entries[1].codec = .lz4
        entries[1].partID = [UInt8](repeating: 1, count: 64)
        entries.append(Self.entry)
        entries[2].codec = nil
        entries[2].partID = []
        for entry in entries {
            let head = entry.encodedHead()
            #expect(head.count == 123)
            #expect(try ExtentTable.Entry(decodingHead: head) == entry)
        }
        #expect(ExtentTable.entryByteCount == 187)
    }

    @Test func `what can't be an entry is refused`() {
        let head = Self.entry.encodedHead()
        // Offsets of fields, and what can't be in them.
        let changes: [(Int, [UInt8])] = [
            (0, [0x7F]), (7, [0xFF, 0, 0, 0, 0, 0, 0, 0, 0]), (15, [0]), (23, [81]), (23, [200]),
            (31, [24]), (24, [0xFF]), (32, [0xFF]), (40, [11]), (40, [25]), (41, [2]), (41, [3]),
            (42, [65]), (42, [3]), (106, [1]),
        ]
        for (offset, bytes) in changes {
            var changed = head
            changed.replaceSubrange(offset..<offset + bytes.count, with: bytes)
            #expect(throws: FormatError.self, "\(offset): \(bytes)") {
                try ExtentTable.Entry(decodingHead: changed)
            }
        }
        for count in [0, 122, 124] {
            let other = Array((head + [0]).prefix(count))
            #expect(throws: FormatError.self) { try ExtentTable.Entry(decodingHead: other) }
        }
    }

    @Test func `how many entries a table has follows from its length, which no other has`() {
        var lengths: Set<Int> = []
        for count in [1, 2, 255, 256, 257, 511, 512, 513, 50_000, 1 << 18] {
            let length = ExtentTable.sealedByteCount(entryCount: count)
            #expect(length == 187 * count + 16 * ((count + 255) / 256))
            #expect(ExtentTable.entryCount(sealedByteCount: length) == count)
            for other in [length - 1, length + 1, length - 16] {
                #expect(ExtentTable.entryCount(sealedByteCount: other) == nil)
            }
            lengths.insert(length)
        }
        #expect(lengths.count == 10)
        #expect(ExtentTable.entryCount(sealedByteCount: 0) == nil)
        let tooLong = ExtentTable.sealedByteCount(entryCount: 1 << 18) + 187 + 16
        #expect(ExtentTable.entryCount(sealedByteCount: tooLong) == nil)
    }

    @Test func `a part's document is read as it was written, and nothing else is`() throws {
        let document = PartDocument(
            partID: Array("a".utf8), byteCount: 5, storedByteCount: 21, chunkSize: .standard,
            codec: .lz4, createdMilliseconds: 7)
        let bytes = document.encoded()
        #expect(try PartDocument(decoding: bytes) == document)
        for count in 0..<bytes.count {
            #expect(throws: FormatError.self) { try PartDocument(decoding: Array(bytes[..<count])) }
        }
        #expect(throws: FormatError.self) { try PartDocument(decoding: bytes + [0]) }
        // Version, length of the id, its size, chunk exponent, codec.
        for (offset, value) in [(0, 1), (2, 0), (4, 0xFF), (20, 9), (21, 2)] as [(Int, UInt8)] {
            var changed = bytes
            changed[offset] = value
            #expect(throws: FormatError.self, "\(offset)") { try PartDocument(decoding: changed) }
        }
    }
}
