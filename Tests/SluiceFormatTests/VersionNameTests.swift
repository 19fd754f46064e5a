import Testing

@testable import SluiceFormat

@Suite struct VersionNameTests {
    private let name = Array("a/b".utf8)

    private func document(_ name: [UInt8]) -> ObjectDocument? {
        let document = ObjectDocument(
            name: name, createdMilliseconds: 1, modifiedMilliseconds: 2, properties: [:])
        return try? ObjectDocument(decoding: document.encoded())
    }

    @Test func `a version's name says what it is of`() throws {
        let encoded = VersionName.encoded(name, number: 0x12_3456_789a_bcde, kind: 0x73)
        #expect(encoded == Array("\0/a/b\0/00123456789abcdes".utf8))
        let decoded = try #require(VersionName.decoded(encoded))
        #expect(decoded == (name, 0x12_3456_789a_bcde, 0x73))
        #expect(encoded.starts(with: VersionName.directory(ofVersionsOf: name)))
        #expect(document(encoded)?.name == encoded)
    }

    @Test(arguments: [
        "", "\0", "\0/", "\0/a", "a\0/00123456789abcdes", "\0/\0/00123456789abcdes",
        "\0/a\0/0123456789abcdes", "\0/a\0/00123456789ABCDEs", "\0/a\0/00123456789abcde",
        "\0/a\0b\0/00123456789abcdes", "\0a\0/00123456789abcdes", "\0/a/00123456789abcdes",
    ])
    func `nothing else with a NUL is one, nor a name that is stored`(text: String) {
        let bytes = Array(text.utf8)
        #expect(VersionName.decoded(bytes) == nil)
        if bytes.first == 0 || bytes.isEmpty { #expect(document(bytes) == nil) }
    }

    @Test func `a version's name may be as much longer as it says more`() {
        let long = [UInt8](repeating: 0x6e, count: Format.maximumNameByteCount)
        #expect(document(long) != nil && document(long + [0x6e]) == nil)
        #expect(document(VersionName.encoded(long, number: 1, kind: 0x76)) != nil)
        #expect(document(VersionName.encoded(long + [0x6e], number: 1, kind: 0x76)) == nil)
    }

    @Test func `a note of a removal is two times`() throws {
        let note = RemovalNote(removedMilliseconds: -1, dueMilliseconds: 1 << 40)
        #expect(try RemovalNote(decoding: note.encoded()) == note)
        #expect(throws: FormatError.self) { try RemovalNote(decoding: note.encoded() + [0]) }
        for count in [0, 15, 17] {
            let document = ObjectDocument(
                name: name, createdMilliseconds: 0, modifiedMilliseconds: 0,
                properties: [.removal: [UInt8](repeating: 0, count: count)])
            #expect(throws: FormatError.self) { try ObjectDocument(decoding: document.encoded()) }
        }
    }
}
