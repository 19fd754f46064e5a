import SluiceFormat
import Testing

@Suite struct MetadataDocumentTests {
    @Test func `random metadata come back, whole and only whole`() throws {
        var random = Randomness(seed: 9)
        for _ in 0..<200 {
            let document = MetadataDocument(random.pairs(1...6))
            let bytes = document.encoded()
            let decoded = try MetadataDocument(decoding: bytes)
            #expect(decoded == document)
            #expect(decoded.encoded() == bytes)
            #expect(throws: FormatError.trailingBytes) {
                try MetadataDocument(decoding: bytes + [0])
            }
            for count in 0..<bytes.count {
                #expect(throws: FormatError.truncated) {
                    try MetadataDocument(decoding: Array(bytes[..<count]))
                }
            }
        }
    }

    @Test func `whatever decodes is the one encoding of its metadata`() {
        var random = Randomness(seed: 10)
        var decodedCount = 0
        for _ in 0..<4000 {
            var bytes = MetadataDocument(random.pairs(1...6)).encoded()
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    UInt8(truncatingIfNeeded: random.next())
            }
            guard let document = try? MetadataDocument(decoding: bytes) else { continue }
            decodedCount += 1
            #expect(document.encoded() == bytes)
        }
        #expect(decodedCount > 100)
    }

    private func document(_ names: [String], value: [UInt8] = [0x76]) -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(Format.version)
        writer.integer(UInt16(names.count))
        for name in names {
            writer.counted(name)
            writer.counted(value)
        }
        return writer.bytes
    }

    @Test func `names out of order, or twice, are refused`() throws {
        #expect(try MetadataDocument(decoding: document(["a", "b"])).pairs.count == 2)
        for names in [["b", "a"], ["a", "a"], ["b", "B"]] {
            #expect(throws: FormatError.invalidField("order of names")) {
                try MetadataDocument(decoding: document(names))
            }
        }
    }

    @Test func `two names that are one to a string are refused, not dropped`() {
        // A dictionary holds é composed and decomposed as one key: decoding would lose a value.
        #expect(throws: FormatError.invalidField("order of names")) {
            try MetadataDocument(decoding: document(["e\u{301}", "\u{e9}"]))
        }
    }

    @Test func `none, an empty name, too much, and text that is no UTF-8, are refused`() throws {
        #expect(throws: FormatError.invalidField("metadata")) {
            try MetadataDocument(decoding: document([]))
        }
        #expect(throws: FormatError.invalidField("metadata")) {
            try MetadataDocument(decoding: document([""]))
        }
        let most = Format.maximumMetadataByteCount - 1
        let longest = [UInt8](repeating: 0x76, count: most)
        #expect(try MetadataDocument(decoding: document(["k"], value: longest)).pairs.count == 1)
        #expect(throws: FormatError.invalidField("metadata")) {
            try MetadataDocument(decoding: document(["k"], value: longest + [0x76]))
        }
        #expect(throws: FormatError.invalidField("value")) {
            try MetadataDocument(decoding: document(["k"], value: [0xFF]))
        }
    }

    @Test func `another version is refused`() {
        var bytes = document(["a"])
        bytes[0] = 1
        #expect(throws: FormatError.unknownVersion(1)) { try MetadataDocument(decoding: bytes) }
    }
}
