import Sluice
import TestSupport
import Testing

@Suite struct StoreRemoveTests {
    @Test func `removed objects are gone, with their blobs and directories`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            for index in 0..<6 {
                try store.put(
                    patternedBytes(70_000), as: ObjectName("d/\(index % 2)/\(index)"),
                    options: .with())
            }
            for index in 0..<6 {
                try store.remove(ObjectName("d/\(index % 2)/\(index)"))
                #expect(try store.list().entries.count == 5 - index)
                #expect(try store.verify().findings == [])
            }
            #expect(eventually { home.files("blobs").isEmpty })
            #expect(eventually { (try? store.status().garbageCount) == 0 })
            #expect(try store.scope(.default).census == [])
        }
        for table in ["objects", "directories", "wrapped_keys", "blobs"] {
            #expect(try home.integer("SELECT count(*) FROM \(table)") == 0, "\(table)")
        }
    }

    @Test func `a read that has begun goes on when the object is removed or replaced`() throws {
        let home = try TestHome()
        let bytes = patternedBytes(400_000)
        for isRemoval in [true, false] {
            try home.withStore(.fast(workerCount: 1)) { store throws in
                try store.put(bytes, as: "o", options: .with())
                let sink = ActingSink {
                    if isRemoval { try store.remove("o") } else { try store.put([1], as: "o") }
                    _ = eventually { home.files("blobs").isEmpty }
                }
                try store.get("o", to: sink)
                #expect(sink.bytes == bytes)
                #expect(home.files("blobs").isEmpty)
            }
        }
    }

    @Test func `of many that remove one object at once, exactly one does`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([9], as: "a/o")
        let done = Box(0)
        try together(12) { _ in
            let code = failure { try store.remove("a/o") }
            #expect(code == nil || code == .notFound)
            if code == nil { done.update { $0 += 1 } }
        }
        #expect(done.value == 1)
        #expect(try store.verify().findings == [])
    }
}

/// A sink that does something once, when the first bytes come.
private final class ActingSink: ByteSink {
    private let keeping = KeepingSink()
    private let action: @Sendable () throws -> Void

    init(_ action: @escaping @Sendable () throws -> Void) {
        self.action = action
    }

    var bytes: [UInt8] { keeping.bytes }

    func write(_ bytes: Span<UInt8>) throws {
        if keeping.bytes.isEmpty { try action() }
        try keeping.write(bytes)
    }
}
