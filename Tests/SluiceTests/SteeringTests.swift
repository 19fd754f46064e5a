import Sluice
import SluiceAccess
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

/// Who writes the store, and neither has a key nor can touch the vaults, decides neither whom the read barrier
/// asks nor what a COMMIT wraps under.
@Suite struct SteeringTests {
    private static let platform = "(SELECT id FROM keys WHERE identifier LIKE '%/platform%')"

    /// A store under a customer's key whose catalog names the platform's, too.
    private func open(_ home: TestHome) throws -> (Store, Customer) {
        // As many objects in flight as there are workers, so that releases are many.
        let store = try home.open(.fast(workerCount: 2))
        let customer = try Customer(store)
        try store.createScope("other")
        return (store, customer)
    }

    private static let large = patternedBytes(4_000_000)

    /// Reads a large object, and in the midst of it does something, such as altering the catalog and revoking;
    /// how many bytes came after that.
    private func read(
        _ store: Store, _ act: @escaping @Sendable () throws -> Void
    ) throws -> (error: StoreError?, laterByteCount: Int) {
        let (sink, isDone) = (KeepingSink(), Box(false))
        let (byteCount, failed) = (Box(0), Box<(any Error)?>(nil))
        let error = thrown {
            try store.get("large", to: sink) { _, _ in
                guard !isDone.value else { return }
                isDone.update { $0 = true }
                do { try act() } catch { failed.update { $0 = error } }
                byteCount.update { $0 = sink.bytes.count }
            }
        }
        if let error = failed.value { throw error }
        #expect(isDone.value)
        #expect(byteCount.value < Self.large.count)
        return (error, sink.bytes.count - byteCount.value)
    }

    @Test(arguments: [
        ["UPDATE scopes SET key = \(platform)", "UPDATE wrapped_keys SET key = \(platform)"],
        ["UPDATE scopes SET key = \(platform)"],
        ["UPDATE wrapped_keys SET key = \(platform)"],
        [
            """
            UPDATE scopes SET (key, key_setting, scheme, wrapped, commitment, code) =
            (SELECT key, key_setting, scheme, wrapped, commitment, code FROM scopes
            WHERE name = 'other') WHERE name = 'default'
            """,
            "UPDATE wrapped_keys SET key = \(platform)",
        ],
    ])
    func `a read in flight is refused, whatever key the catalog names`(
        statements: [String]
    ) throws {
        let home = try TestHome()
        let (store, customer) = try open(home)
        defer { try? store.close() }
        try store.put(Self.large, as: "large", options: .with())
        let (error, laterByteCount) = try read(store) {
            for statement in statements { try home.sql(statement) }
            try RevocationKind.policyRemoved.revoke(customer)
        }
        #expect(error != nil)
        #expect(laterByteCount == 0)
    }

    @Test func `an object under an older version isn't taken for one that was rewrapped`() throws {
        let home = try TestHome()
        let (store, customer) = try open(home)
        defer { try? store.close() }
        try store.put(Self.large, as: "large", options: .with())
        try customer.rotate()
        try store.put([1], as: "new")
        let (error, laterByteCount) = try read(store) {
            try home.sql(
                """
                UPDATE wrapped_keys SET (key, wrapped) = (SELECT key, wrapped FROM wrapped_keys
                WHERE key = (SELECT key FROM scopes WHERE name = 'default'))
                """)
            try customer.disable(customer.first)
        }
        #expect(error?.code == .accessDenied)
        #expect(laterByteCount == 0)
    }

    @Test func `a read in flight goes on when its object was rewrapped, the old version disabled`()
        throws
    {
        let home = try TestHome()
        let (store, customer) = try open(home)
        let other = try home.open()
        defer { for store in [store, other] { try? store.close() } }
        try store.put(Self.large, as: "large", options: .with())
        let (error, laterByteCount) = try read(store) {
            try customer.rotate()
            try other.rewrap()
            try customer.disable(customer.first)
        }
        #expect(error == nil)
        #expect(laterByteCount > 0)
    }

    // a put                   | who writes the store
    // ------------------------|--------------------------------
    // wraps under the second  |
    //                         | names the first, or another key
    // commits, or doesn't     |
    //                         | names the second again
    @Test(arguments: [5, 300_000], [false, true])
    func `a put in flight is wrapped under no version that the catalog is made to name`(
        byteCount: Int, isPlatform: Bool
    ) throws {
        let home = try TestHome()
        let (store, customer) = try open(home)
        defer { try? store.close() }
        try store.put([1], as: "o")
        let second = try customer.rotate()
        try store.put([1], as: "o")
        let first = "(SELECT id FROM keys WHERE identifier = '\(customer.first)')"
        let named = isPlatform ? Self.platform : first
        let (bytes, count) = (patternedBytes(byteCount), Box(0))
        let pieces = ClosureSource(bytes, pieceByteCount: 4096)
        let source = ClosureSource { buffer in
            count.update { $0 += 1 }
            if count.value == 1 {
                try home.sql("UPDATE scopes SET key = \(named) WHERE name = 'default'")
            }
            return try pieces.read(into: &buffer)
        }
        let error = thrown { try store.put(from: source, as: "new", options: .with()) }
        #expect(error != nil)
        try home.sql(
            """
            UPDATE scopes SET key = (SELECT id FROM keys WHERE identifier = '\(second)')
            WHERE name = 'default'
            """)
        #expect(failure { try store.info("new") } == .notFound)
        #expect(try store.put([2], as: "new").keyIdentifier == second)
        #expect(try Customer.census(store).keys.allSatisfy { $0 == second || $0 == customer.first })
        #expect(try store.verify().findings == [])
    }

