import Sluice
import TestSupport
import Testing

/// What a store leaves behind that doesn't wait for the disk; that nothing is lost by it is `crash-states`'
/// to show.
@Suite struct UnsyncedMarkTests {
    private let home: TestHome

    init() throws { home = try TestHome() }

    private func isMarked() throws -> Bool {
        try home.integer("SELECT count(*) FROM unsynced") == 1
    }

    @Test func `the next durable commit settles it, and a read doesn't`() throws {
        try home.withStore(.fast()) { store throws in _ = try store.put([1], as: "o") }
        #expect(try isMarked())
        try home.withStore(StoreOptions()) { store throws in #expect(try store.get("o") == [1]) }
        #expect(try isMarked())
        try home.withStore(StoreOptions()) { store throws in _ = try store.put([2], as: "p") }
        #expect(try !isMarked())
        try home.withStore(.fast()) { store throws in _ = try store.remove("p") }
        #expect(try isMarked())
    }

    @Test func `a version is retired only when what no longer needs it is durable`() throws {
        let first = try home.withStore(.fast()) { store throws in
            let customer = try Customer(store)
            try store.put([1], as: "o")
            try customer.rotate()
            try store.rewrap()
            return customer.first
        }
        #expect(try isMarked())
        try home.withStore(StoreOptions()) { store throws in
            _ = try store.retireKeyVersion(first, waitingSeconds: 60, as: .owner)
        }
        #expect(try !isMarked())
    }
}
