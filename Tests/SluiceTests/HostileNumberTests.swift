import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// Numbers that nothing authenticates, at the ends of their range.
@Suite struct HostileNumberTests {
    private static let ends = [Int.min, Int.min + 1, -1, Int.max - 1, Int.max]

    /// A scope under two versions, several objects each.
    private func home() throws -> TestHome {
        let home = try TestHome()
        try home.withStore { store throws in
            let customer = try Customer(store)
            for index in 0..<3 { try store.put([UInt8(index)], as: ObjectName("old\(index)")) }
            try store.put(patternedBytes(100_000), as: "large")
            try customer.rotate()
            for index in 0..<3 { try store.put([UInt8(index)], as: ObjectName("new\(index)")) }
        }
        return home
    }

    private func expectUsable(_ home: TestHome, _ what: String) throws {
        try home.withStore { store throws in
            _ = try store.scopes()
            _ = try store.status()
            _ = try store.objectIDs()
            #expect(!(try store.verify().findings.isEmpty), "\(what)")
            #expect(!(try store.verifyWithoutKeys().findings.isEmpty), "\(what)")
            for _ in 0..<2 { _ = try? store.rewrap() }
            try store.put([9], as: "after")
            try store.remove("after")
        }
        _ = try Store.repair(home.location, options: .fast())
        try home.withStore { store throws in
            #expect(try store.verify().findings == [], "\(what)")
            #expect(try store.get("old1") == [1])
            #expect(try store.get("large") == patternedBytes(100_000))
            #expect(try store.rewrap().remainingObjectCount == 0)
        }
    }

    @Test(arguments: ["census", "wrapped_keys"], ["objects", "bytes"])
    func `counts at their ends stop nothing, are found, and repaired`(
        table: String, column: String
    ) throws {
        for end in Self.ends {
            let home = try home()
            try home.sql("UPDATE \(table) SET \(column) = \(end)")
            try expectUsable(home, "\(table).\(column) = \(end)")
        }
    }

    @Test(arguments: ["byte_count", "stored_byte_count", "chunk_exponent", "codec"])
    func `an object's numbers at their ends are found, and the object is moved`(
        column: String
    ) throws {
        for end in Self.ends {
            let home = try home()
            try home.sql(
                """
                UPDATE objects SET \(column) = \(end) WHERE id IN (SELECT max(id) FROM objects
                UNION SELECT max(id) - 1 FROM objects)
                """)
            try expectUsable(home, "\(column) = \(end)")
        }
    }

    @Test(arguments: ends)
    func `a scope's row id at an end keeps nobody from making another`(end: Int) throws {
        let home = try home()
        try home.withStore { store throws in _ = try store.createScope("other") }
        try home.sql("UPDATE scopes SET id = \(end) WHERE name = 'other'")
        try home.withStore { store throws in
            try store.createScope("more")
            try store.createScope("most")
            try store.put([7], as: "o", in: "most")
            try store.put([8], as: "o", in: "other")
            #expect(try store.get("o", in: "most") == [7])
            #expect(try store.get("o", in: "other") == [8])
            #expect(try store.verify().findings == [])
        }
    }

    @Test(arguments: ends)
    func `a scope's dates at an end stop nothing`(end: Int) throws {
        let home = try home()
        try home.sql("UPDATE scopes SET polled = \(end)")
        try home.withStore { store throws in
            #expect(try store.get("old1") == [1])
            try store.updateScope(.default, pollInterval: .seconds(Int(UInt32.max)))
            #expect(try store.get("old1") == [1])
        }
    }

    @Test func `a sweep goes by the wrapped keys there are, whatever is counted`() throws {
        let home = try home()
        try home.sql("UPDATE census SET objects = 0, bytes = 0")
        try home.withStore { store throws in
            #expect(try store.rewrap().keyCount > 0)
            #expect(try store.rewrap().remainingObjectCount == 0)
        }
        #expect(try home.integer("SELECT count(DISTINCT key) FROM wrapped_keys") == 1)
    }
}
