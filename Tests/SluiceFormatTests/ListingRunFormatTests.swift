import SluiceFormat
import Testing

@Suite struct ListingRunFormatTests {
    private static func index() -> RunIndex {
        var index = RunIndex()
        for (place, name) in ["a", "b/", "é"].enumerated() {
            index.chunks.append(
                RunIndex.Chunk(
                    offset: index.endOffset, sealedByteCount: 17 + place, nameCount: 1 + place,
                    firstName: Array(name.utf8)))
        }
        index.objects = [
            RunIndex.Mark(rowID: 7, revision: [UInt8](0..<32)),
            RunIndex.Mark(rowID: .max, revision: [UInt8](32..<64)),
        ]
        index.directories = [RunIndex.Mark(rowID: -1, revision: [UInt8](64..<96))]
        return index
    }

    @Test func `an index is read as it was written, and no other bytes are one`() throws {
        let index = Self.index()
        let bytes = index.encoded()
        #expect(try RunIndex(decoding: bytes) == index)
        #expect(index.nameCount == 6)
        #expect(index.endOffset == 40 + 17 + 18 + 19)
        #expect(try RunIndex(decoding: RunIndex().encoded()) == RunIndex())
        for count in bytes.indices {
            #expect(throws: FormatError.self) { try RunIndex(decoding: Array(bytes[..<count])) }
        }
        #expect(throws: FormatError.trailingBytes) { try RunIndex(decoding: bytes + [0]) }
    }

    @Test func `an index with an empty chunk is none`() {
        for (sealedByteCount, nameCount) in [(16, 1), (17, 0)] {
            var index = RunIndex()
            index.chunks = [
                RunIndex.Chunk(
                    offset: 40, sealedByteCount: sealedByteCount, nameCount: nameCount,
                    firstName: [])
            ]
            #expect(throws: FormatError.invalidField("chunk")) {
                try RunIndex(decoding: index.encoded())
            }
        }
    }

    @Test func `an entry is read as it was written`() throws {
        var writer = ByteWriter()
        let entries = [
            RunEntry(name: Array("a/".utf8)[...], isDirectory: true, rowID: 1),
            RunEntry(name: [], isDirectory: false, rowID: .max),
        ]
        for entry in entries { entry.append(to: &writer) }
        var reader = ByteReader(writer.bytes)
        for entry in entries { #expect(try RunEntry(decoding: &reader) == entry) }
        try reader.finish()
        var other = ByteReader([2] + writer.bytes.dropFirst())
        #expect(throws: FormatError.invalidField("kind")) { try RunEntry(decoding: &other) }
    }

    @Test func `every piece of every run has a key and a binding of its own`() {
        let (one, two) = ([UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16))
        let bindings = [
            RunBinding.encoded(storeID: one, scopeID: one, directory: one, number: 0),
            RunBinding.encoded(storeID: two, scopeID: one, directory: one, number: 0),
            RunBinding.encoded(storeID: one, scopeID: two, directory: one, number: 0),
            RunBinding.encoded(storeID: one, scopeID: one, directory: two, number: 0),
            RunBinding.encoded(storeID: one, scopeID: one, directory: one, number: 1),
        ]
        #expect(Set(bindings).count == bindings.count)
        let messages = [
            KeyInfo.run(salt: one + one, number: 0), KeyInfo.run(salt: one + two, number: 0),
            KeyInfo.run(salt: one + one, number: RunLayout.indexNumber),
        ]
        #expect(Set(messages).count == messages.count)
    }
}
