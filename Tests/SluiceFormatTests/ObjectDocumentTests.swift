import SluiceFormat
import Testing

@Suite struct ObjectDocumentTests {
    private func randomDocument(_ random: inout Randomness) -> ObjectDocument {
        ObjectDocument(
            name: Array(("n" + random.text(upTo: 40)).utf8),
            createdMilliseconds: Int(truncatingIfNeeded: random.next()),
            modifiedMilliseconds: Int(truncatingIfNeeded: random.next()),
            properties: random.properties())
    }

    private func document(_ properties: [ObjectProperty: [UInt8]]) -> ObjectDocument {
        ObjectDocument(
            name: [0x6E], createdMilliseconds: 0, modifiedMilliseconds: 0, properties: properties)
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

    @Test(arguments: [0, Format.maximumNameByteCount + 1])
    func `a name beyond the limits is refused`(count: Int) {
        var nameless = document([:])
        nameless.name = [UInt8](repeating: 0x6E, count: count)
        #expect(throws: FormatError.invalidField("name")) {
            try ObjectDocument(decoding: nameless.encoded())
        }
    }

    private static let texts: [ObjectProperty] = [
        .contentType, .contentEncoding, .contentLanguage, .contentDisposition, .cacheControl,
    ]

    @Test(arguments: texts)
    func `a text beyond the limits, or none, is refused`(property: ObjectProperty) throws {
        let most = Format.maximumPropertyByteCount
        for value in [[], [UInt8](repeating: 0x74, count: most + 1), [0xFF]] {
            #expect(throws: FormatError.invalidField("property \(property)")) {
                try ObjectDocument(decoding: document([property: value]).encoded())
            }
        }
        for value in [[0x74], [UInt8](repeating: 0x74, count: most)] {
            let whole = document([property: value])
            #expect(try ObjectDocument(decoding: whole.encoded()) == whole)
        }
    }

    @Test func `a digest of another length, and a tier that there isn't, are refused`() throws {
        for digest in [15, 17] {
            #expect(throws: FormatError.invalidField("property contentMD5")) {
                let bytes = document([.contentMD5: [UInt8](repeating: 1, count: digest)]).encoded()
                return try ObjectDocument(decoding: bytes)
            }
        }
        for tier in [[], [0], [5], [1, 1]] as [[UInt8]] {
            #expect(throws: FormatError.invalidField("property tier")) {
                try ObjectDocument(decoding: document([.tier: tier]).encoded())
            }
        }
        let whole = document([.contentMD5: [UInt8](repeating: 1, count: 16), .tier: [4]])
        #expect(try ObjectDocument(decoding: whole.encoded()) == whole)
    }

    @Test func `tags beyond the limits, or none, are refused`() throws {
        func tags(_ count: Int, _ name: Int, _ value: Int) -> ObjectDocument {
            let names = (0..<count).map { number in
                String(repeating: "n", count: max(0, name - 1)) + String(number, radix: 36)
            }
            let pairs = Dictionary(
                uniqueKeysWithValues: names.map { ($0, String(repeating: "v", count: value)) })
            return document([.tags: TextPairs.encoded(pairs)])
        }
        for document in [tags(1, 128, 256), tags(10, 2, 0)] {
            #expect(try ObjectDocument(decoding: document.encoded()) == document)
        }
        for document in [tags(0, 0, 0), tags(11, 2, 0), tags(1, 129, 0), tags(1, 1, 257)] {
            #expect(throws: FormatError.invalidField("property tags")) {
                try ObjectDocument(decoding: document.encoded())
            }
        }
        #expect(throws: FormatError.invalidField("property tags")) {
            try ObjectDocument(
                decoding: document([.tags: TextPairs.encoded(["": "v"])]).encoded())
        }
        #expect(throws: FormatError.trailingBytes) {
            try ObjectDocument(
                decoding: document([.tags: TextPairs.encoded(["a": "v"]) + [0]]).encoded())
        }
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

    private static let note = FileNote(
        kind: .symbolicLink, isSettled: true, mode: 0o7777, ownerID: 1, groupID: .max,
        modifiedSeconds: -1, modifiedNanoseconds: 999_999_999)

    @Test func `a file's note comes back, and what none can be is refused`() throws {
        let bytes = Self.note.encoded()
        #expect(try FileNote(decoding: bytes) == Self.note)
        #expect(
            try ObjectDocument(decoding: document([.file: bytes]).encoded()).properties[.file]
                == bytes)
        // The kind, whether it is settled, the mode, the nanoseconds.
        let wrong: [(Int, UInt8)] = [(0, 0), (0, 4), (1, 2), (2, 0x10), (20, 0x3C)]
        for (index, value) in wrong {
            var bytes = bytes
            bytes[index] = value
            #expect(throws: FormatError.invalidField("property file"), "\(index)") {
                try ObjectDocument(decoding: document([.file: bytes]).encoded())
            }
            #expect(throws: FormatError.self) { try FileNote(decoding: bytes) }
        }
        for value in [[], Array(bytes.dropLast()), bytes + [0]] {
            #expect(throws: FormatError.invalidField("property file")) {
                try ObjectDocument(decoding: document([.file: value]).encoded())
            }
        }
    }

    /// A note whose extended attributes are these, however wrong.
    private func note(_ attributes: [([UInt8], [UInt8])], count: Int? = nil) -> [UInt8] {
        var writer = ByteWriter()
        var fixed = Self.note.encoded()
        fixed[1] |= 2
        writer.fixed(fixed)
        writer.integer(UInt16(count ?? attributes.count))
        for (name, value) in attributes {
            writer.counted(name)
            writer.counted(value)
        }
        return writer.bytes
    }

    @Test func `extended attributes come back, and others than can be are refused`() throws {
        let long = [UInt8](repeating: 0xFF, count: 255)
        var most = Self.note
        most.attributes = [[1]: [], long: [UInt8](repeating: 0, count: 16_384 - 256)]
        var one = Self.note
        one.attributes = [Array("user.a".utf8): [0]]
        for whole in [most, one] {
            let bytes = whole.encoded()
            #expect(try FileNote(decoding: bytes) == whole)
            #expect(
                try ObjectDocument(decoding: document([.file: bytes]).encoded()).properties[.file]
                    == bytes)
            #expect(FileAttributes.arePossible(whole.attributes))
        }
        // None of them takes no byte.
        #expect(Self.note.encoded().count == 24)
        #expect(note([([1], [2])]).count == 24 + 2 + 6)
        let wrong: [[UInt8]] = [
            note([]), note([([], [1])]), note([([1, 0], [1])]), note([([1], []), ([1], [])]),
            note([([2], []), ([1], [])]), note([([1, 1], []), ([1], [])]),
            note([(long + [1], [])]), note([([1], [UInt8](repeating: 0, count: 16_384))]),
            note([([1], [])], count: 2), note([([1], []), ([2], [])], count: 1),
            note([([1], [2])]).dropLast(),
        ].map { Array($0) }
        for (index, bytes) in wrong.enumerated() {
            #expect(throws: FormatError.invalidField("property file"), "\(index)") {
                try ObjectDocument(decoding: document([.file: bytes]).encoded())
            }
            #expect(throws: FormatError.self) { try FileNote(decoding: bytes) }
        }
        for attributes in [[[]: [1]], [[0]: [1]], [long + [1]: []]] as [[[UInt8]: [UInt8]]] {
            #expect(!FileAttributes.arePossible(attributes))
        }
    }

    @Test func `a link number comes back, behind the attributes, and has sixteen bytes`() throws {
        var linked = Self.note
        linked.link = [UInt8](0..<16)
        var both = linked
        both.attributes = [[1]: [2]]
        for whole in [linked, both] {
            let bytes = whole.encoded()
            #expect(Array(bytes.suffix(16)) == whole.link)
            #expect(try FileNote(decoding: bytes) == whole)
            // One byte fewer, one more, without the flag, with a flag that there isn't.
            var (unflagged, strange) = (bytes, bytes)
            unflagged[1] ^= 4
            strange[1] |= 8
            for wrong in [bytes.dropLast(), bytes + [0], unflagged, strange] as [[UInt8]] {
                #expect(throws: FormatError.self) { try FileNote(decoding: wrong) }
            }
        }
        #expect(linked.encoded().count == 40)
    }

    /// A document with these codes of properties, each with a value that one of them takes.
    private func document(codes: [UInt8]) -> [UInt8] {
        var writer = ByteWriter()
        writer.integer(Format.version)
        writer.counted("n")
        writer.integer(Int64(0))
        writer.integer(Int64(0))
        writer.integer(UInt8(codes.count))
        for code in codes {
            writer.integer(code)
            writer.counted(code == 7 ? [1] : [0x74])
        }
        return writer.bytes
    }

    @Test func `properties out of order, or twice, or unknown, are refused`() throws {
        #expect(try ObjectDocument(decoding: document(codes: [1, 5, 7])).properties.count == 3)
        for codes in [[5, 1], [1, 1], [0]] as [[UInt8]] {
            #expect(throws: FormatError.invalidField("property order")) {
                try ObjectDocument(decoding: document(codes: codes))
            }
        }
        #expect(throws: FormatError.unknownVersion(11)) {
            try ObjectDocument(decoding: document(codes: [1, 11]))
        }
    }

    @Test func `another version is refused`() {
        var bytes = document(codes: [])
        for version in [1, 3] as [UInt8] {
            bytes[0] = version
            #expect(throws: FormatError.unknownVersion(version)) {
                try ObjectDocument(decoding: bytes)
            }
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
                try ObjectDocument.places(in: bytes.span).name
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
