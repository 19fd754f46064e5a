import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct LeaseTests {
    private let mine = LeaseID("01234567-89ab-cdef-0123-456789abcdef")
    private let other = LeaseID("11234567-89ab-cdef-0123-456789abcdef")

    private func store() throws -> Store {
        let store = try Store.inMemory()
        try store.put([1], as: "o")
        try store.put(patternedBytes(100_000), as: "large")
        return store
    }

    /// Everything that changes the object `name`, under a condition.
    private static let changes:
        [(String, @Sendable (Store, ObjectName, Condition) throws -> Void)] = [
            ("put", { try $0.put([2], as: $1, options: PutOptions(condition: $2)) }),
            (
                "put large",
                { try $0.put(patternedBytes(99_000), as: $1, options: PutOptions(condition: $2)) }
            ),
            (
                "update",
                { store, name, condition in
                    try store.update(name, if: condition) { $0.metadata = ["a": "b"] }
                }
            ),
            ("append", { try $0.append([3], to: $1, if: $2) }),
            ("copy", { try $0.copy("large", to: $1, if: $2) }),
            (
                "rename",
                { store, name, condition in
                    try store.put([9], as: "source")
                    try store.rename("source", to: name, if: condition)
                }
            ),
            (
                "upload",
                { store, name, condition in
                    let upload = try store.beginUpload(
                        name, options: PutOptions(condition: condition))
                    try upload.put([1], id: "1")
                    try upload.commit(["1"])
                }
            ),
            ("remove", { try $0.remove($1, if: $2) }),
        ]

    @Test(arguments: changes.indices)
    func `whoever changes what is leased has to show the lease`(index: Int) throws {
        let (what, change) = Self.changes[index]
        for versions in [false, true] {
            let store = try store()
            try store.updateScope(.default, retention: RetentionPolicy(keepsVersions: versions))
            let lease = try store.leases.acquire("o", for: .seconds(60), as: mine)
            let before = try store.info("o")
            #expect(failure { try change(store, "o", .always) } == .leased, "\(what)")
            let another = Condition.leased(as: try #require(other))
            #expect(failure { try change(store, "o", another) } == .conditionNotMet, "\(what)")
            #expect(try store.info("o") == before)
            try change(store, "o", .leased(as: lease.id))
            if what == "remove" {
                #expect(failure { try store.info("o") } == .notFound)
                try store.put([1], as: "o")
                #expect(try store.leases.lease(of: "o") == nil)
            } else {
                #expect(try store.info("o") != before)
                #expect(failure { try change(store, "o", .always) } == .leased, "\(what)")
            }
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `a rename takes no lease with it, and a tree's removal leaves what is leased`()
        throws
    {
        let store = try store()
        try store.leases.acquire("o")
        #expect(failure { try store.rename("o", to: "p") } == .leased)
        let report = try store.removeTree("")
        #expect(report.failures.count == 1 && report.objectCount == 1)
        let ids = try store.objectIDs()
        #expect(failure { try store.remove(id: ids[0].id) } == .held)
        let lease = try #require(try store.leases.lease(of: "o"))
        try store.leases.release("o", lease.id)
        try store.rename("o", to: "p")
    }

    @Test func `a read that shows a lease is refused without it`() throws {
        let store = try store()
        let lease = try store.leases.acquire("o")
        #expect(try store.get("o") == [1])
        #expect(try store.get("o", if: .leased(as: lease.id)) == [1])
        let another = Condition.leased(as: try #require(other))
        #expect(failure { try store.get("o", if: another) } == .conditionNotMet)
        #expect(failure { try store.info("large", if: .leased(as: lease.id)) } == .conditionNotMet)
    }

    @Test func `a lease is acquired, renewed, changed, broken and released`() throws {
        let store = try store()
        let (mine, other) = (try #require(mine), try #require(other))
        let leases = store.leases
        #expect(failure { try leases.renew("o", mine) } == .conditionNotMet)
        #expect(failure { try leases.break("o") } == .conditionNotMet)
        #expect(failure { _ = try leases.acquire("none") } == .notFound)
        #expect(failure { _ = try leases.acquire("o", for: .seconds(0)) } == .invalidArgument)
        let first = try leases.acquire("o", for: .seconds(1), as: mine)
        #expect(first.state == .leased && first.duration == .seconds(1) && first.id == mine)
        #expect(failure { _ = try leases.acquire("o", as: other) } == .leased)
        #expect(try leases.acquire("o", as: mine).duration == nil)
        #expect(try leases.change("o", mine, to: other).id == other)
        #expect(try leases.change("o", mine, to: other).id == other)
        #expect(failure { _ = try leases.renew("o", mine) } == .conditionNotMet)
        let breaking = try leases.break("o", after: .seconds(60))
        #expect(breaking.state == .breaking)
        #expect(failure { try store.remove("o") } == .leased)
        #expect(failure { _ = try leases.renew("o", other) } == .conditionNotMet)
        #expect(failure { _ = try leases.acquire("o", as: other) } == .leased)
        #expect(
            try leases.break("o", after: .seconds(600)).endMilliseconds == breaking.endMilliseconds)
        #expect(try leases.break("o", after: .seconds(0)).state == .broken)
        try store.put([2], as: "o")
        try leases.acquire("o", for: .seconds(1), as: mine)
        #expect(
            eventually { (try? store.put([3], as: "o")) != nil })
        #expect(try leases.lease(of: "o")?.state == .expired)
        #expect(try leases.renew("o", mine).state == .leased)
        try leases.release("o", mine)
        #expect(try leases.lease(of: "o") == nil)
    }

    @Test func `a hold keeps everybody from a change`() throws {
        let store = try store()
        let later = 1 << 45
        for (number, hold) in [
            ObjectHold(isHeld: true), ObjectHold(untilMilliseconds: later),
        ].enumerated() {
            try store.leases.setHold(hold, on: "o")
            #expect(try store.leases.hold(on: "o") == hold)
            for (what, change) in Self.changes {
                #expect(failure { try change(store, "o", .always) } == .held, "\(what)")
            }
            try store.update("o") { $0.properties.tags = ["a": "\(number)"] }
            try store.leases.setHold(ObjectHold(), on: "o")
        }
        let locked = ObjectHold(untilMilliseconds: later, isLocked: true)
        try store.leases.setHold(locked, on: "o")
        for worse in [
            ObjectHold(), ObjectHold(untilMilliseconds: later - 1, isLocked: true),
            ObjectHold(untilMilliseconds: later),
        ] {
            #expect(throws: StoreError.self) {
                try store.leases.setHold(worse, on: "o")
            }
        }
        let snapshot = try store.snapshot("large")
        try store.leases.setHold(ObjectHold(isHeld: true), on: snapshot.name)
        #expect(failure { try store.remove(snapshot.name) } == .held)
        #expect(try store.verify().findings == [])
    }

    @Test func `a lease holds in every process, from its commit on`() throws {
        let home = try TestHome()
        let (one, two) = (try home.open(), try home.open())
        defer {
            try? one.close()
            try? two.close()
        }
        try one.put([1], as: "o")
        try two.put([2], as: "o")
        let lease = try one.leases.acquire("o")
        #expect(failure { try two.put([3], as: "o") } == .leased)
        try two.put([3], as: "o", options: PutOptions(condition: .leased(as: lease.id)))
        try two.leases.release("o", lease.id)
        try one.put([4], as: "o")
    }

    @Test func `a row of a state that was altered, or is another's, is found`() throws {
        let home = try TestHome()
        let store = try home.open()
        for name: ObjectName in ["a", "b"] {
            try store.put([1], as: name)
            try store.leases.acquire(name)
        }
        try store.close()
        for sql in [
            "UPDATE states SET document = randomblob(length(document)) WHERE id = 1",
            "UPDATE states SET revision = randomblob(32) WHERE id = 1",
            """
            UPDATE states SET (revision, document) = \
            (SELECT revision, document FROM states WHERE id = 2) WHERE id = 1
            """,
        ] {
            let copy = try TestHome(copying: home)
            try copy.sql(sql)
            try copy.withStore { store throws in
                #expect(failure { try store.put([2], as: "a") } == .integrity, "\(sql)")
                #expect(!(try store.verify().findings.isEmpty), "\(sql)")
            }
            let report = try Store.repair(copy.location, options: .fast())
            #expect(report.findings.contains { $0.outcome == .moved }, "\(sql)")
            try copy.withStore { store throws in
                try store.put([2], as: "a")
                #expect(failure { try store.put([2], as: "b") } == .leased)
                #expect(try store.verify().findings == [])
            }
        }
        // A catalog that is rebuilt has the leases.
        try home.damageCatalogHeader()
        _ = try Store.repair(home.location, options: .fast())
        try home.withStore { store throws in
            #expect(failure { try store.put([2], as: "b") } == .leased)
        }
    }

    @Test func `a condition can ask for the size`() throws {
        let store = try store()
        #expect(failure { try store.append([2], to: "o", if: .byteCount(0)) } == .conditionNotMet)
        try store.append([2], to: "o", if: .byteCount(1))
        #expect(try store.get("o", if: .byteCount(2)) == [1, 2])
        #expect(
            failure { try store.put([1], as: "n", options: PutOptions(condition: .byteCount(1))) }
                == .conditionNotMet)
    }

    @Test func `an id is a UUID`() {
        #expect(mine?.description == "01234567-89ab-cdef-0123-456789abcdef")
        #expect(LeaseID("0123456789ABCDEF0123456789abcdef") == mine)
        for wrong in ["", "x", "01234567-89ab-cdef-0123-456789abcde"] {
            #expect(LeaseID(wrong) == nil)
        }
    }
}
