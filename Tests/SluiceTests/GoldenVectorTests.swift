import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@Suite struct GoldenVectorTests {
    @Test func `a store of format 2 reads as it was written`() throws {
        let directory = try TemporaryDirectory()
        let home = directory.path("home")
        let vectors = try Vectors(copiedTo: home)
        let store = try Store.open(StoreLocation(home: home))
        let scope = try ScopeName(vectors.scope)
        #expect(
            try store.list(in: scope).entries.map(\.name.description)
                == vectors.objects.map(\.name))
        for object in vectors.objects {
            let name = try ObjectName(object.name)
            let condition = try Vectors.condition(of: store.info(name, in: scope))
            let bytes = try store.get(name, in: scope, if: condition)
            #expect(bytes.count == object.byteCount)
            #expect(try Vectors.sha256(bytes) == object.sha256)
            let info = try store.info(name, in: scope)
            #expect(info.keyIdentifier.description == object.key)
        }
        let pins = try store.pins()
        #expect(pins.map(\.id.description) == vectors.pins.map(\.id))
        for (pin, info) in zip(vectors.pins, pins) {
            #expect(info.object.name.description == pin.object.name)
            #expect(info.object.keyIdentifier.description == pin.object.key)
            #expect(info.scope == scope)
            let bytes = try store.get(pinned: info.id)
            #expect(try Vectors.sha256(bytes) == pin.object.sha256)
        }
        #expect(try store.verify().findings == [])
        try store.close()
    }

    private static func integer(_ sql: String, in catalog: borrowing Connection) throws -> Int {
        let statement = try catalog.prepare(sql)
        return try statement.step() ? Int(statement.int(0)) : -1
    }

    @Test func `the vectors hold what there is to be read`() throws {
        let directory = try TemporaryDirectory()
        let home = directory.path("home")
        let vectors = try Vectors(copiedTo: home)
        #expect(
            vectors.objects.filter { $0.key == vectors.keys[0].identifier }.map(\.name)
                == ["dir/empty", "dir/mots/é.txt", "hello.txt"])
        #expect(
            vectors.objects.filter { $0.key == vectors.keys[1].identifier }.map(\.name)
                == [
                    "dir/sub/random.bin", "elsewhere", "film", "intermediate.bin",
                    "intermediate.txt", "page.bin", "shared.txt", "small-lz4",
                ])
        // What was pinned says under which version that was.
        #expect(vectors.pins.allSatisfy { $0.object.key == vectors.keys[0].identifier })
        let catalog = try Connection(path: "\(home)/store/catalog.db", mode: .readWrite)
        defer { catalog.close() }
        for (query, count) in [
            // Large objects have data keys of their own; of small ones, two and three share one, the three with two
            // snapshots.
            ("SELECT count(*) FROM wrapped_keys WHERE objects = 1", 6),
            ("SELECT count(*) FROM wrapped_keys WHERE objects = 2", 1),
            ("SELECT count(*) FROM wrapped_keys WHERE objects = 5", 1),
            ("SELECT count(*) FROM objects WHERE data IS NULL AND codec = 0", 2),
            ("SELECT count(*) FROM objects WHERE data IS NULL AND codec = 1", 1),
            ("SELECT count(*) FROM objects WHERE codec = 2", 1),
            ("SELECT count(*) FROM extents", 3),
            ("SELECT count(*) FROM parts", 2),
            ("SELECT count(*) FROM parts WHERE encryption IS NOT NULL", 1),
            ("SELECT count(*) FROM objects WHERE encryption IS NOT NULL", 1),
            ("SELECT count(*) FROM wrapped_keys WHERE scheme = 2", 2),
            ("SELECT count(*) FROM objects WHERE due IS NOT NULL", 1),
            ("SELECT count(*) FROM states", 1),
            ("SELECT count(*) FROM objects WHERE data IS NOT NULL AND codec = 1", 1),
            ("SELECT count(*) FROM pins WHERE data IS NULL", 1),
            ("SELECT count(*) FROM blobs WHERE refs = 2", 1),
            ("SELECT count(*) FROM scopes WHERE name = 'sluice-pins'", 1),
        ] {
            let found = try Self.integer(query, in: catalog)
            #expect(found == count, "\(query)")
        }
    }
}

