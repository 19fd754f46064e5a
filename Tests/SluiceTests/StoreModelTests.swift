import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// A store does what a dictionary does.
@Suite struct StoreModelTests {
    private struct Entry: Equatable {
        var bytes: [UInt8]
        var tag: EntityTag
    }

    private static let pieces = ["a", "b", "c/", "d/", "é", "-"]

    private static func randomName(_ random: inout Randomness) throws -> ObjectName {
        try ObjectName(
            (0...random.below(4)).map { _ in pieces[random.below(pieces.count)] }.joined())
    }

    /// Runs random steps on `store` and a dictionary, and compares.
    private func run(_ store: Store, steps: Int, seed: UInt64, largeOneIn: Int) throws {
        var random = Randomness(seed: seed)
        var model: [ObjectName: Entry] = [:]
        for step in 0..<steps {
            let name = try Self.randomName(&random)
            switch random.below(12) {
            case 0..<4:
                let isLarge = random.below(largeOneIn) == 0
                let byteCount = isLarge ? 65_000 + random.below(20_000) : random.below(300)
                let bytes = patternedBytes(byteCount, seed: UInt64(step))
                var condition = Condition.always
                var expected: StoreError.Code?
                switch random.below(4) {
                case 0:
                    condition = .absent
                    expected = model[name] == nil ? nil : .alreadyExists
                case 1:
                    let tag = model[name]?.tag ?? EntityTag("none")
                    condition = .matches(tag)
                    expected = model[name] == nil ? .conditionNotMet : nil
                default: break
                }
                let result = Result {
                    try store.put(bytes, as: name, options: .with(.none, condition))
                }
                #expect(failure { try result.get() } == expected, "step \(step)")
                if expected == nil {
                    model[name] = Entry(bytes: bytes, tag: try result.get().entityTag)
                }
            case 4, 5:
                #expect(
                    failure { try store.remove(name) } == (model[name] == nil ? .notFound : nil))
                model[name] = nil
            case 6, 7:
                let new = try Self.randomName(&random)
                let code = failure { try store.rename(name, to: new) }
                #expect(code == (model[name] == nil ? .notFound : nil), "step \(step)")
                if let entry = model.removeValue(forKey: name) { model[new] = entry }
            case 8:
                let new = try Self.randomName(&random)
                let code = failure {
                    let tag = try store.copy(name, to: new).entityTag
                    model[new] = Entry(bytes: model[name]?.bytes ?? [], tag: tag)
                }
                #expect(code == (model[name] == nil ? .notFound : nil), "step \(step)")
            case 9, 10:
                if let entry = model[name] {
                    #expect(try store.get(name) == entry.bytes, "step \(step)")
                    #expect(try store.info(name).entityTag == entry.tag, "step \(step)")
                } else {
                    #expect(failure { try store.get(name) } == .notFound, "step \(step)")
                }
            default:
                var options = ListOptions()
                options.prefix = String(name.description.prefix(random.below(3)))
                let prefix = Array(options.prefix.utf8)
                let names = try store.list(options).entries.map(\.name)
                #expect(
                    names == model.keys.filter { $0.utf8.starts(with: prefix) }.sorted(),
                    "step \(step)")
            }
        }
        try expect(store, is: model)
    }

    private func expect(_ store: Store, is model: [ObjectName: Entry]) throws {
        for (name, entry) in model {
            #expect(try store.get(name) == entry.bytes)
        }
        #expect(try store.list().entries.map(\.name) == model.keys.sorted())
        let census = try store.scope(.default).census
        #expect(census.reduce(0) { $0 + $1.objectCount } == model.count)
        #expect(
            census.reduce(0) { $0 + $1.byteCount } == model.values.reduce(0) { $0 + $1.bytes.count }
        )
        let report = try store.verify()
        #expect(report.findings == [])
        #expect(report.objectCount == model.count)
        #expect(eventually { (try? store.status().garbageCount) == 0 })
        let directories = Set(
            model.keys.flatMap { name in
                name.utf8.indices.filter { name.utf8[$0] == UInt8(ascii: "/") }.map {
                    name.utf8[...$0]
                }
            })
        let counts = try store.sqliteCatalog.read { reader throws(StoreError) in
            let tables = ["directories", "blobs", "objects"]
            return try tables.map { table throws(StoreError) in
                try reader.connection.integer("SELECT count(*) FROM \(table)")
            }
        }
        #expect(counts == [directories.count, try named(store).count, model.count])
    }

    /// What the files of those blobs are called that objects and tables of extents name.
    private func named(_ store: Store) throws -> Set<String> {
        var names: Set<String> = []
        try store.sqliteCatalog.read { reader throws(StoreError) in
            try reader.connection.forEachRow(
                """
                SELECT lower(hex(object_id)) FROM objects WHERE blob IS NOT NULL UNION \
                SELECT lower(hex(b.file)) FROM extents e JOIN blobs b ON b.id = e.blob \
                JOIN objects o ON o.blob = e.manifest
                """
            ) { row throws(StoreError) in names.insert(row.text(0)) }
        }
        return names
    }

    @Test(arguments: 1...3)
    func `thousands of random steps in memory`(seed: UInt64) throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        try run(store, steps: 1500, seed: seed, largeOneIn: 12)
    }

    @Test func `hundreds of random steps on disk`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try run(store, steps: 400, seed: 9, largeOneIn: 4)
            let ids = try named(store).map { ObjectID($0) }
            #expect(home.files("blobs") == ids.map(TestHome.blobPath).sorted())
            #expect(home.files("staging") == [])
        }
    }
}
