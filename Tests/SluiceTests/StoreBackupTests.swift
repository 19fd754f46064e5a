import Foundation
import Sluice
import TestSupport
import Testing

@Suite struct StoreBackupTests {
    @Test func `a backup under load is a whole store, as of one instant`() throws {
        let home = try TestHome()
        let store = try home.open()
        for index in 0..<20 {
            try store.put(
                patternedBytes(70_000, seed: UInt64(index)), as: ObjectName("large/\(index)"),
                options: .with())
        }
        let isDone = Box(false)
        try together(3) { thread in
            switch thread {
            case 0:
                defer { isDone.update { $0 = true } }
                for round in 0..<4 { try store.backup(to: home.directory.path("backup\(round)")) }
            default:
                var round = 0
                while !isDone.value || round < 10 {
                    let name = try ObjectName("large/\(round % 20)")
                    try store.put(
                        patternedBytes(70_000, seed: UInt64(1000 + round)), as: name,
                        options: .with())
                    try store.put([1], as: ObjectName("seq/\(thread)/\(1000 + round)"))
                    if thread == 2, round > 3 {
                        try store.remove(ObjectName("seq/2/\(1000 + round - 3)"))
                    }
                    round += 1
                }
            }
        }
        #expect(eventually { home.files("blobs").count == 20 })
        #expect(try store.verify().findings == [])
        try store.close()
        for round in 0..<4 {
            let restored = StoreLocation(
                store: home.directory.path("restored\(round)"), vaults: home.location.vaults)
            try Store.restore(from: home.directory.path("backup\(round)"), to: restored)
            let copy = try Store.open(restored, options: .fast())
            #expect(try copy.verify().findings == [])
            let names = try copy.list().entries.map(\.name.description)
            #expect(names.count { $0.hasPrefix("large/") } == 20)
            // One instant: no name of thread 1 is missing before another.
            let sequence = names.filter { $0.hasPrefix("seq/1/") }
            #expect(sequence == (0..<sequence.count).map { "seq/1/\(1000 + $0)" })
            try copy.put([1], as: "new")
            try copy.close()
        }
    }

    @Test func `a restored store stands on its own`() throws {
        let home = try TestHome()
        let store = try home.open()
        try store.put(patternedBytes(70_000), as: "o", options: .with())
        try store.backup(to: home.directory.path("backup"))
        let location = StoreLocation(
            store: home.directory.path("restored"), vaults: home.location.vaults)
        try Store.restore(from: home.directory.path("backup"), to: location)
        try store.remove("o")
        #expect(eventually { home.files("blobs").isEmpty })
        let restored = try Store.open(location, options: .fast())
        #expect(try restored.get("o") == patternedBytes(70_000))
        try restored.remove("o")
        try restored.close()
        let again = StoreLocation(
            store: home.directory.path("again"), vaults: home.location.vaults)
        try Store.restore(from: home.directory.path("backup"), to: again)
        let second = try Store.open(again, options: .fast())
        #expect(try second.get("o") == patternedBytes(70_000))
        try second.close()
        try store.close()
    }

    @Test func `backup and restore overwrite nothing, and say what isn't there`() throws {
        let home = try TestHome()
        let store = try home.open()
        try store.put([1], as: "o")
        let path = home.directory.path("backup")
        try store.backup(to: path)
        #expect(failure { try store.backup(to: path) } == .alreadyExists)
        for own in [
            home.store, "\(home.store)/backup", "\(home.store)/blobs/b", home.location.vaults,
        ] {
            #expect(failure { try store.backup(to: own) } == .invalidArgument)
        }
        #expect(failure { try Store.restore(from: path, to: home.location) } == .alreadyExists)
        let new = StoreLocation(home: home.directory.path("new"))
        try home.directory.write([1], to: "nothing/file")
        for source in ["no", "nothing", "nothing/file", "nothing/file/no"] {
            let path = home.directory.path(source)
            let error = thrown { try Store.restore(from: path, to: new) }
            #expect(error?.code == .notFound)
            #expect(error?.subject == .file(path))
            // The remedy is one for a backup that isn't there, not for a store.
            #expect(error?.remedies == [.choose(.backup)], "\(error as Any)")
        }
        #expect(home.directory.files(below: "nothing") == ["file"])
        #expect(!home.directory.exists("new"))
        #expect(try store.get("o") == [1])
        try store.close()
        let memory = try Store.inMemory()
        #expect(
            failure { try memory.backup(to: home.directory.path("m")) } == .invalidArgument)
        #expect(!home.directory.exists("m"))
        try memory.close()
    }

    @Test func `a backup without the vaults opens nothing`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put([1], as: "o")
            try store.backup(to: home.directory.path("backup"))
        }
        let thief = StoreLocation(
            store: home.directory.path("backup"), vaults: home.directory.path("elsewhere"))
        let store = try Store.open(thief, options: .fast())
        defer { try? store.close() }
        #expect(failure { try store.get("o") } == .wrongVault)
    }

    /// What can be in a blob's place.
    enum Damage: CaseIterable {
        case nothing, pipe, beginning

        func make(in directory: TemporaryDirectory, at name: String) throws {
            let bytes = try directory.read(name)
            try FileManager.default.removeItem(atPath: directory.path(name))
            switch self {
            case .nothing: break
            case .pipe: try makePipe(directory.path(name))
            case .beginning: try directory.write(Array(bytes.dropLast()), to: name)
            }
        }
    }

    @Test(arguments: Damage.allCases, [false, true])
    func `a blob that isn't there as it was ends a backup, and is named`(
        damage: Damage, linksBlobs: Bool
    ) throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let info = try store.put(patternedBytes(70_000), as: "o", options: .with())
        let blob = TestHome.blobPath(info.id)
        try damage.make(in: home.directory, at: blob)
        let backup = home.directory.path("backup")
        let error = #expect(throws: StoreError.self) {
            try store.backup(to: backup, linksBlobs: linksBlobs)
        }
        #expect(error?.code == .integrity)
        #expect(error?.message.contains(blob) == true)
        #expect(!home.directory.exists("backup"))
    }

    @Test func `a cancelled backup leaves nothing`() async throws {
        let home = try TestHome()
        let store = try home.open()
        for index in 0..<30 {
            try await store.put(
                patternedBytes(70_000), as: ObjectName("\(index)"), options: .with())
        }
        let path = home.directory.path("backup")
        await #expect(throws: StoreError.self) {
            try await store.backup(to: path) { _, _ in store.cancelAll() }
        }
        #expect(!home.directory.exists("backup"))
        #expect(try await store.verify().findings == [])
    }
}
