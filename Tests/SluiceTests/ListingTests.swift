import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// A listing that is asked for page by page, while the store changes.
@Suite struct ListingTests {
    private let home: TestHome

    init() throws {
        home = try TestHome()
    }

    private func options(limit: Int, isRecursive: Bool = true, prefix: String = "") -> ListOptions {
        var options = ListOptions()
        options.limit = limit
        options.isRecursive = isRecursive
        options.prefix = prefix
        return options
    }

    private func pages(_ listing: Listing) throws -> [ListEntry] {
        var entries: [ListEntry] = []
        while let page = try listing.nextPage() { entries += page.entries }
        return entries
    }

    @Test(arguments: [true, false])
    func `pages of every size add up to the whole`(isRecursive: Bool) throws {
        let store = try home.open()
        defer { try? store.close() }
        for name in ["a", "a/b", "a/b/c", "a-b", "b/", "b//c", "c", "d/e/f", "é"] {
            try store.put([1], as: ObjectName(name))
        }
        for prefix in ["", "a", "a/", "b/", "nowhere/"] {
            var options = options(limit: .max, isRecursive: isRecursive, prefix: prefix)
            let whole = try store.list(options).entries
            for limit in 1...whole.count + 1 {
                options.limit = limit
                let listing = try store.listing(options)
                #expect(try pages(listing) == whole)
                #expect(try listing.nextPage() == nil)
                #expect(listing.keptNameCount == 0)
            }
        }
    }

    @Test func `a page that has to have an entry is asked for in vain`() throws {
        let store = try home.open()
        defer { try? store.close() }
        #expect(failure { try store.listing(options(limit: 0)) } == .invalidArgument)
        let listing = try store.listing(options(limit: 1))
        #expect(try listing.nextPage()?.entries == [])
        #expect(try listing.nextPage() == nil)
        #expect(failure { try store.listing(in: "nowhere").nextPage() } == .notFound)
    }

    /// Names are put, replaced, renamed and removed between pages, the last rows among them, whose numbers are
    /// given again.
    @Test(arguments: 0..<6)
    func `each page is what a listing from its marker on would be`(seed: UInt64) throws {
        var random = Randomness(seed: seed)
        let store = try home.open()
        defer { try? store.close() }
        let pieces = ["a", "b", "c", "d/", "e/", "f"]
        func randomName() throws -> ObjectName {
            let directory = ["", "d/", "d/e/", "g/"][random.below(4)]
            return try ObjectName(
                directory + (0...random.below(2)).map { _ in pieces[random.below(6)] }.joined())
        }
        for _ in 0..<40 { try store.put([1], as: randomName()) }
        for round in 0..<12 {
            var options = options(
                limit: 1 + random.below(6), isRecursive: round % 3 != 0,
                prefix: ["", "d/", "d"][random.below(3)])
            let listing = try store.listing(options)
            while true {
                let page = try listing.nextPage()
                let fresh = try store.list(options)
                #expect(page?.entries == fresh.entries)
                #expect(page?.next == fresh.next)
                guard let next = fresh.next else { break }
                options.after = next
                for _ in 0..<random.below(5) {
                    let name = try randomName()
                    switch random.below(5) {
                    case 0, 1: try store.put([2], as: name)
                    case 2: _ = thrown { try store.rename(name, to: randomName()) }
                    case 3: _ = thrown { try store.remove(name) }
                    default:
                        // The last row, most likely, and its number again.
                        try store.put([3], as: "d/last")
                        try store.remove("d/last")
                        try store.put([4], as: name)
                    }
                }
            }
            #expect(try listing.nextPage() == nil)
        }
    }

    @Test func `what takes the number of a row that has gone is listed`() throws {
        let store = try home.open()
        defer { try? store.close() }
        for name in ["a", "b", "y", "z"] { try store.put([1], as: ObjectName(name)) }
        let listing = try store.listing(options(limit: 2))
        #expect(try listing.nextPage()?.entries.map(\.name) == ["a", "b"])
        for name in ["y", "z"] { try store.remove(ObjectName(name)) }
        for name in ["n", "z"] { try store.put([1], as: ObjectName(name)) }
        #expect(try pages(listing).map(\.name) == ["n", "z"])
    }

