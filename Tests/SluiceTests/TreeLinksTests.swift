internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport
internal import Testing

@Suite struct TreeLinksTests {
    private let source: TemporaryDirectory
    private let target: TemporaryDirectory
    private let home: TestHome
    private let store: Store

    init() throws {
        source = try TemporaryDirectory()
        target = try TemporaryDirectory()
        home = try TestHome()
        store = try home.open()
    }

    private func link(_ name: String, to other: String) throws {
        try FileManager.default.createDirectory(
            at: URL(fileURLWithPath: source.path(name)).deletingLastPathComponent(),
            withIntermediateDirectories: true)
        try FileManager.default.linkItem(atPath: source.path(other), toPath: source.path(name))
    }

    private func age(_ name: String, _ seconds: Double = 1_000_000_000) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: seconds)],
            ofItemAtPath: source.path(name))
    }

    /// Three names of a large file, two of a small one, one of another; directories are as old as files.
    private func makeSource() throws {
        try source.write(patternedBytes(300_000), to: "large")
        try link("d/large", to: "large")
        try link("e/f/large", to: "large")
        try source.write([1, 2, 3], to: "small")
        try link("d/small", to: "small")
        try source.write([1, 2, 3], to: "other")
        for name in ["large", "small", "other"] { try age(name) }
        try ageDirectories()
    }

    private func ageDirectories() throws {
        for name in ["d", "e/f", "e", ""] { try age(name) }
    }

    private func areOne(_ names: String..., below directory: String) throws -> Bool {
        let files = try names.map { try FileSystem.status("\(directory)/\($0)").identity }
        return Set(files).count == 1
    }

    /// The bytes of all blobs.
    private func blobByteCount() -> Int {
        // What nothing references any more goes meanwhile.
        home.directory.files(below: "store/blobs").reduce(0) { sum, name in
            let status = try? FileSystem.status(home.directory.path("store/blobs/\(name)"))
            return sum + (status?.byteCount ?? 0)
        }
    }

    private func keepsNotes() throws -> Bool {
        let file = try File.createUnnamed(inDirectory: source.path)
        return try file?.setNote("sluice.probe", [1]) ?? false
    }

    private func put(_ tree: TreePutOptions = TreePutOptions()) throws -> TreeReport {
        let report = try store.putTree(
            at: source.path, prefix: "p", options: .with(.none), tree: tree)
        #expect(report.failures.isEmpty)
        return report
    }

    private func get(_ options: TreeGetOptions = TreeGetOptions()) throws -> TreeReport {
        let report = try store.getTree("p", into: target.path("t"), options: options)
        #expect(report.failures.isEmpty)
        return report
    }

    @Test func `names of one file share their bytes, and come back as one file`() throws {
        try makeSource()
        let put = try put()
        #expect(put.objectCount == 10)
        #expect(put.byteCount == 3 * 300_000 + 9)
        // The large one once, and two tables of extents.
        #expect((300_000..<310_000).contains(blobByteCount()))
        let numbers = try ["large", "d/large", "e/f/large", "small", "d/small", "other"].map {
            try store.info(ObjectName("p/\($0)")).properties.file?.link
        }
        #expect(numbers[0]?.count == 16 && numbers[0] == numbers[1] && numbers[0] == numbers[2])
        #expect(numbers[3]?.count == 16 && numbers[3] == numbers[4] && numbers[3] != numbers[0])
        #expect(numbers[5] == nil)
        let got = try get()
        #expect(got.objectCount == 10 && got.byteCount == put.byteCount)
        let root = target.path("t")
        #expect(try areOne("large", "d/large", "e/f/large", below: root))
        #expect(try areOne("small", "d/small", below: root))
        #expect(try !areOne("small", "other", below: root))
        for name in source.files() { #expect(try source.read(name) == target.read("t/\(name)")) }
        #expect(try store.verify().findings == [])
    }

    @Test func `what is unchanged stays, with all its names`() throws {
        try makeSource()
        _ = try put()
        let before = blobByteCount()
        let again = try put()
        #expect(again.objectCount == 0 && again.unchangedCount == 10)
        #expect(blobByteCount() == before)
        _ = try get()
        guard try keepsNotes() else { return }
        let large = try FileSystem.status(target.path("t/large")).identity
        let second = try get()
        #expect(second.objectCount == 0 && second.unchangedCount == 10)
        // A name that went comes back, and one that has become another file is one with the others again.
        try FileManager.default.removeItem(atPath: target.path("t/d/large"))
        try FileManager.default.removeItem(atPath: target.path("t/e/f/large"))
        try FileManager.default.copyItem(
            atPath: target.path("t/large"), toPath: target.path("t/e/f/large"))
        let plan = try get(TreeGetOptions(isDryRun: true)).plannedNames
        let names = plan.filter { !$0.description.hasSuffix("/") }
        #expect(Set(names).isSubset(of: ["p/d/large", "p/e/f/large", "p/large"]))
        #expect(names.contains("p/d/large") && names.count >= 2)
        let third = try get()
        #expect((2...6).contains(third.objectCount))
        #expect(try areOne("large", "d/large", "e/f/large", below: target.path("t")))
        #expect(try FileSystem.status(target.path("t/large")).identity == large)
        let all = try get(TreeGetOptions(getsUnchanged: true))
        #expect(all.byteCount == 3 * 300_000 + 9)
        #expect(try areOne("large", "d/large", "e/f/large", below: target.path("t")))
        #expect(try FileSystem.status(target.path("t/large")).identity != large)
    }

    @Test func `a name that was put or changed by itself is a file of its own`() throws {
        try makeSource()
        _ = try put()
        let other = patternedBytes(300_000, seed: 9)
        // Changed in its object, whose note stays; put with the note that the others have.
        try store.write([9], to: "p/d/large", at: 5)
        try store.write([9], to: "p/d/small", at: 1)
        var options = PutOptions()
        options.properties = try store.info("p/large").properties
        try store.put(other, as: "p/e/f/large", options: options)
        // A copy within the store isn't another name of the file.
        try store.copy("p/large", to: "p/copy")
        _ = try get()
        let root = target.path("t")
        for name in ["d/large", "e/f/large", "copy"] {
            #expect(try !areOne("large", name, below: root), "\(name)")
        }
        #expect(try !areOne("d/large", "e/f/large", below: root))
        #expect(try !areOne("small", "d/small", below: root))
        #expect(try target.read("t/large") == patternedBytes(300_000))
        #expect(try target.read("t/d/large")[5] == 9)
        #expect(try target.read("t/d/small") == [1, 9, 3])
        #expect(try target.read("t/e/f/large") == other)
        // A put makes them one again: large ones by themselves, for their bytes are elsewhere.
        try store.remove("p/copy")
        #expect(try put().objectCount == 2)
        #expect(try put().objectCount == 0)
        _ = try get()
        #expect(try areOne("large", "d/large", "e/f/large", below: root))
        _ = try put(TreePutOptions(putsUnchanged: true))
        _ = try get()
        #expect(try areOne("large", "d/large", "e/f/large", below: root))
        #expect(try areOne("small", "d/small", below: root))
    }

    @Test func `a change by one name is put for all, and another file with the same note apart`()
        throws
    {
        try makeSource()
        _ = try put()
        let bytes = patternedBytes(400_000, seed: 3)
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: source.path("d/large")))
        try file.write(contentsOf: Data(bytes))
        try file.close()
        try age("large", 1_100_000_000)
        #expect(try put().objectCount == 3)
        _ = try get()
        #expect(try areOne("large", "d/large", "e/f/large", below: target.path("t")))
        #expect(try target.read("t/e/f/large") == bytes)
        // The same bytes, size, time and mode: yet it is another file now, and so is the one that has no other name.
        let copy = try source.read("large")
        for name in ["e/f/large", "d/small"] {
            try FileManager.default.removeItem(atPath: source.path(name))
        }
        try source.write(copy, to: "e/f/large")
        try FileManager.default.setAttributes(
            [
                .posixPermissions: try FileManager.default.attributesOfItem(
                    atPath: source.path("large"))[.posixPermissions] as Any
            ], ofItemAtPath: source.path("e/f/large"))
        try age("e/f/large", 1_100_000_000)
        try ageDirectories()
        // Those of which the number of names is another are put again.
        #expect(try put(TreePutOptions(removesOthers: true)).names == ["p/d/small"])
        #expect(try store.info("p/small").properties.file?.link == nil)
        _ = try get(TreeGetOptions(removesOthers: true, removesAll: true))
        #expect(try areOne("large", "d/large", below: target.path("t")))
        #expect(try !areOne("large", "e/f/large", below: target.path("t")))
    }

    @Test func `a name that comes later joins the others, whatever number the device has by now`()
        throws
    {
        try makeSource()
        _ = try put()
        for name in ["large", "d/large", "e/f/large", "small", "d/small"] {
            try store.update(ObjectName("p/\(name)")) { $0.properties.file?.link?[0] ^= 1 }
        }
        let number = try store.info("p/large").properties.file?.link
        #expect(try put().objectCount == 0)
        try link("new", to: "large")
        try age("")
        let before = blobByteCount()
        let plan = try store.putTree(
            at: source.path, prefix: "p", options: .with(.none),
            tree: TreePutOptions(isDryRun: true))
        #expect(plan.plannedNames.contains("p/new"))
        _ = try put()
        #expect(blobByteCount() < before + 10_000)
        #expect(try store.info("p/new").properties.file?.link == number)
        _ = try get()
        #expect(try areOne("large", "d/large", "e/f/large", "new", below: target.path("t")))
        #expect(try put().objectCount == 0)
    }

    @Test func `a name whose file couldn't be got is got by itself`() throws {
        try makeSource()
        _ = try put()
        for (index, name) in ["large", "d/large", "e/f/large", "small", "d/small"].enumerated() {
            let root = "t\(index)"
            try FileManager.default.createDirectory(
                atPath: target.path("\(root)/\(name)/inside"), withIntermediateDirectories: true)
            let report = try store.getTree("p", into: target.path(root))
            #expect(report.failures.map(\.subject) == ["p/\(name)"])
            for other in source.files() where other != name {
                #expect(try target.read("\(root)/\(other)") == source.read(other))
            }
        }
    }
}
