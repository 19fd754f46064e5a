import Sluice
import SluiceFormat
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// FORMAT's worked example, recomputed step by step from the keys and ids that it prints.
@Suite struct WorkedExampleTests {
    private let example: Example
    private let library: CryptoLibrary

    init() throws {
        example = try Example(Checkout.text("Sources/Sluice/Sluice.docc/FORMAT.md"))
        library = try CryptoLibrary.load(requireFIPS: false)
    }

    @Test func `the scope key gives the five keys of section 4`() throws {
        let scopeKey = try example.bytes("scope key K")
        let salt = KeyInfo.scopeSalt(
            storeID: try example.bytes("store_id"), scopeID: try example.bytes("scope_id"))
        let info = KeyInfo.scope
        #expect(salt == (try example.bytes("HKDF's salt", occurrence: 0)))
        #expect(info == (try example.bytes("HKDF's info", occurrence: 0)))
        let derived = try hkdf(scopeKey, salt, info, KeyInfo.scopeByteCount)
        #expect(Array(derived[0..<32]) == (try example.bytes("D [0..32), scope-key commitment")))
        #expect(Array(derived[32..<64]) == (try example.bytes("D [32..64), object root")))
        #expect(Array(derived[64..<96]) == (try example.bytes("D [64..96), document root")))
        #expect(Array(derived[96..<128]) == (try example.bytes("D [96..128), tag key")))
        #expect(Array(derived[128..<160]) == (try example.bytes("D [128..160), record key")))
    }

    @Test func `the record key gives the scope row's code`() throws {
        let code = try hmac(example.bytes("D [128..160), record key"), example.bytes("M"))
        #expect(code == (try example.bytes("code")))
    }

    @Test func `what the scope row's code is of is what is bound`() throws {
        let bound = try example.bytes("M")
        let key = try KeyIdentifier(parsing: example.text("key identifier"))
        let binding = ScopeBinding(
            storeID: try example.bytes("store_id"), scopeID: try example.bytes("scope_id"),
            name: "vectors", keySetting: key.versionless.description, rewrapMode: 0, pollSeconds: 0,
            keepsVersions: false, removedSeconds: UInt32.max,
            dataKeyScheme: Format.schemeIntermediateKey, identity: "",
            scheme: Format.schemeRSAOAEP256,
            keyIdentifier: key.description,
            wrappedKey: try example.bytes("wrapped"),
            commitment: try example.bytes("D [0..32), scope-key commitment"),
            createdMilliseconds: bound.suffix(8).reduce(0) { $0 << 8 | Int($1) })
        #expect(binding.encoded() == bound)
    }

    @Test func `the tag key gives the tags of the name and its directory`() throws {
        let name = Array("hello.txt".utf8)
        let key = try example.bytes("D [96..128), tag key")
        let tag = try hmac(key, KeyInfo.objectTag(name: name))
        #expect(Array(tag[..<16]) == (try example.bytes("tag of the name")))
        let directory = try hmac(key, KeyInfo.directoryTag(path: []))
        #expect(Array(directory[..<16]) == (try example.bytes("tag of its directory")))
    }

