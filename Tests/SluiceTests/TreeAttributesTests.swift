internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport
internal import Testing

@Suite struct TreeAttributesTests {
    private let source: TemporaryDirectory
    private let home: TestHome
    private let store: Store
    private let kept = TreePutOptions(keepsAttributes: true)
    private let restored = TreeGetOptions(restoresAttributes: true)

    init() throws {
        source = try TemporaryDirectory()
        home = try TestHome()
        store = try home.open()
    }

    /// Whether the file system keeps attributes: where it doesn't, there are none to put.
    private func keepsAttributes() throws -> Bool {
        let file = try File.createUnnamed(inDirectory: source.path)
        return try file?.setNote("sluice.probe", [1]) ?? false
    }

    private func attributes(_ path: String) throws -> ExtendedAttributes {
        if try FileSystem.status(path).kind == .directory {
            return ExtendedAttributes(of: try Directory.open(path))
        }
        return ExtendedAttributes(of: try File.open(path))
    }

    private func set(_ name: String, _ value: [UInt8], of path: String) throws {
        try attributes(path).set(Array(name.utf8), to: value)
    }

    /// Those that users have given, but for our note.
    private func given(_ path: String) throws -> [String: [UInt8]] {
        var given: [String: [UInt8]] = [:]
        for (name, value) in try attributes(path).all() where name.starts(with: "user.".utf8) {
            given[String(decoding: name, as: UTF8.self)] = value
        }
        given["user.sluice.tag"] = nil
        return given
    }

    /// A file, a large one and a directory, which have attributes, long ago modified.
    private func makeSource() throws {
        try source.write([1], to: "d/file")
        try source.write(patternedBytes(200_000), to: "d/large")
        try source.write([2], to: "none")
        try set("user.a", [1, 0, 0xFF], of: source.path("d/file"))
        try set("user.empty", [], of: source.path("d/file"))
        try set("user.large", [UInt8](repeating: 3, count: 2000), of: source.path("d/large"))
        try set("user.d", [4], of: source.path("d"))
        for name in ["d/file", "d/large", "none", "d", ""] { try age(name) }
    }

