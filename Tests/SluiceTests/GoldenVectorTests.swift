import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

/// What the vectors under `Data/vectors` hold, as their `expected.json` says.
private struct Expected: Codable {
    struct Object: Codable {
        let name: String
        let byteCount: Int
        let sha256: String
    }

    let scope: String
    let key: String
    let objects: [Object]

    static func load() throws -> Expected {
        try JSONDecoder().decode(
            Expected.self, from: Data(Checkout.read("Data/vectors/example/expected.json")))
    }
}

private func sha256(_ bytes: [UInt8]) throws -> String {
    let digest = try CryptoLibrary.load(requireFIPS: false).sha256(bytes.span)
    return [UInt8](copying: digest.span).map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }.joined()
}

/// A copy of the vectors that a store can be opened in.
private func copiedVectors(_ directory: TemporaryDirectory) throws -> String {
    let home = directory.path("home")
    try FileManager.default.copyItem(
        atPath: "\(Checkout.path)/Data/vectors/example", toPath: home)
    // git keeps no modes, and a root key that others can read is refused.
    try FileManager.default.setAttributes(
        [.posixPermissions: 0o600], ofItemAtPath: "\(home)/vaults/root.key")
    return home
}

@Suite struct GoldenVectorTests {
    @Test func `a store of format 1 reads as it was written`() throws {
        let directory = try TemporaryDirectory()
        let home = try copiedVectors(directory)
        let store = try Store.open(StoreLocation(home: home))
        let expected = try Expected.load()
        let scope = try ScopeName(expected.scope)
        #expect(
            try store.list(in: scope).entries.map(\.name.description)
                == expected.objects.map(\.name))
        for object in expected.objects {
            let bytes = try store.get(ObjectName(object.name), in: scope)
            #expect(bytes.count == object.byteCount)
            #expect(try sha256(bytes) == object.sha256)
        }
        #expect(try store.verify().findings == [])
        try store.close()
    }
}

/// The reader in `Tests/independent`, which was written from FORMAT alone. `scripts/test` makes the
/// Python environment that it needs, and names it in `SLUICE_PYTHON`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["SLUICE_PYTHON"] != nil))
struct IndependentReaderTests {
    private let python = ProcessInfo.processInfo.environment["SLUICE_PYTHON"] ?? ""

    private func read(_ store: String, _ keys: [String], _ arguments: [String]) throws
        -> CommandResult
    {
        let runner = CommandRunner(
            executable: python, environment: ProcessInfo.processInfo.environment,
            workingDirectory: Checkout.path)
        return try runner.run(
            ["Tests/independent/sluice_read.py", store] + keys.flatMap { ["--key", $0] }
                + arguments)
    }

    @Test func `it reads the vectors`() throws {
        let directory = try TemporaryDirectory()
        let home = try copiedVectors(directory)
        let store = try Store.open(StoreLocation(home: home))
        let expected = try Expected.load()
        let key = try store.scope(ScopeName(expected.scope)).currentKey
        try store.close()
        let keys = ["\(key)=\(home)/key.pem"]
        #expect(try read("\(home)/store", keys, ["verify"]).exitCode == 0)
        for object in expected.objects {
            let result = try read(
                "\(home)/store", keys, ["get", object.name, "--scope", expected.scope])
            #expect(result.exitCode == 0)
            #expect(try sha256(result.output) == object.sha256)
        }
    }

    @Test func `it reads what is put now, ranges too`() throws {
        let directory = try TemporaryDirectory()
        let store = try Store.open(StoreLocation(home: directory.path("home")))
        let pem = try Checkout.read("Data/vectors/example/key.pem")
        _ = try store.vaults.createVault(name: "mine")
        let bundle = try store.vaults.importKey(vault: "mine", name: "key", pem: pem.span)
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
        let keys = ["\(bundle.key.kid)=\(Checkout.path)/Data/vectors/example/key.pem"]
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

    @Test func `it refuses a flipped bit`() throws {
        let directory = try TemporaryDirectory()
        let home = try copiedVectors(directory)
        let store = try Store.open(StoreLocation(home: home))
        let key = try store.scope(ScopeName("vectors")).currentKey
        try store.close()
        let blobs = "\(home)/store/blobs"
        let files = try FileManager.default.subpathsOfDirectory(atPath: blobs)
            .filter { $0.count > 3 }
        let blob = try #require(files.first)
        var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "\(blobs)/\(blob)")))
        bytes[bytes.count / 2] ^= 1
        try Data(bytes).write(to: URL(fileURLWithPath: "\(blobs)/\(blob)"))
        #expect(
            try read("\(home)/store", ["\(key)=\(home)/key.pem"], ["verify"]).exitCode == 1)
    }
}
