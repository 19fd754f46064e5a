import Foundation
import Sluice
import SluiceFormat
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// What an operation takes to be so, and isn't any more when it comes to be committed.
@Suite struct CatalogStoreTests {
    // MARK: A scope that moves on

    /// A store that holds a scope which another has moved to a newer version, and doesn't know it.
    private struct Behind {
        let home: TestHome
        let store: Store
        let other: Store
        let scope: Scope
        let newer: KeyIdentifier

        init() throws {
            home = try TestHome()
            (store, other) = (try home.open(), try home.open())
            let customer = try Customer(store)
            try store.updateScope(.default, pollInterval: .seconds(86_400))
            try store.put([1], as: "d/first")
            newer = try customer.rotate()
            // The store looks at its scope here, and takes nothing up: it isn't time to ask.
            _ = try store.get("d/first")
            scope = try store.registry.scope(named: .default)
            try other.updateScope(.default, key: customer.key)
        }

        func close() {
            for store in [store, other] { try? store.close() }
        }

        /// The row that a stale answer has found; nil, and an issue, if it is any other answer.
        func found<Outcome>(_ answer: CatalogAnswer<Outcome>) -> ScopeRecord? {
            guard case .stale(.scope(scope.record.rowID, let record?)) = answer else {
                Issue.record("\(answer)")
                return nil
            }
            return record
        }

        /// Whether the store would use its scope without looking again.
        var isUnaware: Bool { scope.isTrusted(by: store.context.clock) }
    }

    enum Change: CaseIterable {
        case put, remove, rename, update, pin, rewrap
    }

