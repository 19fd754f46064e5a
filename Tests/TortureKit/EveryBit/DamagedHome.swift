internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// An object that is damaged, and what it holds.
struct DamagedObject {
    let scope: ScopeName
    let name: ObjectName
    let bytes: [UInt8]
    /// 32 hex digits.
    var id = ""
    var rowID = 0

    var description: String { "'\(name)' in \(scope)" }
}

/// A home whose store is open while its files and rows are changed behind its back.
final class DamagedHome {
    /// Bytes of a chunk of every object here.
    static let chunk = 4096
    static let sealedChunk = 4096 + 16

    let location: StoreLocation
    let clock: ManualClock
    let library: CryptoLibrary
    private(set) var store: Store
    private(set) var catalog: Connection
    private(set) var objects: [DamagedObject] = []
    /// An empty directory for what is read to files, and a file in it that is there before.
    let target: String

    /// A home at `path`, made if it isn't there; of `vaultsOf` another, it uses that one's vaults.
    init(_ path: String, vaultsOf other: DamagedHome? = nil) throws {
        location = StoreLocation(
            store: "\(path)/store", vaults: other?.location.vaults ?? "\(path)/vaults")
        clock = other?.clock ?? ManualClock(milliseconds: WallClock.nowMilliseconds)
        library = try CryptoLibrary.load(requireFIPS: false)
        target = "\(path)/target"
        try FileSystem.makeDirectories(target)
        store = try Self.open(location, clock)
        catalog = try Self.connect(location)
    }

    private static func open(
        _ location: StoreLocation, _ clock: ManualClock
    ) throws(StoreError) -> Store {
        var options = StoreOptions()
        options.durability = .none
        options.workerCount = 1
        options.clock = clock
        return try Store.open(location, options: options)
    }

    private static func connect(_ location: StoreLocation) throws -> Connection {
        let connection = try Connection(path: "\(location.store)/catalog.db", mode: .readWrite)
        try connection.execute("PRAGMA synchronous = OFF")
        return connection
    }

    /// Closes the store and opens it again, as a process does that comes later.
    func reopen() throws(StoreError) {
        try? store.close()
        store = try Self.open(location, clock)
    }

    func close() {
        try? store.close()
        catalog.close()
    }

    /// Has the store look at its scopes' rows again before it next uses them.
    func distrustScopes() {
        clock.advance(bySeconds: 61)
    }

    // MARK: Objects

    /// Puts an object; `asFile`, however small it is, its sealed bytes become a file.
    @discardableResult
    func put(
        _ bytes: [UInt8], as name: String, in scope: ScopeName = .default,
        for encryption: ScopeName? = nil, compression: Compression = .none, asFile: Bool = false
    ) throws -> DamagedObject {
        var options = PutOptions(encryptionScope: encryption)
        options.chunkByteCount = Self.chunk
        options.compression = compression
        let info = try store.put(bytes, as: ObjectName(name), in: scope, options: options)
        var object = DamagedObject(scope: scope, name: info.name, bytes: bytes)
        object.id = info.id.description
        object.rowID = try integer("SELECT id FROM objects WHERE object_id = x'\(object.id)'")
        if asFile, try integer("SELECT blob IS NULL FROM objects WHERE id = \(object.rowID)") == 1 {
            try makeFile(object)
        }
        objects.removeAll { $0.scope == scope && $0.name == object.name }
        objects.append(object)
        return object
    }

    /// Moves an object's sealed bytes from its row to a file.
    private func makeFile(_ object: DamagedObject) throws {
        let row = try catalog.prepare("SELECT data FROM objects WHERE id = \(object.rowID)")
        guard try row.step() else { return }
        let sealed = row.bytes(0)
        row.reset()
        let file = try File.createExclusively(blobPath(object))
        try file.write(sealed.span, at: 0)
        try catalog.execute(
            """
            BEGIN; INSERT INTO blobs (refs, file) VALUES (1, x'\(object.id)');
            UPDATE objects SET data = NULL, blob = last_insert_rowid() WHERE id = \(object.rowID);
            COMMIT
            """)
    }

    func object(_ name: String, in scope: ScopeName = .default) throws -> DamagedObject {
        guard
            let found = objects.first(where: { $0.scope == scope && $0.name.description == name })
        else { throw TortureFault("there is no object '\(name)'") }
        return found
    }

    func blobPath(_ object: DamagedObject) -> String {
        "\(location.store)/blobs/\(object.id.prefix(2))/\(object.id)"
    }

    func integer(_ sql: String) throws -> Int {
        let statement = try catalog.prepare(sql)
        guard try statement.step() else { throw TortureFault("nothing comes of \(sql)") }
        return Int(statement.int(0))
    }
}

/// A torture could not be done.
struct TortureFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
