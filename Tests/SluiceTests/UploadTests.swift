import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct UploadTests {
    private static let parts = [
        patternedBytes(70_001, seed: 1), textBytes(100_000), [7], patternedBytes(4096, seed: 2),
    ]
    private static let whole = parts.flatMap(\.self)

    private func upload(_ store: Store, _ name: ObjectName = "film") throws -> Upload {
        let upload = try store.beginUpload(name, options: .with(.auto))
        for (index, part) in Self.parts.enumerated().reversed() {
            try upload.put(part, id: try PartID("part \(index)"))
        }
        return upload
    }

    private let all: [PartChoice] = ["part 0", "part 1", "part 2", "part 3"]

    @Test func `parts that were put in any order make the object, which is read in any range`()
        throws
    {
        let store = try Store.inMemory()
        let upload = try upload(store)
        #expect(failure { try store.info("film") } == .notFound)
        #expect(try upload.parts().map(\.byteCount) == [4096, 1, 100_000, 70_001])
        let info = try upload.commit(all)
        #expect(info.byteCount == Self.whole.count)
        #expect(try store.info("film") == info)
        #expect(try upload.parts() == [])
        #expect(try store.get("film") == Self.whole)
        let edges = [0, 1, 70_000, 70_001, 70_002, 170_001, 170_002, Self.whole.count]
        for lower in edges {
            for upper in edges where upper > lower {
                let got = try store.get("film", range: .offsets(lower..<upper))
                #expect(got == Array(Self.whole[lower..<upper]), "\(lower)..<\(upper)")
            }
        }
        let sink = KeepingSink()
        try store.get("film", range: .from(3), to: sink)
        #expect(sink.bytes == Array(Self.whole[3...]))
        #expect(try store.verify().findings == [])
        #expect(try store.verifyWithoutKeys().findings == [])
    }

    @Test func `parts outlive the process, and whoever opens the store next commits them`() throws {
        let home = try TestHome()
        try home.withStore { store throws in _ = try upload(store) }
        try home.withStore { store throws in
            let upload = try store.beginUpload("film")
            #expect(try upload.parts().count == 4)
            try upload.commit(all)
            #expect(try store.get("film") == Self.whole)
        }
        try home.withStore { store throws in
            #expect(try store.get("film") == Self.whole)
            try store.get("film", toFileAt: home.directory.path("film"))
            #expect(try home.directory.read("film") == Self.whole)
        }
    }

    @Test func `a part that was put again is the later one, and what nobody names is gone`() throws
    {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let upload = try upload(store)
        try upload.put([1, 2, 3], id: "part 0")
        try upload.put([9], id: "left out")
        #expect(try upload.parts().count == 5)
        try upload.commit(["part 0", "part 2", "part 0"])
        #expect(try store.get("film") == [1, 2, 3, 7, 1, 2, 3])
        // The table of extents, and two blobs.
        #expect(eventually { home.files("blobs").count == 3 })
        try store.remove("film")
        #expect(eventually { home.files("blobs").isEmpty })
        #expect(try home.integer("SELECT count(*) FROM extents") == 0)
        #expect(try store.verify().findings == [])
    }

    @Test func `committed parts are named again, and are not sealed again`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let upload = try upload(store)
        try upload.commit(all)
        let before = Set(home.files("blobs"))
        try upload.put([5, 5], id: "new")
        try upload.put([6], id: "part 2")
        try upload.commit(["part 3", "new", PartChoice("part 2", .committed), "part 2"])
        #expect(try store.get("film") == Self.parts[3] + [5, 5, 7, 6])
        #expect(eventually { home.files("blobs").count == 5 })
        // Two of the old blobs are there still: of parts 2 and 3.
        #expect(before.intersection(home.files("blobs")).count == 2)
        #expect(try store.verify().findings == [])
    }

    @Test func `a part that isn't there is named, and nothing is changed`() throws {
        let store = try Store.inMemory()
        let upload = try upload(store)
        try store.put([1], as: "film")
        let error = thrown { try upload.commit(["part 0", "part 9"]) }
        #expect(error?.code == .notFound)
        #expect(error?.reason.contains("'part 9'") == true)
        #expect(failure { try upload.commit([PartChoice("part 0", .committed)]) } == .notFound)
        #expect(try store.get("film") == [1])
        #expect(try upload.parts().count == 4)
        #expect(failure { try upload.put([], id: "none") } == .invalidArgument)
        #expect(failure { try PartID(String(repeating: "x", count: 65)) } == .invalidName)
        try upload.abort()
        #expect(try upload.parts() == [])
        #expect(try store.get("film") == [1])
    }

    @Test func `a commit has the options of its upload, its condition too`() throws {
        let store = try Store.inMemory()
        var options = PutOptions(condition: .absent)
        options.properties.contentType = "film/long"
        options.metadata = ["k": "v"]
        let upload = try store.beginUpload("film", options: options)
        try upload.put([1], id: "1")
        let info = try upload.commit(["1"])
        #expect(info.properties.contentType == "film/long" && info.metadata == ["k": "v"])
        try upload.put([2], id: "1")
        #expect(failure { try upload.commit(["1"]) } == .alreadyExists)
        #expect(try store.get("film") == [1])
        #expect(try upload.parts().count == 1)
        try store.beginUpload("film").commit([])
        #expect(try store.get("film") == [])
        #expect(try upload.parts() == [])
    }

    @Test func `an object of extents lives through rotation, rewrap, rename, pin and revocation`()
        throws
    {
        let store = try Store.inMemory()
        let owner = store.vaults.acting(as: .owner)
        let vault = try owner.create("mine")
        let key = try vault.createKey("master")
        let scope: ScopeName = "s"
        try vault.permit(store.identity)
        try store.createScope(scope, key: key.versionless)
        let upload = try store.beginUpload("film", in: scope)
        for (index, part) in Self.parts.enumerated() {
            try upload.put(part, id: try PartID("part \(index)"))
        }
        _ = try key.rotate()
        try upload.commit(all)
        _ = try key.rotate()
        _ = try store.rewrap(in: scope)
        try store.rename("film", to: "moved", in: scope)
        #expect(try store.get("moved", in: scope) == Self.whole)
        let pin = try store.pin("moved", in: scope)
        try store.remove("moved", in: scope)
        #expect(try store.get(pinned: pin.id) == Self.whole)
        try upload.put([1], id: "late")
        try vault.revoke(store.identity)
        #expect(failure { try upload.parts() } == .accessDenied)
        #expect(failure { try upload.commit(["late"]) } == .accessDenied)
        #expect(failure { try upload.put([1], id: "later") } == .accessDenied)
        #expect(try store.get(pinned: pin.id) == Self.whole)
    }

    @Test func `two who commit the same parts at once both have their object`() throws {
        let store = try Store.inMemory()
        for round in 0..<20 {
            let name = try ObjectName("film \(round)")
            let upload = try store.beginUpload(name)
            try upload.put([1], id: "1")
            try upload.put([2], id: "2")
            try together(2) { _ in try upload.commit(["1", "2"]) }
            #expect(try store.get(name) == [1, 2])
        }
        #expect(try store.verify().findings == [])
    }

    @Test func `what the rows of parts and extents say is not believed`() throws {
        for change in [
            "parts SET keys = substr(keys, 1, 79) || x'00' WHERE id = 1",
            "parts SET document = x'00' WHERE id = 1",
            "parts SET revision = randomblob(32) WHERE id = 1",
            "parts SET tag = (SELECT tag FROM parts WHERE id = 5) WHERE id = 1",
            "parts SET object_id = (SELECT object_id FROM parts WHERE id = 2), "
                + "blob = (SELECT blob FROM parts WHERE id = 2) WHERE id = 1",
            "parts SET keys = (SELECT keys FROM parts WHERE id = 2) WHERE id = 1",
        ] {
            let home = try TestHome()
            try home.withStore { store throws in
                _ = try upload(store)
                try store.beginUpload("other").put([1], id: "part 9")
            }
            try home.sql("UPDATE \(change)")
            try home.withStore { store throws in
                let code = failure { try store.beginUpload("film").commit(all) }
                #expect(code == .integrity || code == .notFound, "\(change)")
                #expect(failure { try store.get("film") } == .notFound)
            }
        }
    }

    @Test func `what the catalog doesn't count of extents is found, and mended by a repair`() throws
    {
        let home = try TestHome()
        try home.withStore { store throws in
            try upload(store).commit(all)
            try store.copy("film", to: "copy")
        }
        try home.sql("DELETE FROM extents WHERE manifest = (SELECT min(manifest) FROM extents)")
        try home.withStore { store throws in
            let problems = try store.verify().findings.map(\.problem)
            #expect(problems.contains { $0.contains("extents") })
        }
        let report = try Store.repair(home.location, options: .fast())
        #expect(report.findings.contains { $0.outcome == .mended })
        try home.withStore { store throws in
            #expect(try store.verify().findings == [])
            #expect(try store.get("film") == Self.whole)
            try store.remove("copy")
            #expect(eventually { home.files("blobs").count == 5 })
            #expect(try store.get("film") == Self.whole)
        }
    }

    @Test func `a changed bit of a table of extents or of an extent is caught`() throws {
        let home = try TestHome()
        let id = try home.withStore { store throws in try upload(store).commit(all).id }
        for path in home.files("blobs") {
            var bytes = try home.directory.read(path)
            bytes[bytes.count / 2] ^= 1
            try home.directory.write(bytes, to: path)
            try home.withStore { store throws in
                #expect(failure { try store.get("film") } == .integrity, "\(path)")
                #expect(try store.verify().findings.count == 1)
                let isTable = path == TestHome.blobPath(id)
                #expect(try store.verifyWithoutKeys().findings.isEmpty == !isTable)
            }
            bytes[bytes.count / 2] ^= 1
            try home.directory.write(bytes, to: path)
        }
        try home.withStore { store throws in #expect(try store.get("film") == Self.whole) }
    }

    @Test
    func `parts are in staging until they are committed, and no more of them than are held open`()
        throws
    {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let upload = try upload(store)
        #expect(home.files("staging").count == 4 && home.files("blobs").isEmpty)
        try upload.commit(all)
        #expect(home.files("staging").isEmpty && home.files("blobs").count == 5)
        #expect(try store.get("film") == Self.whole)
        let many = try store.beginUpload("many")
        let ids = try (0..<300).map { try PartID("\($0)") }
        for (number, id) in ids.enumerated() {
            try many.put([UInt8(number & 255)], id: id)
            #expect(home.files("staging").count <= UnsyncedBlobs.limit)
        }
        #expect(home.files("blobs").count > 5 + 300 - UnsyncedBlobs.limit - 1)
        try many.commit(ids.map { PartChoice($0) })
        #expect(home.files("staging").isEmpty)
        #expect(try store.get("many") == (0..<300).map { UInt8($0 & 255) })
        let dropped = try store.beginUpload("dropped")
        try dropped.put([1], id: "1")
        try dropped.put([2], id: "1")
        try dropped.abort()
        #expect(eventually { home.files("staging").isEmpty })
        #expect(try store.verify().findings == [])
    }

    /// What a failure of the machine may leave of a part that was not durable.
    enum Loss: CaseIterable { case missing, cut, torn, linked, replaced }

    @Test(arguments: Loss.allCases)
    func `a part that a failure of the machine took is named, and can be put again`(
        _ loss: Loss
    ) throws {
        let home = try TestHome()
        let path = try home.withStore { store throws in
            let upload = try upload(store)
            let others = Set(home.files("staging"))
            try upload.put(Self.parts[1], id: "part 1")
            // The one that it replaces is removed behind the caller's back.
            #expect(eventually { home.files("staging").count == 4 })
            return try #require(home.files("staging").first { !others.contains($0) })
        }
        var bytes = try home.directory.read(path)
        try FileSystem.remove(tree: home.directory.path(path))
        switch loss {
        case .missing: break
        case .cut: try home.directory.write(Array(bytes.dropLast()), to: path)
        case .torn:
            bytes[bytes.count - 20] ^= 1
            try home.directory.write(bytes, to: path)
        case .linked:
            try home.directory.write(bytes, to: "elsewhere")
            try FileManager.default.linkItem(
                atPath: home.directory.path("elsewhere"), toPath: home.directory.path(path))
        case .replaced:
            try FileManager.default.createDirectory(
                atPath: home.directory.path(path), withIntermediateDirectories: false)
        }
        try home.withStore { store throws in
            let upload = try store.beginUpload("film", options: .with(.auto))
            let error = thrown { try upload.commit(all) }
            #expect(error?.code == .notFound || loss == .replaced)
            #expect(error?.reason.contains("'part 1'") == true || loss == .replaced)
            #expect(failure { try store.get("film") } == .notFound)
            #expect(try upload.parts().count == 4)
            try upload.put(Self.parts[1], id: "part 1")
            try upload.commit(all)
            #expect(try store.get("film") == Self.whole)
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `a backup has what extents are in, and no parts`() throws {
        let home = try TestHome()
        let target = home.directory.path("backup")
        try home.withStore { store throws in
            try upload(store).commit(all)
            try store.beginUpload("next").put([8], id: "1")
            try store.backup(to: target)
        }
        try home.withStore { store throws in
            try store.remove("film")
        }
        let copy = try Store.open(
            StoreLocation(store: target, vaults: home.location.vaults), options: .fast())
        defer { try? copy.close() }
        #expect(try copy.get("film") == Self.whole)
        #expect(try copy.beginUpload("next").parts() == [])
        #expect(try copy.verify().findings == [])
    }

    @Test func `a put of a stream that is cancelled leaves no part`() async throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try await store.put([1], as: "o")
        let (stream, source) = AsyncStream.makeStream(of: [UInt8].self)
        source.yield(patternedBytes(5_000_000))
        let task = Task { try await store.put(streaming: stream, as: "film") }
        let isStaged = try await eventuallyInTask({
            try home.integer("SELECT count(*) FROM parts") == 1
        })
        #expect(isStaged)
        task.cancel()
        let result = await task.result
        #expect(throws: StoreError.self) { try result.get() }
        #expect(try home.integer("SELECT count(*) FROM parts") == 0)
        #expect(eventually { home.files("blobs").isEmpty })
    }

    /// What comes bit by bit, in bits of odd sizes.
    private func stream(_ bytes: [UInt8], bit: Int = 70_001) -> AsyncStream<[UInt8]> {
        let (stream, source) = AsyncStream.makeStream(of: [UInt8].self)
        for start in stride(from: 0, to: bytes.count, by: bit) {
            source.yield(Array(bytes[start..<min(start + bit, bytes.count)]))
        }
        source.finish()
        return stream
    }

    // Sizes around what is sealed at a time, 4 MiB, and around a chunk.
    @Test(
        arguments: [1, 4096, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, (8 << 20) + 4096, 9_000_003],
        [Compression.none, .lz4])
    func `a part that comes bit by bit is as one that is put as a whole`(
        _ byteCount: Int, _ compression: Compression
    ) async throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        let half = patternedBytes(byteCount / 2)
        let bytes = half + [UInt8](repeating: 7, count: byteCount - half.count)
        let upload = try store.beginUpload("film", options: .with(compression))
        let info = try await upload.put(streaming: stream(bytes), id: "1")
        #expect(info.byteCount == byteCount)
        try await upload.put([1, 2], id: "2")
        try await upload.commit(["2", "1"])
        #expect(try await store.get("film") == [1, 2] + bytes)
        #expect(try await store.verify().findings == [])
    }

    @Test func `a part that is cancelled, fails, or is empty leaves nothing`() async throws {
        struct Failure: Error {}
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try await store.put([1], as: "o")
        let upload = try store.beginUpload("film")
        for byteCount in [100, 5_000_000] {
            let bytes = patternedBytes(byteCount)
            let failing = AsyncThrowingStream<[UInt8], any Error> { source in
                source.yield(bytes)
                source.finish(throwing: Failure())
            }
            let error = await #expect(throws: StoreError.self) {
                try await upload.put(streaming: failing, id: "1")
            }
            #expect(error?.code == .inputOutput && error?.cause is Failure)
            let (stalled, source) = AsyncStream.makeStream(of: [UInt8].self)
            source.yield(bytes)
            let task = Task { try await upload.put(streaming: stalled, id: "1") }
            if byteCount > 4 << 20 {
                let isStaged = try await eventuallyInTask({ !home.files("staging").isEmpty })
                #expect(isStaged)
            }
            task.cancel()
            let result = await task.result
            #expect(throws: StoreError.self) { try result.get() }
        }
        let none = await #expect(throws: StoreError.self) {
            try await upload.put(streaming: stream([]), id: "1")
        }
        #expect(none?.code == .invalidArgument)
        #expect(try await upload.parts().isEmpty)
        #expect(eventually { home.files("blobs").isEmpty && home.files("staging").isEmpty })
    }

    @Test func `parts that nobody commits for a week are gone`() throws {
        let home = try TestHome()
        try home.withStore { store throws in _ = try upload(store) }
        try home.sql("UPDATE parts SET created = created - 604801000 WHERE id < 4")
        try home.withStore { store throws in
            #expect(try store.beginUpload("film").parts().count == 1)
            #expect(eventually { home.files("staging").count == 1 })
        }
    }
}