    // a put                      | who writes the store
    // ---------------------------|---------------------------------
    // wraps under the second     |
    //                            | puts the scope's older row back
    // commits: asks the vault    |
    @Test func `an older row of the scope that is put back under a put is replaced at once`() throws
    {
        let home = try TestHome()
        let (store, customer) = try open(home)
        defer { try? store.close() }
        try store.updateScope(.default, pollInterval: .seconds(86_400))
        try store.put([1], as: "o")
        try home.directory.write([], to: "kept.db")
        let kept = "ATTACH '\(home.directory.path("kept.db"))' AS kept"
        try home.sql("\(kept); CREATE TABLE kept.scopes AS SELECT * FROM main.scopes")
        try customer.rotate()
        try store.updateScope(.default, key: customer.key)
        let second = try store.put([1], as: "o").keyIdentifier
        #expect(second != customer.first)
        try home.sql(
            """
            \(kept); UPDATE main.scopes SET (key, wrapped, code, polled) =
            (SELECT key, wrapped, code, polled FROM kept.scopes k WHERE k.id = main.scopes.id)
            """)
        #expect(try store.put([2], as: "o").keyIdentifier == second)
        #expect(try store.get("o") == [2])
    }
}

/// A data key that small objects share.
@Suite struct SharedDataKeyTests {
    /// The versions under which each data key in the catalog is wrapped.
    private func versions(_ home: TestHome, _ store: Store) throws -> [[UInt8]: Set<String>] {
        let connection = try Connection(path: "\(home.store)/catalog.db", mode: .readOnly)
        defer { connection.close() }
        let rows = try connection.prepare(
            "SELECT k.identifier, w.scheme, w.wrapped FROM wrapped_keys w JOIN keys k ON k.id = w.key"
        )
        var versions: [[UInt8]: Set<String>] = [:]
        while try rows.step() {
            let secret = try store.context.access.unwrap(
                WrappedKey(
                    scheme: UInt8(rows.int(1)), key: KeyIdentifier(parsing: rows.text(0)),
                    bytes: rows.bytes(2)), as: store.identity)
            versions[secret.withBytes { [UInt8](copying: $0) }, default: []].insert(rows.text(0))
        }
        return versions
    }

    // one store            | another
    // ---------------------|----------------------
    // puts a small object  |
    //                      | takes a version up
    // puts another, by a scope that it hasn't looked at since
    @Test(arguments: [false, true])
    func `a data key that is wrapped under one version seals nothing under the next`(
        isTree: Bool
    ) throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try Customer(store)
        try store.updateScope(.default, pollInterval: .seconds(86_400))
        try store.put([1], as: "first")
        let scope = try store.registry.scope(named: .default)
        try customer.rotate()
        _ = try store.get("first")
        let isMoved = Box(false)
        let moved = { @Sendable in
            guard !isMoved.value else { return }
            isMoved.update { $0 = true }
            try other.updateScope(.default, key: customer.key)
        }
        if isTree {
            let files = try TemporaryDirectory()
            for index in 0..<3 { try files.write([UInt8(index)], to: "f\(index)") }
            var batch = PutBatch(
                putter: store.treePutter, scopes: PutScopes(scope),
                work: TreeWork(nil, totals: nil, Cancellation()), prefix: "t/",
                tree: TreePutOptions(), links: LinkedPuts(), pass: .stored)
            let walk = try TreeWalk(files.path)
            while let entry = try walk.next() {
                batch.put(entry, root: files.path, options: .with())
            }
            try moved()
            batch.commit()
            #expect(try batch.work.finish().failures.isEmpty)
            for index in 0..<3 {
                #expect(try store.get(ObjectName("t/f\(index)")) == [UInt8(index)])
            }
        } else {
            // Sealed before the other moves the scope, committed after.
            let plan = try PutPlan("second", .with())
            let object = try store.objectWriter.sealer.sealSmall(
                [2], plan.layout(byteCount: 1), plan, PutScopes(scope))
            try moved()
            let put = try store.objectWriter.operation(object, plan, in: PutScopes(scope))
            let answer = try store.context.catalog.put([put])[0]
            guard case .stale(.scope(scope.record.rowID, _?)) = answer else {
                Issue.record("\(answer)")
                return
            }
            let refused = failure {
                try store.objectWriter.finish(put, in: PutScopes(scope), answer)
            }
            #expect(refused == .scopeMoved)
            try store.put([2], as: "second")
        }
        let versions = try versions(home, store)
        #expect(versions.count > 1)
        #expect(versions.values.allSatisfy { $0.count == 1 })
        #expect(try Customer.census(store).count == 2)
        #expect(try store.verify().findings == [])
    }

    @Test func `puts in many threads beside rotations never share a data key over one`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try Customer(store)
        try store.updateScope(.default, pollInterval: .seconds(86_400))
        try together(5) { index in
            for step in 0..<30 {
                if index == 4 {
                    guard step % 6 == 5 else { continue }
                    try customer.rotate()
                    try other.updateScope(.default, key: customer.key)
                } else {
                    try store.put([UInt8(step)], as: ObjectName("\(index)/\(step)"))
                }
            }
        }
        #expect(try versions(home, store).values.allSatisfy { $0.count == 1 })
        #expect(try store.verify().findings == [])
    }
}
