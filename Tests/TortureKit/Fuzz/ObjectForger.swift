internal import Foundation
internal import Sluice
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Seals objects whose parts are as nobody would write them, with the right keys and tags: the parsers that
/// stand behind authentication see them.
///
/// The rows of four objects, two in the catalog and two in files, raw and LZ4, are written again and again.
final class ObjectForger: Sendable {
    private let location: StoreLocation
    private let store: Store
    private let library: CryptoLibrary
    private let catalog: Connection
    private let ids: (store: [UInt8], scope: [UInt8])
    private let keys: (objectRoot: [UInt8], documentRoot: [UInt8])
    private let places: [Place]
    private let count = Atomic<UInt64>(0)

    /// An object's row.
    private struct Place: Sendable {
        let name: ObjectName
        let byteCount: Int
        let isLZ4: Bool
        let rowID: Int64
        let blobRowID: Int64?
        let tag: [UInt8]
        let directory: [UInt8]
        let dataKey: [UInt8]
    }

    private static let exponent: UInt8 = 12
    private static let scope = Array("sluice/2 object".utf8)
    /// What a reader may say of a forgery.
    private static let verdicts: Set<StoreError.Code> = [
        .integrity, .damagedCatalog, .notFound, .invalidRange,
    ]

    init(directoryPath: String) throws {
        location = StoreLocation(home: directoryPath)
        var options = StoreOptions()
        options.durability = .none
        options.workerCount = 1
        store = try Store.open(location, options: options)
        library = try CryptoLibrary.load(requireFIPS: false)
        let shapes = [(10_000, false), (9000, true), (100_000, false), (90_000, true)]
        for (index, shape) in shapes.enumerated() {
            try store.put(Self.content(shape.0), as: ObjectName("dir/\(index)"))
        }
        catalog = try Connection(path: "\(location.store)/catalog.db", mode: .readWrite)
        try catalog.execute("PRAGMA synchronous = OFF")
        let row = try catalog.prepare(
            """
            SELECT store_id, scope_id, wrapped, identifier FROM store, scopes JOIN keys
                ON keys.id = scopes.key WHERE name = 'default'
            """)
        _ = try row.step()
        ids = (row.bytes(0), row.bytes(1))
        let key = try KeyIdentifier(parsing: row.text(3))
        let (vaults, owner) = (store.vaults, store.identity)
        let unwrap = { (wrapped: [UInt8]) throws -> [UInt8] in
            try vaults.unwrap(wrapped, under: key, as: owner, deadline: .none)
                .withBytes { bytes in bytes.indices.map { bytes[$0] } }
        }
        let derived = try Self.derive(
            unwrap(row.bytes(2)), row.bytes(0) + row.bytes(1), KeyInfo.scope, 160, library)
        keys = (Array(derived[32..<64]), Array(derived[64..<96]))
        let objects = try catalog.prepare(
            """
            SELECT objects.id, blob, tag, directory, wrapped FROM objects
                JOIN wrapped_keys ON wrapped_keys.id = wrapped_key ORDER BY 1
            """)
        var places: [Place] = []
        while try objects.step() {
            let index = places.count
            places.append(
                Place(
                    name: try ObjectName("dir/\(index)"), byteCount: shapes[index].0,
                    isLZ4: shapes[index].1, rowID: objects.int(0),
                    blobRowID: objects.isNull(1) ? nil : objects.int(1), tag: objects.bytes(2),
                    directory: objects.bytes(3), dataKey: try unwrap(objects.bytes(4))))
        }
        self.places = places
    }

