import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

/// What an attacker does to pins who can write to the store.
@Suite struct PinTamperTests {
    private let directory: TemporaryDirectory
    private let home: String
    private let pins: [Vectors.Pin]

    init() throws {
        directory = try TemporaryDirectory()
        home = directory.path("home")
        pins = try Vectors(copiedTo: home).pins
    }

    private func update(_ change: String) throws {
        let catalog = try Connection(path: "\(home)/store/catalog.db", mode: .readWrite)
        defer { catalog.close() }
        try catalog.execute("UPDATE \(change)")
    }

    private func withStore(_ body: (Store) throws -> Void) throws {
        let store = try Store.open(StoreLocation(home: home), options: .fast())
        defer { try? store.close() }
        try body(store)
    }

    @Test(arguments: [
        "object_id = randomblob(16)", "object_id = x'00'", "revision = randomblob(32)",
        "revision = x''", "byte_count = byte_count + 1", "byte_count = -1",
        "stored_byte_count = stored_byte_count - 1", "stored_byte_count = -1",
        "chunk_exponent = 13", "chunk_exponent = 99", "codec = 1", "codec = 7",
        "table_digest = randomblob(32)", "commitment = randomblob(32)", "commitment = x'00'",
        "keys = randomblob(80)", "keys = zeroblob(79)", "keys = x''",
        "document = randomblob(length(document))", "document = x''",
        "document = substr(document, 2)",
    ])
    func `an altered column is refused`(change: String) throws {
        try update("pins SET \(change)")
        try withStore { store in
            for pin in pins {
                #expect(failure { try store.get(pinned: PinID(pin.id)) } == .integrity)
            }
            #expect(failure { try store.pins() } == .integrity)
        }
    }

    @Test(arguments: ["object_id", "revision", "keys", "document", "commitment"])
    func `pins that exchanged a column are refused, both`(column: String) throws {
        let catalog = try Connection(path: "\(home)/store/catalog.db", mode: .readWrite)
        try catalog.execute("CREATE TABLE other AS SELECT id, \(column) AS value FROM pins")
        try catalog.execute(
            "UPDATE pins SET \(column) = (SELECT value FROM other o WHERE o.id <> pins.id)")
        try catalog.execute("DROP TABLE other")
        catalog.close()
        try withStore { store in
            for pin in pins {
                #expect(failure { try store.get(pinned: PinID(pin.id)) } == .integrity)
            }
        }
    }

    @Test func `a pin's bytes are authenticated`() throws {
        try update("pins SET data = zeroblob(length(data)) WHERE data IS NOT NULL")
        let objectID = try objectID("dir/sub/random.bin")
        let path = "\(home)/store/blobs/\(objectID.prefix(2))/\(objectID)"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        try withStore { store in
            for pin in pins {
                #expect(failure { try store.get(pinned: PinID(pin.id)) } == .integrity)
            }
        }
    }

    @Test func `a pin under another's id is refused`() throws {
        let ids = pins.map(\.id)
        try update("pins SET pin_id = randomblob(16) WHERE pin_id = x'\(ids[1])'")
        try update("pins SET pin_id = x'\(ids[1])' WHERE pin_id = x'\(ids[0])'")
        try withStore { store in
            #expect(failure { try store.get(pinned: PinID(ids[1])) } == .integrity)
            #expect(failure { try store.get(pinned: PinID(ids[0])) } == .notFound)
        }
    }

    private func objectID(_ name: ObjectName) throws -> String {
        let store = try Store.open(StoreLocation(home: home), options: .fast())
        defer { try? store.close() }
        return try store.info(name, in: "vectors").id.description
    }
}