/// The reader in `Tests/independent`, which was written from FORMAT alone. `scripts/test` makes the
/// Python environment that it needs, and names it in `SLUICE_PYTHON`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_PYTHON"] != nil))
struct IndependentReaderTests {
    private let environment = ProcessInfo.processInfo.environment

    private func read(_ store: String, _ keys: [String], _ arguments: [String]) throws
        -> CommandResult
    {
        let runner = CommandRunner(
            executable: environment["SLUICE_PYTHON"] ?? "", environment: environment,
            workingDirectory: Checkout.path)
        return try runner.run(
            [
                "Tests/independent/sluice_read.py", store, "--provided-key",
                String(hexadecimal: Vectors.providedKey),
            ] + keys.flatMap { ["--key", $0] }
                + arguments)
    }

    private func keys(_ vectors: Vectors, _ home: String) -> [String] {
        vectors.keys.map { "\($0.identifier)=\(home)/\($0.file)" }
    }

    private func update(_ home: String, _ change: String) throws {
        let catalog = try Connection(path: "\(home)/store/catalog.db", mode: .readWrite)
        defer { catalog.close() }
        try catalog.execute("UPDATE \(change)")
    }

    private func expectRead(_ vectors: Vectors, _ home: String) throws {
        let keys = keys(vectors, home)
        let verified = try read("\(home)/store", keys, ["verify"])
        #expect(verified.exitCode == 0, "\(verified.errorText)")
        for object in vectors.objects {
            let result = try read(
                "\(home)/store", keys, ["get", object.name, "--scope", vectors.scope])
            #expect(result.exitCode == 0)
            #expect(try Vectors.sha256(result.output) == object.sha256)
        }
        // A pin needs the platform's key alone.
        for pin in vectors.pins {
            let result = try read("\(home)/store", [keys[2]], ["get", pin.id, "--pin"])
            #expect(result.exitCode == 0, "\(result.errorText)")
            #expect(try Vectors.sha256(result.output) == pin.object.sha256)
        }
        let listed = try read("\(home)/store", keys, ["pins"]).outputText
        #expect(listed.split(separator: "\n").count == vectors.pins.count)
        for pin in vectors.pins { #expect(listed.contains("\"\(pin.id)\"")) }
    }

    @Test func `it reads the vectors`() throws {
        let directory = try TemporaryDirectory()
        let home = directory.path("home")
        try expectRead(try Vectors(copiedTo: home), home)
    }

    /// With `SLUICE_MAKE_VECTORS` it makes them in that directory, and leaves them there.
    @Test func `it reads vectors made now`() throws {
        let directory = try TemporaryDirectory()
        let home = environment["SLUICE_MAKE_VECTORS"] ?? directory.path("home")
        try expectRead(try Vectors(madeAt: home), home)
    }

    @Test func `it reads what is put now, ranges too`() throws {
        let directory = try TemporaryDirectory()
        let store = try Store.open(StoreLocation(home: directory.path("home")))
        let file = "Data/vectors/example/key-1.pem"
        _ = try store.vaults.acting(as: .owner).createVault(name: "mine")
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: "mine", for: store.identity, permissions: [.get, .wrapKey, .unwrapKey])
        let pem = try Checkout.read(file)
        let bundle = try store.vaults.acting(as: .owner).importKey(
            vault: "mine", name: "key", pem: pem.span)
        let scope: ScopeName = "mine"
        try store.createScope(scope, key: bundle.key.kid)
        let text = Array(String(repeating: "the gate on a fast channel ", count: 20_000).utf8)
        var objects: [(name: String, bytes: [UInt8])] = []
        for (compression, chunk) in [
            (Compression.none, 4096), (.lz4, 4096), (.auto, 262_144), (.lz4, 65_536),
        ] {
            for byteCount in [0, 1, 4096, 70_000, text.count] {
                var options = PutOptions()
                options.compression = compression
                options.chunkByteCount = chunk
                let name = "dir/\(compression)-\(chunk)/\(byteCount)"
                let bytes = Array(text[..<byteCount])
                try store.put(bytes, as: ObjectName(name), in: scope, options: options)
                objects.append((name, bytes))
            }
        }
        try store.close()
        let path = directory.path("home/store")
        let keys = ["\(bundle.key.kid)=\(Checkout.path)/\(file)"]
        #expect(try read(path, keys, ["verify"]).exitCode == 0)
        for (name, bytes) in objects {
            let whole = try read(path, keys, ["get", name, "--scope", "mine"])
            #expect(whole.output == bytes, "\(name)")
        }
        let last = objects[objects.count - 1]
        let range = try read(
            path, keys, ["get", last.name, "--scope", "mine", "--range", "65530-65545"])
        #expect(range.output == Array(last.bytes[65_530...65_545]))
    }

