internal import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// Runs: names of a directory in order, on disk, which may be stale, damaged, another's, or not there.
@Suite struct ListingRunTests {
    private let home: TestHome

    init() throws {
        home = try TestHome()
    }

    /// With a run for each directory that has so many names.
    private static func options(_ leastNameCount: Int = 1) -> StoreOptions {
        var options = StoreOptions.fast()
        options.seams.leastRunNameCount = leastNameCount
        return options
    }

    /// Lists all in pages of a size, and waits until what that leaves is written.
    private func names(
        _ store: Store, prefix: String = "", isRecursive: Bool = true, limit: Int = .max,
        in scope: ScopeName = .default
    ) throws -> [String] {
        var options = ListOptions()
        options.prefix = prefix
        options.isRecursive = isRecursive
        options.limit = limit
        let listing = try store.listing(options, in: scope)
        var names: [String] = []
        while let page = try listing.nextPage() { names += page.entries.map(\.name.description) }
        store.listings.runs.finish()
        return names
    }

    /// What a listing has to be, by the definition of it.
    private func expected(
        _ names: Set<String>, prefix: String = "", isRecursive: Bool = true
    ) -> [String] {
        let entries = names.filter { $0.hasPrefix(prefix) }.map { name in
            let rest = name.dropFirst(prefix.count)
            guard !isRecursive, let slash = rest.firstIndex(of: "/") else { return name }
            return String(name[...slash])
        }
        return Set(entries).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The paths of the runs, relative to the home.
    private func runs() -> [String] { home.files("runs") }

    private func write(_ bytes: [UInt8], _ path: String) throws {
        try Data(bytes).write(to: URL(fileURLWithPath: home.directory.path(path)))
    }

    private func put(_ names: [String], _ store: Store) throws {
        for name in names { try store.put([1], as: ObjectName(name)) }
    }

    // MARK: Use

    @Test func `a directory with many names leaves a run, which spares the next listing most rows`()
        throws
    {
        let all = (100..<400).map { "d/\($0)" }
        try home.withStore(Self.options(300)) { store throws in
            try put(all.dropLast(), store)
            #expect(try names(store) == all.dropLast())
            #expect(runs() == [])
            try put([all[299]], store)
            #expect(try names(store) == all)
        }
        #expect(runs().count == 1)
        try home.sql("UPDATE objects SET document = zeroblob(60) WHERE id = 300")
        try home.withStore(Self.options(300)) { store throws in
            var options = ListOptions()
            options.limit = 100
            let page = try store.list(options)
            #expect(page.entries.map(\.name.description) == Array(all[..<100]))
            options.after = "d/397"
            #expect(failure { try store.list(options) } == .integrity)
        }
        try FileManager.default.removeItem(atPath: "\(home.store)/runs")
        try home.withStore(Self.options(300)) { store throws in
            var options = ListOptions()
            options.limit = 100
            #expect(failure { try store.list(options) } == .integrity)
        }
    }

    @Test func `what is listed by a run is as its row is now`() throws {
        let store = try home.open(Self.options())
        defer { try? store.close() }
        try put(["a", "b", "c", "e/x"], store)
        #expect(try names(store) == ["a", "b", "c", "e/x"])
        try store.put([1, 2, 3], as: "b")
        try store.remove("c")
        try store.rename("a", to: "z")
        try store.remove("e/x")
        let entries = try store.list().entries
        #expect(entries.map(\.name) == ["b", "z"])
        guard case .object(let info) = entries[0] else { throw Missing() }
        #expect(info.byteCount == 3)
        #expect(try names(store, isRecursive: false) == ["b", "z"])
    }

    private struct Missing: Error {}

    @Test func `a small directory has no run`() throws {
        try home.withStore { store throws in
            try put((0..<300).map { "\($0)" }, store)
            #expect(try names(store).count == 300)
        }
        #expect(runs() == [])
    }

    @Test func `a run has no name in the clear`() throws {
        let store = try home.open(Self.options())
        defer { try? store.close() }
        try put((0..<20).map { "conspicuous-\($0)" }, store)
        _ = try names(store)
        let path = try #require(runs().first)
        let bytes = Data(try home.directory.read(path))
        #expect(bytes.range(of: Data("conspicuous".utf8)) == nil)
        let name = String(path.split(separator: "/").last ?? "")
        #expect(name.utf8.count == 32)
    }

    // MARK: Stale

    @Test func `what takes the numbers of rows that have gone is listed`() throws {
        try home.withStore(Self.options()) { store throws in
            try put(["a", "b", "y", "z"], store)
            #expect(try names(store) == ["a", "b", "y", "z"])
            for name in ["y", "z"] { try store.remove(ObjectName(name)) }
            try put(["n", "z"], store)
        }
        try home.withStore(Self.options()) { store throws in
            #expect(try names(store) == ["a", "b", "n", "z"])
        }
    }

    @Test func `a run that lacks much, or has much that is gone, is written anew`() throws {
        let store = try home.open(Self.options())
        defer { try? store.close() }
        var all = Set((100..<200).map { "\($0)" })
        try put(all.sorted(), store)
        #expect(try names(store) == expected(all))
        let path = try #require(runs().first)
        var last = try home.directory.read(path)
        /// Whether the run is another since it was last asked.
        func isOther() throws -> Bool {
            defer { last = (try? home.directory.read(path)) ?? [] }
            return try home.directory.read(path) != last
        }
        try put((0..<12).map { "9\($0)" }, store)
        all.formUnion((0..<12).map { "9\($0)" })
        #expect(try names(store) == expected(all))
        #expect(try !isOther())
        try put(["x"], store)
        all.insert("x")
        #expect(try names(store) == expected(all))
        #expect(try isOther())
        #expect(try names(store) == expected(all))
        #expect(try !isOther())
        for number in 100..<150 {
            try store.remove(ObjectName("\(number)"))
            all.remove("\(number)")
        }
        let before = last.count
        #expect(try names(store) == expected(all))
        #expect(try isOther())
        #expect(last.count < before)
        #expect(try names(store) == expected(all))
    }

    /// Somebody has put an older catalog back, and left the runs where they were.
    @Test func `an older catalog in the place of the one that a run is of loses no name`() throws {
        try home.withStore(Self.options()) { store throws in
            try put(["a", "b", "c", "d/", "d/e", "f/g", "z"], store)
        }
        let old = try home.directory.read("store/catalog.db")
        try home.withStore(Self.options()) { store throws in
            try store.remove("b")
            try store.remove("f/g")
            // One is written at a time.
            for _ in 0..<2 { #expect(try names(store) == ["a", "c", "d/", "d/e", "z"]) }
        }
        #expect(runs().count == 2)
        try write(old, "store/catalog.db")
        try home.withStore(Self.options()) { store throws in
            #expect(try names(store) == ["a", "b", "c", "d/", "d/e", "f/g", "z"])
            #expect(try names(store) == ["a", "b", "c", "d/", "d/e", "f/g", "z"])
        }
    }

    /// Row ids are not authenticated. Behind the highest that there can be, SQLite gives others at random.
    @Test func `a planted row id hides no name`() throws {
        try home.withStore(Self.options()) { store throws in
            try put(["a", "b"], store)
            #expect(try names(store) == ["a", "b"])
        }
        try FileManager.default.removeItem(atPath: "\(home.store)/runs")
        try home.sql("UPDATE objects SET id = \(Int.max) WHERE id = 2")
        try home.withStore(Self.options()) { store throws in
            #expect(try names(store) == ["a", "b"])
            #expect(runs() == [])
            try put(["c", "d"], store)
            #expect(try names(store) == ["a", "b", "c", "d"])
        }
    }

    // MARK: Damaged, and forged

    /// In a process that knows the run, and in one that meets it.
    @Test(arguments: [true, false])
    func `no flipped bit of a run shows`(isKnown: Bool) throws {
        var store = try home.open(Self.options())
        defer { try? store.close() }
        let all = ["a", "b", "c/d"]
        try put(all, store)
        #expect(try names(store, isRecursive: false) == ["a", "b", "c/"])
        let path = try #require(runs().first)
        let whole = try home.directory.read(path)
        #expect(try names(store, isRecursive: false) == ["a", "b", "c/"])
        for place in whole.indices {
            var bytes = whole
            bytes[place] ^= 1 << UInt8(place % 8)
            try write(bytes, path)
            if !isKnown {
                try store.close()
                store = try home.open(Self.options())
            }
            #expect(try names(store, isRecursive: false) == ["a", "b", "c/"], "byte \(place)")
            // It was caught, and another is in its place.
            #expect(try home.directory.read(path) != bytes, "byte \(place)")
            try write(whole, path)
            #expect(try names(store, isRecursive: false) == ["a", "b", "c/"])
        }
        for count in [0, 1, 39, 40, whole.count / 2, whole.count - 1] {
            try write(Array(whole[..<count]), path)
            #expect(try names(store, isRecursive: false) == ["a", "b", "c/"], "\(count) bytes")
            #expect(try home.directory.read(path).count == whole.count)
        }
        try write(whole + [0], path)
        #expect(try names(store, isRecursive: false) == ["a", "b", "c/"])
        #expect(try home.directory.read(path).count == whole.count)
        #expect(try store.verify().findings == [])
    }

    @Test
    func `a chunk that is damaged while its listing goes on takes no name, and brings none twice`()
        throws
    {
        let store = try home.open(Self.options())
        defer { try? store.close() }
        // Chunks of some eighty names.
        let long = String(repeating: "n", count: 800)
        let all = (1000..<1400).map { "\(long)\($0)" }
        try put(all, store)
        #expect(try names(store) == all)
        let path = try #require(runs().first)
        let whole = try home.directory.read(path)
        for limit in [1, 70, 399] {
            try write(whole, path)
            var options = ListOptions()
            options.limit = limit
            let listing = try store.listing(options)
            var found = try #require(try listing.nextPage()).entries.map(\.name.description)
            #expect(listing.keptNameCount < 100)
            let file = try File.open(home.directory.path(path), .readWrite)
            let zeros = [UInt8](repeating: 0, count: whole.count / 3)
            try file.write(zeros.span, at: zeros.count)
            while let page = try listing.nextPage() {
                found += page.entries.map(\.name.description)
            }
            #expect(found == all)
            store.listings.runs.finish()
        }
    }

    @Test func `the run of another directory, scope or store is none`() throws {
        let scope: ScopeName = "other"
        let store = try home.open(Self.options())
        defer { try? store.close() }
        try put(["a", "b", "d/c", "d/e"], store)
        try store.createScope(scope)
        try store.put([1], as: "o", in: scope)
        // One is written at a time.
        for _ in 0..<2 { #expect(try names(store).count == 4) }
        let paths = runs()
        #expect(paths.count == 2)
        #expect(try names(store, in: scope) == ["o"])
        let others = runs().filter { !paths.contains($0) }
        #expect(others.count == 1)
        let contents = try (paths + others).map { try home.directory.read($0) }
        for (path, other) in [(0, 1), (1, 0), (0, 2), (2, 0), (2, 1)] {
            try write(contents[other], (paths + others)[path])
            #expect(try names(store) == ["a", "b", "d/c", "d/e"])
            #expect(try names(store, in: scope) == ["o"])
            #expect(try home.directory.read((paths + others)[path]) != contents[other])
        }
    }

    // MARK: Random

    @Test(arguments: 0..<8)
    func `listings are the same whatever becomes of the runs`(seed: UInt64) throws {
        var random = Randomness(seed: seed)
        var store = try home.open(Self.options())
        defer { try? store.close() }
        var all: Set<String> = []
        var kept: [String: [[UInt8]]] = [:]
        let pieces = ["a", "b", "c", "d", "e", "/"]
        func randomName() -> String {
            let directory = ["", "d/", "d/e/", "g/"][random.below(4)]
            return directory
                + (0...random.below(2)).map { _ in pieces[random.below(6)] }.joined()
        }
        func change() throws {
            let name = randomName()
            switch random.below(8) {
            case 0...3:
                try put([name], store)
                all.insert(name)
            case 4, 5:
                guard let name = all.sorted().randomElement(using: &random) else { return }
                try store.remove(ObjectName(name))
                all.remove(name)
            case 6:
                guard let old = all.sorted().randomElement(using: &random) else { return }
                try store.rename(ObjectName(old), to: ObjectName(name))
                all.remove(old)
                all.insert(name)
            default:
                if all.contains(name) { _ = try store.snapshot(ObjectName(name)) }
            }
        }
        func harm() throws {
            let paths = runs()
            guard let path = paths.randomElement(using: &random) else { return }
            var bytes = try home.directory.read(path)
            kept[path, default: []].append(bytes)
            switch random.below(7) {
            case 0 where !bytes.isEmpty:
                bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
                try write(bytes, path)
            case 1: try write(Array(bytes.prefix(random.below(bytes.count + 1))), path)
            case 2: try FileManager.default.removeItem(atPath: home.directory.path(path))
            case 3:
                try write(home.directory.read(paths[random.below(paths.count)]), path)
            case 4, 5:
                // One of its own, of an earlier time.
                if let old = kept[path]?.randomElement(using: &random) { try write(old, path) }
            default: break
            }
        }
        for _ in 0..<25 { try change() }
        for _ in 0..<40 {
            for _ in 0..<random.below(6) { try change() }
            for _ in 0..<random.below(3) { try harm() }
            if random.once(in: 4) {
                try store.close()
                store = try home.open(Self.options())
            }
            let (prefix, isRecursive) = (
                ["", "d/", "d", "g/a", "a"][random.below(5)], random.once(in: 2)
            )
            let found = try names(
                store, prefix: prefix, isRecursive: isRecursive, limit: 1 + random.below(9))
            #expect(found == expected(all, prefix: prefix, isRecursive: isRecursive))
            // From a marker on, as a new listing.
            let whole = expected(all, isRecursive: isRecursive)
            guard let marker = whole.randomElement(using: &random) else { continue }
            var options = ListOptions()
            options.isRecursive = isRecursive
            options.after = try ObjectName(marker)
            let rest = try store.list(options).entries.map(\.name.description)
            store.listings.runs.finish()
            #expect(rest == whole.filter { marker.utf8.lexicographicallyPrecedes($0.utf8) })
        }
        #expect(try store.verify().findings == [])
    }

    // MARK: Access, and who else is there

    @Test func `without access nothing is listed, run or no run`() throws {
        let store = try home.open(Self.options())
        defer { try? store.close() }
        let customer = try Customer(store)
        try put(["a", "b", "c"], store)
        #expect(try names(store) == ["a", "b", "c"])
        #expect(runs().count == 1)
        try RevocationKind.policyRemoved.revoke(customer)
        #expect(failure { try store.list() } == .accessDenied)
        try RevocationKind.policyRemoved.restore(customer)
        try customer.rotate()
        #expect(try names(store) == ["a", "b", "c"])
    }

    @Test func `what is left of a run that was cut short goes, and one that is written stays`()
        throws
    {
        try home.withStore(Self.options()) { store throws in
            try put(["a", "b"], store)
            #expect(try names(store) == ["a", "b"])
        }
        let path = try #require(runs().first)
        try write([1, 2, 3], path + ".new")
        try home.withStore { _ in }
        #expect(runs() == [path])
        try write([1, 2, 3], path + ".new")
        let writer = try File.open(home.directory.path(path + ".new"), .readWrite)
        try writer.lock(offset: StoreLayout.writerByte, byteCount: 1, exclusive: true)
        try FileManager.default.removeItem(atPath: home.directory.path(path))
        try home.withStore(Self.options()) { store throws in
            #expect(try names(store) == ["a", "b"])
            // Another writes it.
            #expect(runs() == [path + ".new"])
            try writer.unlock(offset: StoreLayout.writerByte, byteCount: 1)
            #expect(try names(store) == ["a", "b"])
            #expect(runs() == [path])
        }
    }

    @Test func `a scope that is removed takes its runs with it`() throws {
        let scope: ScopeName = "s"
        let store = try home.open(Self.options())
        defer { try? store.close() }
        try store.createScope(scope)
        try store.put([1], as: "a", in: scope)
        try store.put([1], as: "beside")
        #expect(try names(store, in: scope) == ["a"])
        #expect(try names(store) == ["beside"])
        #expect(runs().count == 2)
        _ = try store.removeScope(scope)
        #expect(eventually { runs().count == 1 })
        #expect(try names(store) == ["beside"])
        #expect(runs().count == 1)
    }

    @Test func `a backup has no runs, a repair removes them, and neither minds them`() throws {
        try home.withStore(Self.options()) { store throws in
            try put(["a", "b"], store)
            #expect(try names(store) == ["a", "b"])
            try store.backup(to: home.directory.path("backup"))
            #expect(try store.verify().findings == [])
        }
        #expect(runs().count == 1)
        #expect(!home.directory.exists("backup/runs"))
        let report = try Store.repair(home.location, options: .fast())
        #expect(report.lostAndFoundPath == nil)
        #expect(runs() == [])
        #expect(!home.directory.exists("store/lost+found"))
    }

    @Test func `where no run can be written none is, and nobody is told`() throws {
        try home.withStore(Self.options()) { store throws in
            try write([], "store/runs")
            try put(["a", "b"], store)
            #expect(try names(store) == ["a", "b"])
            #expect(try names(store) == ["a", "b"])
            try FileManager.default.removeItem(atPath: home.directory.path("store/runs"))
            // A link leads nowhere else.
            let elsewhere = home.directory.path("elsewhere")
            try FileManager.default.createDirectory(
                atPath: elsewhere, withIntermediateDirectories: false)
            try home.directory.link("store/runs", to: elsewhere)
            #expect(try names(store) == ["a", "b"])
            #expect(home.directory.files(below: "elsewhere") == [])
        }
    }
}
