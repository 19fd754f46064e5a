import SluiceFormat
import Testing

@Suite struct ObjectDocumentTests {
    private func randomDocument(_ random: inout Randomness) -> ObjectDocument {
        var metadata: [String: String] = [:]
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            metadata["k" + random.text(upTo: 5)] = random.text(upTo: 20)
        }
        return ObjectDocument(
            name: Array(("n" + random.text(upTo: 40)).utf8), contentType: random.text(upTo: 10),
            modifiedMilliseconds: Int(truncatingIfNeeded: random.next()), metadata: metadata)
    }

    @Test func `random documents come back, whole and only whole`() throws {
        var random = Randomness(seed: 2)
        for _ in 0..<300 {
            let document = randomDocument(&random)
            let bytes = document.encoded()
            let decoded = try ObjectDocument(decoding: bytes)
            #expect(decoded == document)
            #expect(decoded.encoded() == bytes)
            #expect(throws: FormatError.trailingBytes) { try ObjectDocument(decoding: bytes + [0]) }
            for count in 0..<bytes.count {
                #expect(throws: FormatError.truncated) {
                    try ObjectDocument(decoding: Array(bytes[..<count]))
                }
            }
        }
    }

    @Test(arguments: [
        ObjectDocument(name: [], contentType: "", modifiedMilliseconds: 0, metadata: [:]),
        ObjectDocument(
            name: Array(repeating: 0x6E, count: Format.maximumNameByteCount + 1), contentType: "",
            modifiedMilliseconds: 0, metadata: [:]),
        ObjectDocument(
            name: [0x6E],
            contentType: String(repeating: "t", count: Format.maximumContentTypeByteCount + 1),
            modifiedMilliseconds: 0, metadata: [:]),
        ObjectDocument(
            name: [0x6E], contentType: "", modifiedMilliseconds: 0,
            metadata: ["k": String(repeating: "v", count: Format.maximumMetadataByteCount)]),
        ObjectDocument(
            name: [0x6E], contentType: "", modifiedMilliseconds: 0, metadata: ["": "v"]),
    ])
    func `a document beyond the limits is refused`(_ document: ObjectDocument) {
        #expect(throws: FormatError.self) { try ObjectDocument(decoding: document.encoded()) }
    }

    @Test func `whatever decodes is the one encoding of its document`() {
        var random = Randomness(seed: 3)
        var decodedCount = 0
        for _ in 0..<4000 {
            var bytes = randomDocument(&random).encoded()
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] =
                    UInt8(truncatingIfNeeded: random.next())
            }
            guard let document = try? ObjectDocument(decoding: bytes) else { continue }
            decodedCount += 1
            #expect(document.encoded() == bytes)
        }
        #expect(decodedCount > 100)
    }

    private func document(keys: [String]) -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(Format.version)
        writer.counted("n")
        writer.counted("")
        writer.integer(Int64(0))
        writer.integer(UInt16(keys.count))
        for key in keys {
            writer.counted(key)
            writer.counted("v")
        }
        return writer.bytes
    }

    @Test func `metadata out of order, or twice, is refused`() throws {
        #expect(try ObjectDocument(decoding: document(keys: ["a", "b"])).metadata.count == 2)
        for keys in [["b", "a"], ["a", "a"], ["b", "B"]] {
            #expect(throws: FormatError.invalidField("metadata order")) {
                try ObjectDocument(decoding: document(keys: keys))
            }
        }
    }

    @Test func `two keys that are one to a string are refused, not dropped`() {
        // A dictionary holds é composed and decomposed as one key: decoding would lose a value.
        #expect(throws: FormatError.invalidField("metadata order")) {
            try ObjectDocument(decoding: document(keys: ["e\u{301}", "\u{e9}"]))
        }
    }

    @Test func `another version, and text that is no UTF-8, are refused`() {
        var bytes = document(keys: [])
        bytes[0] = 2
        #expect(throws: FormatError.unknownVersion(2)) { try ObjectDocument(decoding: bytes) }
        var writer = ByteWriter()
        writer.integer(Format.version)
        writer.counted("n")
        writer.counted([0xFF])
        #expect(throws: FormatError.invalidField("content type")) {
            try ObjectDocument(decoding: writer.bytes)
        }
    }

    @Test func `directory documents come back, whole and only whole`() throws {
        var random = Randomness(seed: 4)
        for _ in 0..<100 {
            let document = DirectoryDocument(
                path: random.bytes(Int.random(in: 0...50, using: &random)))
            let bytes = document.encoded()
            #expect(try DirectoryDocument(decoding: bytes) == document)
            #expect(throws: FormatError.trailingBytes) {
                try DirectoryDocument(decoding: bytes + [0])
            }
            #expect(throws: FormatError.truncated) {
                try DirectoryDocument(decoding: bytes.dropLast())
            }
        }
        #expect(throws: FormatError.unknownVersion(9)) {
            try DirectoryDocument(decoding: [9, 0, 0])
        }
    }

    @Test func `the place of the name is told of exactly what can be decoded`() throws {
        var random = Randomness(seed: 5)
        var counts = (same: 0, refused: 0)
        for round in 0..<4000 {
            var bytes = randomDocument(&random).encoded()
            if round % 4 > 0 {
                for _ in 0..<(round % 4) {
                    bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(
                        truncatingIfNeeded: random.next())
                }
            }
            if round % 7 == 6 { bytes.removeLast() }
            let decoded = Result { () throws(FormatError) in try ObjectDocument(decoding: bytes) }
            let place = Result { () throws(FormatError) in
                try ObjectDocument.place(ofNameIn: bytes.span)
            }
            switch (decoded, place) {
            case (.success(let document), .success(let place)):
                #expect(Array(bytes[place]) == document.name)
                #expect(place.lowerBound == ObjectDocument.nameOffset)
                counts.same += 1
            case (.failure, .failure): counts.refused += 1
            default: Issue.record("\(decoded), but \(place)")
            }
        }
        #expect(counts.same > 500 && counts.refused > 500)
    }
}
