internal import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@Suite struct StoreTreeTests {
    @Test func `a tree comes back as it was`() throws {
        let source = try TemporaryDirectory()
        var sizes = [0, 1, 5000, 65_265, 200_000]
        for index in 0..<150 { sizes.append(index) }
        for (index, byteCount) in sizes.enumerated() {
            try source.write(
                patternedBytes(byteCount, seed: UInt64(index)), to: "d\(index % 7)/é \(index)")
        }
        try source.write([1], to: "top")
        let home = try TestHome()
        try home.withStore { store throws in
            for prefix in ["", "p", "p/q/"] {
                let put = try store.putTree(at: source.path, prefix: prefix)
                #expect(put.failures.isEmpty)
                // The directories too, and the top one unless its name would be empty.
                #expect(put.objectCount == sizes.count + 1 + 7 + (prefix.isEmpty ? 0 : 1))
                let target = try TemporaryDirectory()
                let got = try store.getTree(prefix, into: target.path("new/dir"))
                #expect(got.failures.isEmpty)
                #expect(got.byteCount == put.byteCount)
                if prefix == "" {
                    #expect(source.files() == target.files(below: "new/dir"))
                    for file in source.files() {
                        #expect(try source.read(file) == target.read("new/dir/\(file)"))
                    }
                }
                let dry = try store.removeTree(prefix, dryRun: true)
                #expect(dry.objectCount == put.objectCount)
                #expect(dry.names == dry.names.sorted())
                let removed = try store.removeTree(prefix)
                #expect(removed.objectCount == put.objectCount)
                #expect(removed.names == dry.names)
                #expect(try store.list().entries == [])
            }
            #expect(failure { try store.getTree("p", into: source.path) } == .notFound)
            #expect(failure { try store.removeTree("p") } == .notFound)
            #expect(failure { try store.putTree(at: source.path("no"), prefix: "") } == .notFound)
        }
    }

    @Test func `pipes and what can't be read are left out and reported, links are kept`() throws {
        let source = try TemporaryDirectory()
        try source.write([1], to: "a/file")
        try source.link("a/link", to: "file")
        try source.link("a/loop", to: ".")
        try makePipe(source.path("a/pipe"))
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let report = try store.putTree(at: source.path, prefix: "x")
        #expect(report.failures.map(\.subject) == [source.path("a/pipe")])
        #expect(report.failures.map(\.error.code) == [.inputOutput])
        let names: [ObjectName] = ["x/", "x/a/", "x/a/file", "x/a/link", "x/a/loop"]
        #expect(report.objectCount == names.count)
        #expect(try store.list().entries.map(\.name) == names)
        #expect(try store.get("x/a/link") == Array("file".utf8))
        #expect(try store.info("x/a/link").properties.file?.kind == .symbolicLink)
        #expect(try store.info("x/a/").properties.file?.kind == .directory)
        #expect(try store.info("x/a/file").properties.file?.kind == .regular)
    }

    @Test func `files whose size says nothing come whole out of a tree, too`() throws {
        let root = "/proc/sys/kernel/random"
        let bootID = [UInt8](try #require(FileManager.default.contents(atPath: root + "/boot_id")))
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        _ = try store.putTree(at: root, prefix: "p")
        #expect(try store.get("p/boot_id") == bootID)
    }

    @Test func `empty directories come back`() throws {
        let source = try TemporaryDirectory()
        try source.write([1], to: "a/file")
        for name in ["empty", "a/b/c"] {
            try FileManager.default.createDirectory(
                atPath: source.path(name), withIntermediateDirectories: true)
        }
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        #expect(try store.putTree(at: source.path, prefix: "x").objectCount == 6)
        #expect(try store.putTree(at: source.path("empty"), prefix: "y").objectCount == 1)
        #expect(try store.putTree(at: source.path("empty"), prefix: "").objectCount == 0)
        let target = try TemporaryDirectory()
        #expect(try store.getTree("", into: target.path).failures.isEmpty)
        for name in ["x/empty", "x/a/b/c", "y"] { #expect(target.exists(name), "\(name)") }
    }

    @Test func `the store and its vaults are left out of a tree, by whatever path`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "first")
        try home.directory.write([2], to: "beside")
        let outside = try TemporaryDirectory()
        try outside.link("link", to: home.directory.path)
        for path in [home.directory.path, outside.path("link")] {
            let report = try store.putTree(at: path, prefix: "t")
            #expect(report.objectCount + report.unchangedCount == 2)
            #expect(
                report.failures.map(\.subject).sorted() == ["\(path)/store", "\(path)/vaults"])
        }
        #expect(try store.list().entries.map(\.name) == ["first", "t/", "t/beside"])
    }

    @Test func `a tree within the store or its vaults is neither put nor got`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "t/x")
        let outside = try TemporaryDirectory()
        try outside.link("link", to: home.directory.path("store/blobs"))
        let inside = ["store", "store/blobs", "vaults", "vaults/platform"].map(home.directory.path)
        for path in inside + [outside.path("link")] {
            #expect(failure { try store.putTree(at: path, prefix: "s") } == .invalidArgument)
            #expect(failure { try store.getTree("t", into: path) } == .invalidArgument)
            #expect(
                failure { try store.getTree("t", into: path + "/new") } == .invalidArgument)
        }
        #expect(try store.list().entries.map(\.name) == ["t/x"])
        #expect(!home.directory.exists("store/new") && !home.directory.exists("vaults/new"))
    }

    @Test func `a tree that is put if absent replaces nothing`() throws {
        let source = try TemporaryDirectory()
        for index in 0..<10 { try source.write([UInt8(index)], to: "\(index)") }
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([99], as: "3")
        let report = try store.putTree(
            at: source.path, prefix: "", options: .with(.none, .absent))
        #expect(report.objectCount == 9)
        #expect(report.failures.map(\.subject) == ["3"])
        #expect(report.failures.map(\.error.code) == [.alreadyExists])
        #expect(try store.get("3") == [99])
    }

    @Test(arguments: [
        "../out", "a/../../out", "..", "a/..", "./x", "a/./b", "a//b", "/abs", "/", "a/", "//",
        "../\u{301}out", "..//out",
    ])
    func `a name that would lead elsewhere is left out and reported`(text: String) throws {
        let root = try TemporaryDirectory()
        try root.write([], to: "keep")
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        for prefix in ["", "p/"] {
            let name = try ObjectName(prefix + text)
            try store.put([6], as: name)
            try store.put([7], as: ObjectName(prefix + "good"))
            let report = try store.getTree(prefix, into: root.path("in/t"))
            #expect(report.failures.map(\.subject) == [name.description])
            #expect(report.failures.map(\.error.code) == [.invalidName])
            #expect(report.objectCount == 1)
            #expect(root.files() == ["in/t/good", "keep"])
            try store.removeTree(prefix).failures.forEach { Issue.record($0.error) }
        }
    }

    @Test(arguments: ["\u{301}x", "a/\u{301}x", "a\\b", "...", "-rf", "a\nb", "é/é"])
    func `a name that is only odd is got where it says`(text: String) throws {
        let root = try TemporaryDirectory()
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([6], as: ObjectName(text))
        let report = try store.getTree("", into: root.path("t"))
        #expect(report.failures.isEmpty)
        #expect(try root.read("t/\(text)") == [6])
        #expect(root.files().count == 1)
    }

    @Test func `no symbolic link below the target is followed`() throws {
        let root = try TemporaryDirectory()
        try root.write([5], to: "out/victim")
        try root.write([], to: "t/keep")
        try root.link("t/dir", to: "../out")
        try root.link("t/file", to: "../out/victim")
        try root.link("t/dangling", to: "../out/new")
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        for name in ["dir/victim", "dir/sub/new", "file", "dangling", "good"] as [ObjectName] {
            try store.put([6], as: name)
        }
        let report = try store.getTree("", into: root.path("t"))
        #expect(report.failures.map(\.subject).sorted() == ["dir/sub/new", "dir/victim"])
        #expect(report.failures.map(\.error.code) == [.invalidName, .invalidName])
        #expect(root.files(below: "out") == ["victim"])
        #expect(try root.read("out/victim") == [5])
        // A link that stands where a file goes is replaced.
        for name in ["file", "dangling", "good"] { #expect(try root.read("t/\(name)") == [6]) }
    }

    @Test func `an object that is also a directory of others is reported`() throws {
        let root = try TemporaryDirectory()
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        for name in ["a", "a/b", "a/b/c", "a-b", "d/e"] as [ObjectName] {
            try store.put(Array(name.utf8), as: name)
        }
        let report = try store.getTree("", into: root.path("t"))
        #expect(report.objectCount == 3)
        #expect(report.failures.map(\.subject).sorted() == ["a/b", "a/b/c"])
        #expect(report.failures.allSatisfy { $0.error.code == .invalidName })
        #expect(root.files() == ["t/a", "t/a-b", "t/d/e"])
    }

    @Test func `what stands in the way is reported, and the rest is got`() throws {
        let root = try TemporaryDirectory()
        try root.write([5], to: "t/a/inside")
        try root.write([5], to: "t/f")
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        for name in ["a", "f/x", "good"] as [ObjectName] { try store.put([6], as: name) }
        try store.put([6], as: ObjectName(String(repeating: "n", count: 256)))
        let report = try store.getTree("", into: root.path("t"))
        #expect(report.objectCount == 1)
        #expect(report.failures.count == 3)
        #expect(root.files() == ["t/a/inside", "t/f", "t/good"])
        #expect(try root.read("t/f") == [5])
        #expect(failure { try store.getTree("", into: root.path("t/f")) } == .cannotCreate)
    }

    @Test func `progress of trees reaches the whole`() throws {
        let source = try TemporaryDirectory()
        for index in 0..<100 { try source.write([1, 2], to: "\(index)") }
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let last = Box<[TreeProgress]>([])
        let handler: TreeProgressHandler = { progress in last.update { $0.append(progress) } }
        _ = try store.putTree(at: source.path, prefix: "", progress: handler)
        #expect(last.value.map(\.objectCount) == Array(1...100))
        #expect(last.value.last?.byteCount == 200)
        last.update { $0 = [] }
        _ = try store.getTree("", into: source.path("out"), progress: handler)
        #expect(last.value.map(\.objectCount) == Array(1...100))
        #expect(last.value.last?.byteCount == 200)
    }

    @Test func `cancelling ends a tree's put and get`() async throws {
        let source = try TemporaryDirectory()
        for index in 0..<600 { try source.write([1], to: "\(index)") }
        let store = try Store.inMemory()
        let handler: TreeProgressHandler = { progress in
            if progress.objectCount == 64 { store.cancelAll() }
        }
        await #expect(throws: StoreError.self) {
            try await store.putTree(at: source.path, prefix: "", progress: handler)
        }
        let count = try await store.list().entries.count
        #expect((64..<600).contains(count))
        #expect(try await store.verify().findings == [])
        await #expect(throws: StoreError.self) {
            try await store.getTree("", into: source.path("out")) { _ in store.cancelAll() }
        }
        #expect(source.files(below: "out").count < count)
    }
}
