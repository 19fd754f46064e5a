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
                let bytes = Self.bytes(round, round.isMultiple(of: 5))
                try store.put(bytes, as: name, options: .with())
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
