import Sluice
import TestSupport
import Testing

@Suite struct StoreListTests {
    private static let oddNames = [
        "a", "a/", "a//", "a//b", "a-b", "a/b", "a/b/c", "a/b/", "a0", "é", "e\u{301}", "é/x", "/",
        "//", "/a", "/a/b", ".", "..", "../x", "b", "b/../c", "z/\u{301}b", "a/\u{301}", "\u{1}",
        "a\nb", "𝄞", "A", "a/-", "a/0", "a.b/c", "a b/c",
    ]

    private let home: TestHome

    init() throws {
        home = try TestHome()
    }

    private func store(_ names: some Sequence<String>) throws -> Store {
        let store = try home.open()
        for name in names { try store.put([1], as: ObjectName(name)) }
        return store
    }

    private func pages(_ store: Store, _ options: ListOptions) throws -> [ListEntry] {
        var options = options
        var entries: [ListEntry] = []
        while true {
            let page = try store.list(options)
            #expect(page.entries.count <= options.limit)
            #expect(page.next == nil || page.entries.count == options.limit)
            entries += page.entries
            guard let next = page.next else { return entries }
            #expect(next == page.entries.last?.name)
            options.after = next
        }
    }

    /// What a listing has to be, by the definition of it.
    private func expected(
        _ names: [ObjectName], _ options: ListOptions
    ) -> [String] {
        let prefix = Array(options.prefix.utf8)
        var entries: Set<[UInt8]> = []
        for name in names where name.utf8.starts(with: prefix) {
            let rest = name.utf8.dropFirst(prefix.count)
            if !options.isRecursive, let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
                entries.insert(Array(name.utf8[...slash]))
            } else {
                entries.insert(name.utf8)
            }
        }
        return entries.sorted { $0.lexicographicallyPrecedes($1) }
            .filter { entry in
                options.after.map { $0.utf8.lexicographicallyPrecedes(entry) } ?? true
            }
            .map { String(decoding: $0, as: UTF8.self) }
    }

    private func expectListing(_ store: Store, _ names: [ObjectName], _ options: ListOptions) throws
    {
        let entries = try store.list(options).entries
        // Compared as bytes: to a string é is é however it is written.
        #expect(
            entries.map { $0.name.utf8 } == expected(names, options).map { Array($0.utf8) },
            "prefix '\(options.prefix)', recursive \(options.isRecursive), after \(options.after as Any)"
        )
    }

    @Test func `odd names are listed in byte order, as a whole and by every prefix`() throws {
        let names = try Self.oddNames.map { try ObjectName($0) }
        let store = try store(Self.oddNames)
        defer { try? store.close() }
        var prefixes: Set<[UInt8]> = [[]]
        for name in names {
            for count in 1...name.utf8.count { prefixes.insert(Array(name.utf8[..<count])) }
        }
        for bytes in prefixes {
            guard let prefix = String(validating: bytes, as: UTF8.self) else { continue }
            for isRecursive in [true, false] {
                var options = ListOptions()
                options.prefix = prefix
                options.isRecursive = isRecursive
                try expectListing(store, names, options)
            }
        }
        var options = ListOptions()
        options.prefix = "nowhere/"
        #expect(try store.list(options).entries == [])
        #expect(try store.verify().findings == [])
    }

    @Test(arguments: [true, false])
    func `pages of every size add up to the whole`(isRecursive: Bool) throws {
        let store = try store(Self.oddNames)
        defer { try? store.close() }
        for prefix in ["", "a", "a/", "é"] {
            var options = ListOptions()
            options.isRecursive = isRecursive
            options.prefix = prefix
            let whole = try store.list(options)
            #expect(whole.next == nil)
            for limit in 1...whole.entries.count + 1 {
                options.limit = limit
                #expect(try pages(store, options) == whole.entries)
            }
        }
    }

    @Test(arguments: [true, false])
    func `a marker may be any name, there or not`(isRecursive: Bool) throws {
        let names = try Self.oddNames.map { try ObjectName($0) }
        let store = try store(Self.oddNames)
        defer { try? store.close() }
        for after in Self.oddNames + ["a/b/b", "a/a", "a/c", "b/", "z", "\u{7f}", "a/~", "0"] {
            for prefix in ["", "a/", "a"] {
                var options = ListOptions()
                options.isRecursive = isRecursive
                options.prefix = prefix
                options.after = try ObjectName(after)
                try expectListing(store, names, options)
            }
        }
    }

    @Test(arguments: 0..<4)
    func `random sets of names are listed in byte order`(seed: UInt64) throws {
        var random = Randomness(seed: seed)
        let pieces = ["a", "b", "/", "/", "-", "é", "0", "."]
        var texts: Set<[UInt8]> = []
        for _ in 0..<60 {
            let text = (0...random.below(7)).map { _ in pieces[random.below(pieces.count)] }
                .joined()
            texts.insert(Array(text.utf8))
        }
        let names = try texts.map { try ObjectName(utf8: $0) }
        let store = try store(names.map(\.description))
        defer { try? store.close() }
        for _ in 0..<40 {
            var options = ListOptions()
            options.isRecursive = Bool.random(using: &random)
            let name = names[random.below(names.count)].description
            options.prefix = String(name.prefix(random.below(4)))
            if Bool.random(using: &random) { options.after = names[random.below(names.count)] }
            try expectListing(store, names, options)
            options.limit = 1 + random.below(5)
            let whole = expected(names, options).map { Array($0.utf8) }
            #expect(try pages(store, options).map { $0.name.utf8 } == whole)
        }
    }

    @Test func `objects and directories are told apart`() throws {
        let store = try store(["a", "a/b", "c/"])
        defer { try? store.close() }
        var options = ListOptions()
        options.isRecursive = false
        let entries = try store.list(options).entries
        #expect(entries.map(\.name) == ["a", "a/", "c/"])
        guard case .object(let info) = entries[0] else {
            Issue.record("an object is listed as a directory")
            return
        }
        #expect(try store.info("a") == info)
        #expect(entries[1] == .directory("a/"))
        #expect(entries[2] == .directory("c/"))
        options.prefix = "c/"
        #expect(try store.list(options).entries.map(\.name) == ["c/"])
        #expect(try store.list(options).entries[0] == .object(store.info("c/")))
    }

    @Test func `directories vanish when they are empty, and come back`() throws {
        let store = try store(["a/b/c/d", "a/x"])
        defer { try? store.close() }
        var options = ListOptions()
        options.isRecursive = false
        for _ in 0..<2 {
            options.prefix = "a/"
            #expect(try store.list(options).entries.map(\.name) == ["a/b/", "a/x"])
            try store.rename("a/b/c/d", to: "a/y")
            #expect(try store.list(options).entries.map(\.name) == ["a/x", "a/y"])
            try store.remove("a/x")
            try store.remove("a/y")
            options.prefix = ""
            #expect(try store.list(options).entries == [])
            try store.put([1], as: "a/b/c/d")
            try store.put([1], as: "a/x")
        }
        #expect(try store.verify().findings == [])
    }

    @Test func `a page has at least one entry`() throws {
        let store = try store(["a"])
        defer { try? store.close() }
        for limit in [0, -1, .min] {
            var options = ListOptions()
            options.limit = limit
            #expect(failure { try store.list(options) } == .invalidArgument)
        }
    }

    @Test func `names at the limits of their length are found and listed`() throws {
        let long = String(repeating: "d/", count: 2047) + "ab"
        #expect(long.utf8.count == 4096)
        let store = try store([long, "x"])
        defer { try? store.close() }
        #expect(try store.get(ObjectName(long)) == [1])
        #expect(try store.list().entries.map(\.name.description) == [long, "x"])
        try store.remove(ObjectName(long))
        #expect(try store.list().entries.map(\.name) == ["x"])
        for refused in ["", String(repeating: "x", count: 4097), "a\u{0}b"] {
            #expect(failure { try ObjectName(refused) } == .invalidName)
        }
        #expect(failure { try ObjectName(utf8: [0x61, 0xFF]) } == .invalidName)
        #expect(failure { try ObjectName(utf8: [0xED, 0xA0, 0x80]) } == .invalidName)
    }

    @Test func `names that one string compares equal are two objects`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "\u{e9}")
        try store.put([2], as: "e\u{301}")
        #expect(try store.get("\u{e9}") == [1])
        #expect(try store.get("e\u{301}") == [2])
        #expect(try store.list().entries.count == 2)
    }
}