    private static func content(_ byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 >> 5) }
    }

    private static func derive(
        _ secret: [UInt8], _ salt: [UInt8], _ info: [UInt8], _ byteCount: Int,
        _ library: CryptoLibrary
    ) throws(CryptoError) -> [UInt8] {
        var derived = [UInt8](repeating: 0, count: byteCount)
        var output = derived.mutableSpan
        try library.hkdfSHA256(
            secret: secret.span, salt: salt.span, info: info.span, into: &output)
        return derived
    }

    // MARK: One forgery

    /// Forges an object as the input says, and reads it in every way.
    func use(_ input: [UInt8]) {
        do {
            var reader = InputReader(input)
            let place = places[Int(reader.byte()) % places.count]
            let forgery = Forgery(
                content: Self.content(place.byteCount), isLZ4: place.isLZ4, name: place.name.utf8,
                exponent: Self.exponent, &reader)
            try write(forgery, place)
            read(place, forgery)
        } catch {
            fatalError("a forgery could not be made: \(error)")
        }
    }

    /// Every way gives a verdict, or what was put.
    private func read(_ place: Place, _ forgery: Forgery) {
        let name = place.name
        // One that differs in nothing is an object: else what is forged would be refused for the forger's faults.
        let isWhole = !forgery.isChanged
        judge(isWhole) { _ = try self.store.info(name) }
        judge(isWhole) {
            let bytes = try self.store.get(name)
            FuzzTarget.require(
                bytes.count == forgery.byteCount, "an object's bytes aren't as many as it says")
            FuzzTarget.require(
                forgery.isChanged || bytes == Self.content(place.byteCount),
                "what wasn't changed reads wrong")
        }
        judge { _ = try self.store.get(name, range: .offsets(5000..<5100)) }
        judge { _ = try self.store.get(name, range: .last(1)) }
        judge { _ = try self.store.list() }
        // The counts aren't forged with the rows, so it always finds something.
        judge { FuzzTarget.require(try self.store.verify().objectCount > 0, "nothing is verified") }
    }

    private func judge(_ mustSucceed: Bool = false, _ body: () throws -> Void) {
        do {
            try body()
        } catch let error as StoreError {
            FuzzTarget.require(!mustSucceed, "what wasn't changed is refused: \(error)")
            FuzzTarget.require(
                Self.verdicts.contains(error.code), "a forgery gave \(error.code): \(error)")
        } catch {
            fatalError("a forgery gave \(error)")
        }
    }

    /// Seals a forgery, and writes it where the object was.
    private func write(_ forgery: Forgery, _ place: Place) throws {
        // Keys are kept by the object's id: a new one each time, as a writer has it.
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        var writer = ByteWriter()
        writer.integer(number)
        writer.integer(number)
        let objectID = writer.bytes
        let revision = objectID + objectID
        let sealed = try forgery.sealed(
            Self.derive(
                place.dataKey + keys.objectRoot, objectID,
                Self.scope + [2, 1, forgery.exponent, forgery.codec], 96, library), library)
        let binding = binding(forgery, sealed, place, objectID, revision)
        var documents = try keys.documentRoot.withKey(library)
        let documentKey = try documents.authenticate(KeyInfo.document(revision: revision).span)
        let document = try Forgery.seal(
            forgery.document, documentKey.span, ChunkNonce.document, binding, library)
        let update = try catalog.prepare(
            """
            UPDATE objects SET object_id = ?1, entity_tag = ?1, revision = ?2, byte_count = ?3,
                stored_byte_count = ?4, chunk_exponent = ?5, codec = ?6, table_digest = ?7,
                commitment = ?8, document = ?9, metadata = NULL, data = ?10 WHERE id = ?11
            """)
        for (index, bytes) in [(1, objectID), (2, revision), (8, sealed.commitment), (9, document)]
            as [(Int32, [UInt8])]
        {
            try update.bind(index, bytes)
        }
        try update.bind(3, forgery.byteCount)
        try update.bind(4, sealed.storedByteCount)
        try update.bind(5, Int(forgery.exponent))
        try update.bind(6, Int(forgery.codec))
        if let digest = sealed.digest { try update.bind(7, digest) }
        if let blobRowID = place.blobRowID {
            try write(sealed.blob, objectID, blobRowID)
        } else {
            try update.bind(10, sealed.blob)
        }
        try update.bind(11, place.rowID)
        try update.run()
    }

    private func write(_ blob: [UInt8], _ objectID: [UInt8], _ rowID: Int64) throws {
        let find = try catalog.prepare("SELECT lower(hex(file)) FROM blobs WHERE id = \(rowID)")
        let last = try find.step() ? find.text(0) : ""
        find.reset()
        let name = String(hexadecimal: objectID)
        let folder = "\(location.store)/blobs"
        try Data(blob).write(to: URL(fileURLWithPath: "\(folder)/\(name.prefix(2))/\(name)"))
        try FileManager.default.removeItem(atPath: "\(folder)/\(last.prefix(2))/\(last)")
        let update = try catalog.prepare("UPDATE blobs SET file = ? WHERE id = \(rowID)")
        try update.bind(1, objectID)
        try update.run()
    }

    /// As FORMAT section 7 has it, for values that no type of ours would take.
    private func binding(
        _ forgery: Forgery, _ sealed: Forgery.Sealed, _ place: Place, _ objectID: [UInt8],
        _ revision: [UInt8]
    ) -> [UInt8] {
        var writer = ByteWriter()
        writer.counted("sluice/2 object row")
        for field in [
            ids.store, ids.scope, place.tag, place.directory, objectID, objectID, revision,
        ] {
            writer.fixed(field)
        }
        writer.integer(Int64(forgery.byteCount))
        writer.integer(Int64(sealed.storedByteCount))
        writer.fixed([forgery.exponent, forgery.codec, 1])
        writer.fixed(sealed.commitment)
        writer.counted(sealed.digest ?? [])
        writer.counted([])
        return writer.bytes
    }
}

extension [UInt8] {
    fileprivate func withKey(_ library: CryptoLibrary) throws(CryptoError) -> HMACSHA256 {
        try HMACSHA256(key: span, library: library)
    }
}
