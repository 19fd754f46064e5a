internal import Foundation
import Sluice
import TestSupport
import Testing

/// Several stores on one directory are to each other what several processes are.
@Suite struct StoreConcurrencyTests {
    /// The content of version `version` of an object: every byte says which.
    private static func bytes(_ version: Int, _ isLarge: Bool) -> [UInt8] {
        [UInt8](repeating: UInt8(version % 251), count: isLarge ? 70_000 : 500)
    }

    @Test func `readers in two stores see whole versions while writers replace them`() throws {
        let home = try TestHome()
        let stores = [try home.open(), try home.open()]
        for index in 0..<4 {
            try stores[0].put(
                Self.bytes(0, index.isMultiple(of: 2)), as: ObjectName("o\(index)"),
                options: .with())
        }
        let remaining = Box(4)
        try together(8) { thread in
            let store = stores[thread % 2]
            if thread < 4 {
                defer { remaining.update { $0 -= 1 } }
                var random = Randomness(seed: UInt64(thread))
                for version in 1...25 {
                    let index = random.below(4)
                    try store.put(
                        Self.bytes(version, index.isMultiple(of: 2)), as: ObjectName("o\(index)"),
                        options: .with())
                }
            } else {
                var index = thread
                while remaining.value > 0 {
                    index += 1
                    let bytes = try store.get(ObjectName("o\(index % 4)"))
                    #expect(bytes.count == (index.isMultiple(of: 2) ? 70_000 : 500))
                    #expect(Set(bytes).count == 1)
                    #expect(try store.list().entries.count == 4)
                }
            }
        }
        #expect(eventually { home.files("blobs").count == 2 })
        for store in stores {
            #expect(try store.verify().findings == [])
            try store.close()
        }
        #expect(home.files("staging") == [])
    }

    @Test func `puts, renames and removals from two stores add up`() throws {
        let home = try TestHome()
        let stores = [try home.open(), try home.open()]
        try together(6) { thread in
            let store = stores[thread % 2]
            for round in 0..<15 {
                let name = try ObjectName("t\(thread)/\(round % 3)/o")
                try store.put(Self.bytes(round, round.isMultiple(of: 5)), as: name, options: .with())
                let moved = try ObjectName("moved/\(thread)/\(round)")
                if round.isMultiple(of: 3) { try store.rename(name, to: moved) }
                if round % 3 == 1 { try store.remove(name) }
                _ = try store.list()
                #expect(try store.scope(.default).census.count <= 1)
            }
        }
        for store in stores {
            // Of each thread 5 were moved, and the last of `2/o` stayed.
            #expect(try store.list().entries.count == 6 * 6)
            #expect(try store.verify().findings == [])
            #expect(eventually { (try? store.status().garbageCount) == 0 })
            try store.close()
        }
    }

    @Test func `what one store commits, another sees at once`() throws {
        let home = try TestHome()
        let a = try home.open()
        let b = try home.open()
        #expect(failure { try b.get("o") } == .notFound)
        try a.put([1], as: "o")
        #expect(try b.get("o") == [1])
        try b.rename("o", to: "d/p")
        #expect(failure { try a.get("o") } == .notFound)
        try a.remove("d/p")
        // A directory that the other store has seen made and unmade is made again.
        try b.put([2], as: "d/q")
        try a.remove("d/q")
        try b.put([3], as: "d/r")
        #expect(try a.list().entries.map(\.name) == ["d/r"])
        #expect(try b.verify().findings == [])
        try a.createScope("s")
        try b.put([4], as: "x", in: "s")
        #expect(try a.get("x", in: "s") == [4])
        try a.close()
        #expect(try b.get("d/r") == [3])
        try b.close()
    }

    @Test func `many threads put durably, and each is there`() throws {
        let home = try TestHome()
        try home.withStore(StoreOptions()) { store throws in
            try together(20) { thread in
                for round in 0..<10 {
                    let name = try ObjectName("\(thread)/\(round)")
                    try store.put([UInt8(thread), UInt8(round)], as: name)
                    #expect(try store.get(name) == [UInt8(thread), UInt8(round)])
                }
            }
        }
        try home.withStore { store throws in
            #expect(try store.list().entries.count == 200)
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `a store in memory serves many threads`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        try together(16) { thread in
            for round in 0..<20 {
                let name = try ObjectName("\(thread % 4)/\(round)")
                try store.put(Self.bytes(round, round == 7), as: name, options: .with())
                let bytes = try store.get(name)
                #expect(Set(bytes).count == 1)
                if round.isMultiple(of: 5) { _ = try store.list() }
            }
        }
        #expect(try store.list().entries.count == 80)
        #expect(try store.verify().findings == [])
    }
}

@Suite struct StoreBackupTests {
    @Test func `a backup under load is a whole store, as of one instant`() throws {
        let home = try TestHome()
        let store = try home.open()
        // Pairs that are always of one version: a put of both in this order.
        for index in 0..<20 {
            try store.put(
                patternedBytes(70_000, seed: UInt64(index)), as: ObjectName("large/\(index)"),
                options: .with())
        }
        let isDone = Box(false)
        let written = Box<[Int]>([])
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
                let count = round
                written.update { $0.append(count) }
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
        #expect(failure { try store.backup(to: home.store) } == .alreadyExists)
        #expect(failure { try Store.restore(from: path, to: home.location) } == .alreadyExists)
        let new = StoreLocation(home: home.directory.path("new"))
        #expect(failure { try Store.restore(from: home.directory.path("no"), to: new) } == .notFound)
        try home.directory.write([1], to: "nothing/file")
        #expect(
            failure { try Store.restore(from: home.directory.path("nothing"), to: new) }
                == .notFound)
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
