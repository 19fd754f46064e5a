import SluiceFormat
import Testing

@Suite struct PinDocumentTests {
    private func randomDocument(_ random: inout Randomness) -> PinDocument {
        var metadata: [String: String] = [:]
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            metadata["k" + random.text(upTo: 5)] = random.text(upTo: 20)
        }
        return PinDocument(
            scope: random.text(upTo: 10), keyIdentifier: random.text(upTo: 30),
            pinnedMilliseconds: Int(truncatingIfNeeded: random.next()),
            object: ObjectDocument(
                name: Array(("n" + random.text(upTo: 20)).utf8),
                contentType: random.text(upTo: 10),
                modifiedMilliseconds: Int(truncatingIfNeeded: random.next()),
                metadata: metadata))
    }

    @Test func `random documents come back, whole and only whole`() throws {
        var random = Randomness(seed: 6)
        for _ in 0..<100 {
            let document = randomDocument(&random)
            let bytes = document.encoded()
            let decoded = try PinDocument(decoding: bytes)
            #expect(decoded == document)
            #expect(decoded.encoded() == bytes)
            #expect(throws: FormatError.trailingBytes) { try PinDocument(decoding: bytes + [0]) }
            for count in 0..<bytes.count {
                #expect(throws: FormatError.truncated) {
                    try PinDocument(decoding: Array(bytes[..<count]))
                }
            }
        }
    }

    @Test func `the longest document there can be comes back`() throws {
        // As many pairs as the limit holds: each key is short, and each value empty.
        var metadata: [String: String] = [:]
        var room = Format.maximumMetadataByteCount
        for number in 0... {
            let key = String(number, radix: 36)
            guard key.utf8.count <= room else { break }
            room -= key.utf8.count
            metadata[key] = ""
        }
        let document = PinDocument(
            scope: String(repeating: "s", count: Format.maximumScopeNameByteCount),
            keyIdentifier: String(repeating: "k", count: 300), pinnedMilliseconds: .max,
            object: ObjectDocument(
                name: [UInt8](repeating: 0x6E, count: Format.maximumNameByteCount),
                contentType: String(repeating: "t", count: Format.maximumContentTypeByteCount),
                modifiedMilliseconds: .min, metadata: metadata))
        #expect(try PinDocument(decoding: document.encoded()) == document)
    }

    @Test func `another version, within too, and text that is no UTF-8, are refused`() {
        var random = Randomness(seed: 7)
        let document = randomDocument(&random)
        var bytes = document.encoded()
        bytes[0] = 2
        #expect(throws: FormatError.unknownVersion(2)) { try PinDocument(decoding: bytes) }
        bytes = document.encoded()
        bytes[bytes.count - document.object.encoded().count] = 3
        #expect(throws: FormatError.unknownVersion(3)) { try PinDocument(decoding: bytes) }
        for (first, second) in [([0xFF], []), ([], [0xFF])] as [([UInt8], [UInt8])] {
            var writer = ByteWriter()
            writer.integer(Format.version)
            writer.counted(first)
            writer.counted(second)
            writer.integer(Int64(0))
            writer.counted(document.object.encoded())
            #expect(throws: FormatError.invalidField(first.isEmpty ? "key identifier" : "scope")) {
                try PinDocument(decoding: writer.bytes)
            }
        }
    }

    @Test func `an object's document with bytes left over is refused`() {
        var random = Randomness(seed: 8)
        let document = randomDocument(&random)
        var writer = ByteWriter()
        writer.integer(Format.version)
        writer.counted(document.scope)
        writer.counted(document.keyIdentifier)
        writer.integer(Int64(document.pinnedMilliseconds))
        writer.counted(document.object.encoded() + [0])
        #expect(throws: FormatError.trailingBytes) { try PinDocument(decoding: writer.bytes) }
    }
}
