import SluiceFormat
import Testing

@Suite struct PinDocumentTests {
    private func randomDocument(_ random: inout Randomness) -> PinDocument {
        PinDocument(
            scope: random.text(upTo: 10), keyIdentifier: random.text(upTo: 30),
            pinnedMilliseconds: Int(truncatingIfNeeded: random.next()),
            entityTag: random.bytes(16),
            object: ObjectDocument(
                name: Array(("n" + random.text(upTo: 20)).utf8),
                createdMilliseconds: Int(truncatingIfNeeded: random.next()),
                modifiedMilliseconds: Int(truncatingIfNeeded: random.next()),
                properties: random.properties()),
            metadata: Bool.random(using: &random) ? MetadataDocument(random.pairs(1...3)) : nil)
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
            entityTag: [UInt8](repeating: 1, count: 16),
            object: ObjectDocument(
                name: [UInt8](repeating: 0x6E, count: Format.maximumNameByteCount),
                createdMilliseconds: .max, modifiedMilliseconds: .min,
                properties: [
                    .contentType: [UInt8](
                        repeating: 0x74, count: Format.maximumPropertyByteCount)
                ]), metadata: MetadataDocument(metadata))
        #expect(try PinDocument(decoding: document.encoded()) == document)
    }

    @Test func `another version, within too, and text that is no UTF-8, are refused`() {
        var random = Randomness(seed: 7)
        let document = randomDocument(&random)
        var bytes = document.encoded()
        bytes[0] = 1
        #expect(throws: FormatError.unknownVersion(1)) { try PinDocument(decoding: bytes) }
        bytes = document.encoded()
        let metadata = document.metadata?.encoded() ?? []
        bytes[bytes.count - metadata.count - 2 - document.object.encoded().count] = 3
        #expect(throws: FormatError.unknownVersion(3)) { try PinDocument(decoding: bytes) }
        for (first, second) in [([0xFF], []), ([], [0xFF])] as [([UInt8], [UInt8])] {
            var writer = ByteWriter()
            writer.integer(Format.version)
            writer.counted(first)
            writer.counted(second)
            writer.integer(Int64(0))
            writer.fixed(document.entityTag)
            writer.counted(document.object.encoded())
            writer.counted([])
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
        writer.fixed(document.entityTag)
        writer.counted(document.object.encoded() + [0])
        writer.counted([])
        #expect(throws: FormatError.trailingBytes) { try PinDocument(decoding: writer.bytes) }
    }
}