    @Test func `what is renamed into a directory that is being listed is listed`() throws {
        let store = try home.open()
        defer { try? store.close() }
        for name in ["x", "d/a", "d/b", "d/c"] { try store.put([1], as: ObjectName(name)) }
        let listing = try store.listing(options(limit: 2, prefix: "d/"))
        #expect(try listing.nextPage()?.entries.map(\.name) == ["d/a", "d/b"])
        try store.rename("x", to: "d/bb")
        #expect(try pages(listing).map(\.name) == ["d/bb", "d/c"])
    }

    @Test func `pages of a large directory take together as long as a few of a small one`() throws {
        let store = try home.open(.fast())
        defer { try? store.close() }
        func fill(_ directory: String, _ count: Int) throws {
            let files = try TemporaryDirectory()
            for number in 0..<count { try files.write([], to: "\(number)") }
            _ = try store.putTree(at: files.path, prefix: directory)
        }
        func nanoseconds(_ directory: String) throws -> Int {
            let start = MonotonicClock.nowNanoseconds
            _ = try pages(store.listing(options(limit: 10, prefix: directory)))
            return MonotonicClock.nowNanoseconds - start
        }
        try fill("small/", 300)
        try fill("large/", 2400)
        let small = try (0..<5).map { _ in try nanoseconds("small/") }.min() ?? 0
        let large = try (0..<5).map { _ in try nanoseconds("large/") }.min() ?? 0
        // Eight times as many: eight times as long, or nearly sixty-four if each page opened all.
        #expect(large < 20 * small, "\(small) ns and \(large) ns")
    }

    // MARK: Revocation

    @Test func `names that are kept go with the access, and the listing goes on when it is back`()
        throws
    {
        let store = try home.open()
        defer { try? store.close() }
        let customer = try Customer(store)
        for name in ["a", "b", "c", "d"] { try store.put([1], as: ObjectName(name)) }
        let listing = try store.listing(options(limit: 1))
        #expect(try listing.nextPage()?.entries.map(\.name) == ["a"])
        #expect(listing.keptNameCount > 0)
        try RevocationKind.policyRemoved.revoke(customer)
        // The watching thread does it, without a page being asked for.
        #expect(eventually { listing.keptNameCount == 0 })
        #expect(failure { try listing.nextPage() } == .accessDenied)
        #expect(listing.keptNameCount == 0)
        try RevocationKind.policyRemoved.restore(customer)
        #expect(try pages(listing).map(\.name) == ["b", "c", "d"])
    }

    @Test func `a rotation between pages takes no name away`() throws {
        let store = try home.open()
        defer { try? store.close() }
        let customer = try Customer(store)
        for name in ["a", "b", "c"] { try store.put([1], as: ObjectName(name)) }
        let listing = try store.listing(options(limit: 1))
        #expect(try listing.nextPage()?.entries.map(\.name) == ["a"])
        try customer.rotate()
        try store.put([1], as: "d")
        #expect(try pages(listing).map(\.name) == ["b", "c", "d"])
    }

    @Test func `closing the store ends its listings, and wipes what they keep`() throws {
        let store = try home.open()
        for name in ["a", "b", "c"] { try store.put([1], as: ObjectName(name)) }
        let listing = try store.listing(options(limit: 1))
        _ = try listing.nextPage()
        try store.close()
        #expect(listing.keptNameCount == 0)
        #expect(failure { try listing.nextPage() } == .closed)
    }

    @Test func `a task's pages are the same`() async throws {
        let store = try home.open()
        defer { try? store.close() }
        for name in ["a", "b", "c"] { try await store.put([1], as: ObjectName(name)) }
        let listing = try store.listing(options(limit: 2))
        var names: [ObjectName] = []
        while let page = try await listing.nextPage() { names += page.entries.map(\.name) }
        #expect(names == ["a", "b", "c"])
    }
}