    @Test func `the document opens with its key and associated data`() throws {
        let key = try hmac(
            example.bytes("D [64..96), document root"),
            KeyInfo.document(revision: example.bytes("revision")))
        #expect(key == (try example.bytes("document key")))
        let plain = try open(
            example.bytes("sealed document"), key, ChunkNonce.document,
            example.bytes("associated data"))
        #expect(plain == (try example.bytes("document")))
        let document = try ObjectDocument(decoding: plain)
        #expect(document.name == Array("hello.txt".utf8))
        #expect(
            try ObjectProperties(document.properties)
                == ObjectProperties(
                    contentType: "text/plain", contentMD5: [UInt8](0..<16), tier: .cool,
                    tags: ["project": "vectors"]))
        #expect(document.encoded() == plain)
    }

    @Test func `the metadata open with the key of their salt, and their seal's tag is bound`()
        throws
    {
        let key = try hmac(
            example.bytes("D [64..96), document root"),
            KeyInfo.metadata(salt: example.bytes("metadata salt")))
        #expect(key == (try example.bytes("metadata key")))
        let sealed = try example.bytes("sealed metadata")
        let plain = try open(
            sealed, key, ChunkNonce.document, example.bytes("associated data of the metadata"))
        #expect(plain == (try example.bytes("metadata")))
        let metadata = try MetadataDocument(decoding: plain)
        #expect(metadata.pairs == ["author": "nobody", "lang": "en"])
        #expect(metadata.encoded() == plain)
        #expect(try example.bytes("associated data").suffix(16) == sealed.suffix(16))
    }

    @Test func `the data key gives the object's keys, and they open its chunk`() throws {
        let secret =
            try example.bytes("data key") + example.bytes("D [32..64), object root")
        let chunkSize = try #require(ChunkSize(exponent: 18))
        let info = KeyInfo.object(chunkSize: chunkSize, codec: .raw)
        #expect(info == (try example.bytes("HKDF's info", occurrence: 1)))
        let derived = try hkdf(
            secret, example.bytes("HKDF's salt", occurrence: 1), info, KeyInfo.objectByteCount)
        #expect(Array(derived[0..<32]) == (try example.bytes("E [0..32), chunk key")))
        #expect(Array(derived[32..<64]) == (try example.bytes("E [32..64), table key")))
        #expect(Array(derived[64..<96]) == (try example.bytes("E [64..96), key commitment")))
        let nonce = ChunkNonce.chunk(index: 0, isFinal: true, isLZ4: false)
        #expect([UInt8](copying: nonce.span) == (try example.bytes("chunk 0 nonce")))
        let plain = try open(
            example.bytes("chunk 0 sealed"), Array(derived[0..<32]), nonce, [])
        #expect(plain == Array("Hello, Sluice.\n".utf8))
    }

    @Test func `the pins' scope gives the keys that open a pin, and they its chunk`() throws {
        let scopeKey = try example.bytes("scope key K", occurrence: 1)
        let salt = KeyInfo.scopeSalt(
            storeID: try example.bytes("store_id"),
            scopeID: try example.bytes("scope_id", occurrence: 1))
        let derived = try hkdf(scopeKey, salt, KeyInfo.scope, KeyInfo.scopeByteCount)
        let root = Array(derived[64..<96])
        #expect(root == (try example.bytes("D [64..96), document root", occurrence: 1)))
        let revision = try example.bytes("revision", occurrence: 1)
        let binding = try example.bytes("associated data", occurrence: 1)
        let documentKey = try hmac(root, KeyInfo.document(revision: revision))
        #expect(documentKey == (try example.bytes("document key", occurrence: 1)))
        let plain = try open(
            example.bytes("sealed document", occurrence: 1), documentKey, ChunkNonce.document,
            binding)
        #expect(plain == (try example.bytes("document", occurrence: 1)))
        let document = try PinDocument(decoding: plain)
        #expect(document.scope == "vectors")
        #expect(document.object.name == Array("page.bin".utf8))
        #expect(document.encoded() == plain)
        let pinKey = try hmac(root, KeyInfo.pinKeys(revision: revision))
        #expect(pinKey == (try example.bytes("pin keys key")))
        let keys = try open(
            example.bytes("sealed pin keys"), pinKey, ChunkNonce.document, binding)
        #expect(keys == (try example.bytes("pin keys")))
        let nonce = ChunkNonce.chunk(index: 0, isFinal: true, isLZ4: false)
        let bytes = try open(
            example.bytes("chunk 0 sealed", occurrence: 1), Array(keys[0..<32]), nonce, [])
        #expect(bytes == Array("Pinned, then replaced.\n".utf8))
    }

    @Test(arguments: [
        "0x\(String(Format.applicationID, radix: 16, uppercase: true))",
        "| name | 1 to \(Format.maximumNameByteCount.grouped) bytes |",
        "| property that is text | \(Format.maximumPropertyByteCount.grouped) bytes |",
        "| tags | \(Format.maximumTagCount), names of \(Format.maximumTagNameByteCount) bytes, values of \(Format.maximumTagValueByteCount) bytes |",
        "| metadata | \(Format.maximumMetadataByteCount.grouped) bytes, names and values together |",
        "| extended attributes of a file | \(Format.maximumAttributesByteCount.grouped) bytes, names of 1 to \(Format.maximumAttributeNameByteCount) and values together |",
        "| scope name | \(Format.maximumScopeNameByteCount) bytes |",
        "| chunk | 2^\(ChunkSize.exponents.lowerBound) to 2^\(ChunkSize.exponents.upperBound) bytes |",
        "| chunks of an object, or of an extent | 2^\(Format.maximumChunkCount.trailingZeroBitCount) |",
        "| extents of an object | 2^\(ExtentTable.maximumEntryCount.trailingZeroBitCount) |",
        "| id of a part | 1 to \(Format.maximumPartIDByteCount) bytes |",
        "= \(ExtentTable.entryByteCount) × entries + \(Format.tagByteCount) × ⌈entries / \(ExtentTable.entriesPerPage)⌉",
        "| object | 2^\(Format.maximumObjectByteCount.trailingZeroBitCount) bytes",
        "pages of \(ChunkTable.entriesPerPage.grouped)",
        "at most \(StoreOptions().objectsPerDataKey.grouped) objects share one",
        "no more than \(ObjectSealer.inlineByteCountLimit.grouped) bytes sealed and uncompressed",
        "table length = \(ChunkTable.entryByteCount) × chunks + \(Format.tagByteCount) × pages",
    ])
    func `a constant that FORMAT states is the code's`(_ statement: String) throws {
        let text = try Checkout.text("Sources/Sluice/Sluice.docc/FORMAT.md")
        #expect(text.contains(statement))
    }

    @Test func `every test that FORMAT names is there`() throws {
        let text = try Checkout.text("Sources/Sluice/Sluice.docc/FORMAT.md")
        let rows = text.split(separator: "\n").filter { $0.hasSuffix("Tests` |") }
        #expect(rows.count >= 19)
        for row in rows {
            let suite = try #require(row.split(separator: "`").last { $0.hasSuffix("Tests") })
            let folders = ["SluiceTests", "SluiceFormatTests"]
            #expect(
                folders.contains { (try? Checkout.read("Tests/\($0)/\(suite).swift")) != nil },
                "\(suite)")
        }
    }

    // MARK: Primitives

    private func hkdf(
        _ secret: [UInt8], _ salt: [UInt8], _ info: [UInt8], _ byteCount: Int
    ) throws -> [UInt8] {
        try [UInt8](filling: byteCount) { output throws(CryptoError) in
            try library.hkdfSHA256(
                secret: secret.span, salt: salt.span, info: info.span, into: &output)
        }
    }

    private func hmac(_ key: [UInt8], _ message: [UInt8]) throws -> [UInt8] {
        var context = try HMACSHA256(key: key.span, library: library)
        let digest = try context.authenticate(message.span)
        return [UInt8](copying: digest.span)
    }

    private func open(
        _ sealed: [UInt8], _ key: [UInt8], _ nonce: Nonce96, _ data: [UInt8]
    ) throws -> [UInt8] {
        var cipher = try AES256GCM(library)
        try cipher.setKey(key.span)
        return try [UInt8](filling: sealed.count - 16) { output throws(CryptoError) in
            try cipher.open(
                sealed.span, nonce: nonce, authenticating: data.span, into: &output)
        }
    }
}

