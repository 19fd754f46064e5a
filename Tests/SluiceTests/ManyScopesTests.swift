import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// What grows with the number of scopes, and what must not.
@Suite struct ManyScopesTests {
    private static func name(_ number: Int) throws -> ScopeName { try ScopeName("s\(number)") }

    private static func open(_ home: TestHome, openScopeCount: Int) throws -> Store {
        var options = StoreOptions.fast()
        options.seams.openScopeCount = openScopeCount
        return try home.open(options)
    }

    @Test func `a scope is found by an index, by its name and by its row`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        try store.put([1], as: "o")
        try store.sqliteCatalog.read { reader throws(StoreError) in
            for column in ["name", "id"] {
                var plan = ""
                let sql = "SELECT \(ScopeQueries.columns) FROM scopes WHERE \(column) = ?1"
                try reader.connection.forEachRow("EXPLAIN QUERY PLAN \(sql)") {
                    row throws(StoreError) in
                    plan += row.text(3)
                }
                #expect(plan.contains("SEARCH scopes USING"), "\(plan)")
            }
        }
    }

    @Test func `one scope's row is decoded to find it, however many there are`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            for number in 0..<3 { try store.createScope(Self.name(number)) }
        }
        // Whoever decodes this row fails.
        try home.sql("UPDATE scopes SET rewrap = 77 WHERE name = 's1'")
        let store = try home.open()
        defer { try? store.close() }
        for number in [0, 2] {
            let name = try Self.name(number)
            try store.put([UInt8(number)], as: "o", in: name)
            #expect(try store.get("o", in: name) == [UInt8(number)])
            #expect(try store.scope(name).name == name)
        }
        #expect(failure { try store.get("o", in: Self.name(1)) } == .integrity)
        #expect(failure { try store.scopes() } == .integrity)
    }

    @Test
    func `no more scopes are open than the limit, and what is known goes with those that close`()
        throws
    {
        let home = try TestHome()
        let store = try Self.open(home, openScopeCount: 4)
        defer { try? store.close() }
        for number in 0..<9 {
            let name = try Self.name(number)
            try store.createScope(name)
            try store.put([UInt8(number)], as: "o", in: name)
        }
        for round in 0..<2 {
            for number in 0..<9 {
                #expect(try store.get("o", in: Self.name(number)) == [UInt8(number)], "\(round)")
                let open = Set(store.registry.all.values.map(\.record.rowID))
                #expect(open.count <= 4)
                #expect(Set(store.cache.sources.map(\.scopeRowID)).isSubset(of: open))
            }
        }
    }

    @Test func `a scope that is used again and again stays open`() throws {
        let home = try TestHome()
        let store = try Self.open(home, openScopeCount: 4)
        defer { try? store.close() }
        for number in 0..<9 {
            let name = try Self.name(number)
            try store.createScope(name)
            try store.put([UInt8(number)], as: "o", in: name)
        }
        _ = try store.get("o", in: Self.name(0))
        let first = try #require(store.registry.all[Self.name(0)])
        for number in 1..<9 {
            _ = try store.get("o", in: Self.name(number))
            _ = try store.get("o", in: Self.name(0))
            #expect(store.registry.all[try Self.name(0)] === first)
        }
    }

    @Test func `to forget a scope takes nothing from the others`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        for number in 0..<2 {
            try store.createScope(Self.name(number))
            try store.put([UInt8(number)], as: "o", in: Self.name(number))
            _ = try store.get("o", in: Self.name(number))
        }
        let rows = try (0..<2).map { try #require(store.registry.all[Self.name($0)]).record.rowID }
        #expect(Set(store.cache.objects.sources.map(\.scopeRowID)) == Set(rows))
        try store.registry.forget(Self.name(0))
        #expect(Set(store.cache.objects.sources.map(\.scopeRowID)) == [rows[1]])
    }
}

/// That what is remembered of one principal is nothing to another.
@Suite struct PrincipalMemoryTests {
    @Test func `two principals on one key never see each other's grant`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        let customer = try Customer(store)
        let access = store.context.access
        let key = customer.first
        let stranger = Identity(objectID: "11111111-2222-3333-4444-555555555555")
        #expect(try access.readGrant(key, rowID: 1, as: store.identity).identity == store.identity)
        #expect(
            refusal { () throws(VaultError) in
                try access.readGrant(key, rowID: 1, as: stranger)
            } == .accessDenied)
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: Customer.vault, for: stranger)
        #expect(try access.readGrant(key, rowID: 1, as: stranger).identity == stranger)
        try RevocationKind.identityOff.revoke(customer)
        #expect(
            refusal { () throws(VaultError) in
                try access.renewedReadGrant(key, rowID: 1, as: store.identity)
            } != nil)
        #expect(try access.readGrant(key, rowID: 1, as: stranger).identity == stranger)
    }

    @Test func `a commit asks for each need as the one who has it`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        let customer = try Customer(store)
        let stranger = Identity(objectID: "11111111-2222-3333-4444-555555555555")
        let needs = [store.identity, stranger].map { identity in
            KeyUse(key: customer.first, operation: .wrapKey, identity: identity)
        }
        var isCommitted = false
        try store.context.access.permit.release(under: [needs[0]]) { () throws(StoreError) in
            isCommitted = true
        }
        #expect(isCommitted)
        #expect(throws: (any Error).self) {
            try store.context.access.permit.release(under: Set(needs)) { () throws(StoreError) in
                Issue.record("committed")
            }
        }
    }
}