    private func age(_ name: String) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 1_000_000_000)],
            ofItemAtPath: source.path(name))
    }

    @Test func `attributes come back for who asks, with files, large ones and directories`() throws
    {
        guard try keepsAttributes() else { return }
        try makeSource()
        #expect(try store.putTree(at: source.path, prefix: "p", tree: kept).failures.isEmpty)
        let target = try TemporaryDirectory()
        let got = try store.getTree("p", into: target.path("t"), options: restored)
        #expect(got.failures.isEmpty)
        for name in ["d/file", "d/large", "d", "none"] {
            #expect(try given(target.path("t/\(name)")) == given(source.path(name)), "\(name)")
        }
        #expect(try given(target.path("t/d/file")).count == 2)
        _ = try store.getTree("p", into: target.path("u"))
        for name in ["d/file", "d/large", "d"] {
            #expect(try given(target.path("u/\(name)")) == [:])
        }
        // Without being asked, none is kept.
        _ = try store.putTree(at: source.path, prefix: "q")
        _ = try store.getTree("q", into: target.path("v"), options: restored)
        #expect(try given(target.path("v/d/file")) == [:])
        #expect(try store.info("p/d/file").properties.file?.attributes.count == 2)
    }

    @Test func `a change of attributes alone is put and got, and nothing else is`() throws {
        guard try keepsAttributes() else { return }
        try makeSource()
        _ = try store.putTree(at: source.path, prefix: "p", tree: kept)
        #expect(try store.putTree(at: source.path, prefix: "p", tree: kept).objectCount == 0)
        let target = try TemporaryDirectory()
        _ = try store.getTree("p", into: target.path, options: restored)
        #expect(try store.getTree("p", into: target.path, options: restored).objectCount == 0)
        try set("user.a", [9], of: source.path("d/file"))
        try set("user.d", [9], of: source.path("d"))
        // Who doesn't ask for attributes doesn't lose those that are kept.
        #expect(try store.putTree(at: source.path, prefix: "p").objectCount == 0)
        let put = try store.putTree(at: source.path, prefix: "p", tree: kept)
        #expect(put.objectCount == 2 && put.unchangedCount == 3)
        let got = try store.getTree("p", into: target.path, options: restored)
        // The directory's time has changed with the file in it.
        #expect(got.objectCount == 2 && got.failures.isEmpty)
        #expect(try given(target.path("d/file"))["user.a"] == [9])
        #expect(try given(target.path("d")) == ["user.d": [9]])
        // What the file system has besides goes, and what is missing comes back.
        try set("user.more", [1], of: target.path("none"))
        try set("user.more", [1], of: target.path("d"))
        try attributes(target.path("d/large")).remove(Array("user.large".utf8))
        let dry = try store.getTree(
            "p", into: target.path,
            options: TreeGetOptions(restoresAttributes: true, isDryRun: true))
        // Besides the directory itself, whose time is another.
        #expect(dry.plannedNames.filter { $0 != "p/" } == ["p/d/", "p/d/large", "p/none"])
        _ = try store.getTree("p", into: target.path, options: restored)
        #expect(try given(target.path("none")) == [:])
        #expect(try given(target.path("d")) == ["user.d": [9]])
        #expect(try given(target.path("d/large")).count == 1)
    }

    @Test func `attributes that can't be set are told, and the file is there`() throws {
        guard try keepsAttributes() else { return }
        func file(_ kind: FileProperties.Kind) -> PutOptions {
            let attributes: [[UInt8]: [UInt8]] = [
                Array("bogus.one".utf8): [1], Array("bogus.two".utf8): [2],
                Array("user.good".utf8): [3],
            ]
            var options = PutOptions()
            options.properties.file = FileProperties(
                kind: kind, mode: 0o755, modifiedSeconds: 1_000_000_000, modifiedNanoseconds: 0,
                ownerID: 0, groupID: 0, isSettled: true, attributes: attributes)
            return options
        }
        try store.put([7], as: "p/file", options: file(.regular))
        try store.put([], as: "p/d/", options: file(.directory))
        try store.put(Array("file".utf8), as: "p/link", options: file(.symbolicLink))
        let target = try TemporaryDirectory()
        let report = try store.getTree("p", into: target.path, options: restored)
        #expect(report.objectCount == 3)
        #expect(report.failures.map(\.subject).sorted() == ["p/d/", "p/file", "p/link"])
        for failure in report.failures {
            #expect(failure.error.code == .inputOutput)
            #expect(
                failure.error.reason.contains("'bogus.one'")
                    && failure.error.reason.contains("'bogus.two'"))
        }
        #expect(try target.read("file") == [7])
        for name in ["file", "d"] { #expect(try given(target.path(name)) == ["user.good": [3]]) }
        #expect(try store.getTree("p", into: target.path("other")).failures.isEmpty)
    }

    @Test func `what gives a program rights comes back with owners only, and our note never`()
        throws
    {
        guard try keepsAttributes() else { return }
        let capability = Array("security.capability".utf8)
        var options = PutOptions()
        // A capability to bind low ports, as the kernel has it.
        options.properties.file = FileProperties(
            mode: 0o755, modifiedSeconds: 1_000_000_000, modifiedNanoseconds: 0,
            ownerID: getuid(), groupID: getgid(), isSettled: true,
            attributes: [
                capability: [1, 0, 0, 2, 0, 4, 0, 0] + [UInt8](repeating: 0, count: 12),
                Array("user.sluice.tag".utf8): [1],
            ])
        try store.put([7], as: "p/file", options: options)
        let target = try TemporaryDirectory()
        #expect(try store.getTree("p", into: target.path, options: restored).failures.isEmpty)
        #expect(try attributes(target.path("file")).value(of: capability) == nil)
        #expect(
            try attributes(target.path("file")).value(of: Array("user.sluice.tag".utf8))?.count
                == 16)
        #expect(try store.getTree("p", into: target.path, options: restored).unchangedCount == 1)
        let report = try store.getTree(
            "p", into: target.path,
            options: TreeGetOptions(restoresOwners: true, restoresAttributes: true))
        let isThere = try attributes(target.path("file")).value(of: capability) != nil
        #expect(isThere == report.failures.isEmpty)
        // A file that was got has our note, which is not kept.
        _ = try store.putTree(at: target.path, prefix: "q", tree: kept)
        let names = try store.info("q/file").properties.file?.attributes.keys.map { $0 } ?? []
        #expect(!names.contains(Array("user.sluice.tag".utf8)))
    }

    @Test func `more attributes than an object can have are told, and that file is left out`()
        throws
    {
        var options = PutOptions()
        func file(_ attributes: [[UInt8]: [UInt8]]) -> FileProperties {
            FileProperties(
                mode: 0o600, modifiedSeconds: 0, modifiedNanoseconds: 0, ownerID: 0, groupID: 0,
                attributes: attributes)
        }
        options.properties.file = file([[1]: [UInt8](repeating: 1, count: 16_383)])
        try store.put([1], as: "most", options: options)
        #expect(try store.info("most").properties == options.properties)
        for attributes in [
            [[1]: [UInt8](repeating: 1, count: 16_384)], [[]: [1]], [[1, 0]: [1]],
            [[UInt8](repeating: 1, count: 256): []],
        ] as [[[UInt8]: [UInt8]]] {
            options.properties.file = file(attributes)
            #expect(failure { try store.put([1], as: "x", options: options) } == .invalidArgument)
        }
        // Few file systems keep as many.
        guard (try? FileSystem.kind("/dev/shm").name) == "tmpfs" else { return }
        let place = "/dev/shm/sluice-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try FileSystem.makeDirectories(place)
        for name in ["large", "small"] {
            guard FileManager.default.createFile(atPath: "\(place)/\(name)", contents: nil) else {
                return
            }
        }
        let value = [UInt8](repeating: 1, count: 16_384)
        guard (try? set("user.a", value, of: "\(place)/large")) != nil else { return }
        let report = try store.putTree(at: place, prefix: "p", tree: kept)
        #expect(report.failures.map(\.subject) == ["\(place)/large"])
        #expect(report.failures.first?.error.code == .inputOutput)
        #expect(report.objectCount == 2)
        #expect(failure { try store.info("p/large") } == .notFound)
    }
}