extension Int {
    /// With commas, as documents write it.
    fileprivate var grouped: String {
        self < 1000 ? "\(self)" : "\(self / 1000)," + String("\(1000 + self % 1000)".dropFirst())
    }
}

/// The labelled hex of the example: `LABEL (N bytes):` and the indented lines that follow.
private struct Example {
    struct Missing: Error {
        let label: String
    }

    private var values: [(label: String, bytes: [UInt8])] = []
    private let lines: [Substring]

    init(_ text: String) throws {
        lines = text.split(separator: "\n")
        var hex: String?
        var label = ""
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let current = hex {
                if line.hasPrefix("    ") {
                    hex = current + line.dropFirst(4)
                    continue
                }
                values.append((label, Self.bytes(current)))
                hex = nil
            }
            guard line.hasSuffix(" bytes):"), let parenthesis = line.lastIndex(of: "(") else {
                continue
            }
            label = String(line[..<parenthesis].dropLast())
            hex = ""
        }
        if values.isEmpty { throw Missing(label: "any") }
    }

    /// What stands behind a label, in its line.
    func text(_ label: String) throws -> String {
        guard let line = lines.first(where: { $0.hasPrefix("\(label): ") }) else {
            throw Missing(label: label)
        }
        return String(line.dropFirst(label.count + 2))
    }

    func bytes(_ label: String, occurrence: Int = 0) throws -> [UInt8] {
        let found = values.filter { $0.label == label }
        guard found.count > occurrence else { throw Missing(label: label) }
        return found[occurrence].bytes
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(digits[$0] * 16 + digits[$0 + 1])
        }
    }
}