    @Test func `it reads what a file's note says, attributes too`() throws {
        let directory = try TemporaryDirectory()
        let vectors = try Vectors(copiedTo: directory.path("home"))
        let home = directory.path("home")
        let store = try Store.open(StoreLocation(home: home))
        var options = PutOptions()
        options.properties.file = FileProperties(
            mode: 0o640, modifiedSeconds: -1, modifiedNanoseconds: 5, ownerID: 1, groupID: 2,
            isSettled: true,
            attributes: [Array("user.é".utf8): [0, 0xFF], Array("user.b".utf8): []],
            link: [UInt8](repeating: 7, count: 16))
        let scope = ScopeName(stringLiteral: vectors.scope)
        try store.put([1], as: "attributed", in: scope, options: options)
        try store.close()
        let keys = keys(vectors, home)
        let verified = try read("\(home)/store", keys, ["verify"])
        #expect(verified.exitCode == 0, "\(verified.errorText)")
        let listed = try read("\(home)/store", keys, ["list"]).outputText
        let line = listed.split(separator: "\n").first { $0.contains("\"attributed\"") } ?? ""
        for fact in [
            #""mode": 416"#, #""isSettled": true"#, #""modified": [-1, 5]"#, #""user.b": """#,
            #": "00ff""#, #""link": "07070707070707070707070707070707""#,
        ] { #expect(line.contains(fact), "\(line)") }
    }

    @Test func `it refuses a flipped bit`() throws {
        let directory = try TemporaryDirectory()
        let home = directory.path("home")
        let vectors = try Vectors(copiedTo: home)
        let blobs = "\(home)/store/blobs"
        let files = try FileManager.default.subpathsOfDirectory(atPath: blobs)
            .filter { $0.count > 3 }
        let blob = try #require(files.first)
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(blobs)/\(blob)")))
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: "\(blobs)/\(blob)"))
        #expect(
            try read("\(home)/store", keys(vectors, home), ["verify"]).exitCode == 1)
    }

    @Test(arguments: [
        "scopes SET rewrap = 1 - rewrap", "scopes SET poll = poll + 1",
        "objects SET data = zeroblob(length(data)) WHERE data IS NOT NULL",
        "objects SET blob = 1 WHERE blob IS NULL", "objects SET data = NULL",
        "objects SET wrapped_key = 5 - wrapped_key", "wrapped_keys SET wrapped = randomblob(256)",
        "wrapped_keys SET objects = objects + 1", "wrapped_keys SET bytes = bytes - 1",
        "wrapped_keys SET scope = scope + 1", "blobs SET refs = refs - 1",
        "blobs SET file = randomblob(16)", "census SET objects = objects + 1",
        "pins SET keys = randomblob(80)", "pins SET document = randomblob(length(document))",
        "pins SET byte_count = byte_count + 1", "pins SET object_id = randomblob(16)",
        "pins SET pin_id = randomblob(16)", "pins SET commitment = randomblob(32)",
        "pins SET data = NULL", "pins SET blob = 1 WHERE blob IS NULL",
    ])
    func `it refuses an altered column`(change: String) throws {
        let directory = try TemporaryDirectory()
        let home = directory.path("home")
        let vectors = try Vectors(copiedTo: home)
        try update(home, change)
        #expect(
            try read("\(home)/store", keys(vectors, home), ["verify"]).exitCode == 1)
    }

    @Test func `it counts nothing that nothing authenticates as a fault`() throws {
        let directory = try TemporaryDirectory()
        let home = directory.path("home")
        let vectors = try Vectors(copiedTo: home)
        try update(home, "scopes SET polled = polled + 1")
        #expect(
            try read("\(home)/store", keys(vectors, home), ["verify"]).exitCode == 0)
    }
}