    @Test(arguments: Change.allCases)
    func `what was made before a rotation is stale, changes nothing, and says what is so`(
        change: Change
    ) throws {
        let behind = try Behind()
        defer { behind.close() }
        let (store, scope) = (behind.store, behind.scope)
        let catalog = store.context.catalog
        let object = try store.finder.find("d/first", in: .default)
        let found: ScopeRecord?
        switch change {
        case .put:
            let plan = try PutPlan("d/second", .with())
            let sealed = try store.objectWriter.sealer.sealSmall(
                [2], plan.layout(byteCount: 1), plan, PutScopes(scope))
            found = behind.found(
                try catalog.put([store.objectWriter.operation(sealed, plan, in: PutScopes(scope))])[
                    0])
        case .remove:
            found = behind.found(
                try catalog.remove([
                    RemoveOperation(tag: object.row.tag, scope: scope.use(for: .unwrapKey))
                ])[0])
        case .rename:
            var renamed = object.row
            renamed.tag = try store.finder.tag(of: "second", in: scope)
            found = behind.found(
                try catalog.rename(
                    RenameOperation(
                        row: object.row, renamed: renamed, name: "d/first", newName: "second",
                        condition: .always, basis: nil, scope: scope.use(for: .unwrapKey),
                        directories: DirectoryBasis())))
        case .update:
            found = behind.found(
                try catalog.update(
                    UpdateOperation(
                        row: object.row, changed: object.row, name: "d/first", condition: .always,
                        scope: scope.use(for: .unwrapKey))))
        case .pin:
            let row = object.row
            let pin = PinRow(
                pinID: row.objectID, objectID: row.objectID, revision: row.revision,
                byteCount: row.byteCount, storedByteCount: row.storedByteCount,
                chunkSize: row.chunkSize, codec: row.codec, commitment: row.commitment, keys: [],
                document: [])
            found = behind.found(
                try catalog.pin(
                    PinOperation(
                        pin: pin, objectRowID: row.rowID, scopes: [scope.use(for: .unwrapKey)],
                        needs: [])))
        case .rewrap:
            let group = try catalog.keysInUse(ofScope: scope.record.rowID)[0].group
            let row = try catalog.wrappedKeys(
                scope: scope.record.rowID, in: group, afterRow: 0, limit: 1)[0]
            found = behind.found(
                try catalog.rewrap(
                    RewrapOperation(
                        keys: [
                            RewrappedKey(
                                row: row, wrapped: row.wrapped, identity: scope.identity)
                        ],
                        scope: scope.use(for: .wrapKey))))
        }
        let record = try #require(found)
        #expect(record.currentKey == behind.newer)
        #expect(
            try scope.place(in: record, library: store.context.library).key == behind.newer)
        #expect(!behind.isUnaware)
        #expect(try behind.other.list().entries.count == 1)
        #expect(try store.pins().isEmpty)
        #expect(try store.verify().findings == [])
    }

    @Test func `what finds its scope rotated is made anew, and done`() throws {
        let changes: [(Store) throws -> Void] = [
            { try $0.put([2], as: "small") },
            { try $0.put([UInt8](repeating: 3, count: 100_000), as: "large") },
            { try $0.remove("d/first") },
            { _ = try $0.removeTree("d/") },
            { try $0.rename("d/first", to: "e/second") },
            { try $0.update("d/first") { $0.metadata = ["a": "b"] } },
            { _ = try $0.pin("d/first") },
        ]
        for change in changes {
            let behind = try Behind()
            defer { behind.close() }
            #expect(behind.isUnaware)
            try change(behind.store)
            #expect(!behind.isUnaware)
            #expect(try behind.other.verify().findings == [])
        }
    }

    @Test func `a scope's row that isn't its own is refused, whatever was asked for`() throws {
        let behind = try Behind()
        defer { behind.close() }
        try behind.home.sql("UPDATE scopes SET poll = poll + 1 WHERE name = 'default'")
        let store = behind.store
        #expect(failure { try store.remove("d/first") } == .integrity)
        behind.scope.noteChecked(
            epoch: behind.scope.gate.epoch, milliseconds: store.context.clock.nowMilliseconds())
        #expect(failure { try store.put([2], as: "second") } == .integrity)
        try behind.home.sql("UPDATE scopes SET poll = poll - 1 WHERE name = 'default'")
        #expect(try store.get("d/first") == [1])
    }

    // MARK: A directory that goes

    @Test func `a put into a directory that isn't there is stale, and changes nothing`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        try store.put([1], as: "first")
        let scope = try store.registry.scope(named: .default)
        let plan = try PutPlan("d/e/second", .with())
        let object = try store.objectWriter.sealer.sealSmall(
            [2], plan.layout(byteCount: 1), plan, PutScopes(scope))
        var put = try store.objectWriter.operation(object, plan, in: PutScopes(scope))
        #expect(put.directories.rows.count == 2 && put.directories.holder == nil)
        let outer = put.directories.rows.removeLast()
        put.directories.holder = outer.tag
        guard case .stale(.noDirectory(outer.tag)) = try store.context.catalog.put([put])[0] else {
            Issue.record("it isn't stale")
            return
        }
        #expect(try store.list().entries.count == 1)
        #expect(
            try store.context.catalog.directory(
                scope: scope.record.rowID, tag: object.directory) == nil)
        put.directories.rows.append(outer)
        put.directories.holder = nil
        guard case .committed = try store.context.catalog.put([put])[0] else {
            Issue.record("it isn't committed")
            return
        }
        #expect(try store.get("d/e/second") == [2])
        #expect(try store.verify().findings == [])
    }

    @Test func `a directory that went since it was seen is made anew`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let files = try TemporaryDirectory()
        try files.write([4], to: "file")
        let changes: [(Store) throws -> Void] = [
            { try $0.put([2], as: "d/e/new") },
            { try $0.put([UInt8](repeating: 3, count: 100_000), as: "d/e/new") },
            { try $0.rename("kept", to: "d/e/new") },
            { _ = try $0.putTree(at: files.path, prefix: "d/e") },
        ]
        for change in changes {
            try store.put([0], as: "kept")
            try store.put([1], as: "d/e/old")
            // So that it is known to be there.
            try store.put([1], as: "d/e/old")
            try other.remove("d/e/old")
            try change(store)
            #expect(try other.verify().findings == [])
            let names = try other.list().entries.map { "\($0.name)" }
            #expect(names.contains { $0.hasPrefix("d/e/") })
            for name in names { try other.remove(ObjectName(name)) }
        }
    }

    @Test func `an object that takes another's name leaves their directory where it is`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        try store.put([1], as: "a/one")
        try store.put([2], as: "b/two")
        try store.rename("a/one", to: "b/two")
        #expect(try store.get("b/two") == [1])
        #expect(try store.list().entries.count == 1)
        let directoryCount = try store.sqliteCatalog.read { reader throws(StoreError) in
            try reader.connection.integer("SELECT count(*) FROM directories")
        }
        #expect(directoryCount == 1)
        #expect(try store.verify().findings == [])
    }
}
