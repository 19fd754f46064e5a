import Sluice
import SluiceNative
import TestSupport
import Testing

@Suite struct StoreRenameTests {
    private func names(_ store: Store) throws -> [String] {
        try store.list().entries.map(\.name.description)
    }

    @Test(arguments: [100, 100_000])
    func `a rename keeps bytes, tag and metadata, and goes anywhere`(byteCount: Int) throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        var options = PutOptions.with()
        options.metadata = ["k": "v"]
        options.contentType = "t"
        let bytes = patternedBytes(byteCount)
        let put = try store.put(bytes, as: "a", options: options)
        var old: ObjectName = "a"
        for new in ["b", "d/e/f", "d/e/g", "d/e", "d/e/f", "x/y", "é", "a"] as [ObjectName] {
            let renamed = try store.rename(old, to: new)
            #expect(renamed.name == new)
            #expect(renamed.entityTag == put.entityTag)
            #expect(renamed.metadata == put.metadata)
            #expect(renamed.contentType == put.contentType)
            #expect(renamed.modifiedMilliseconds == put.modifiedMilliseconds)
            #expect(try store.info(new) == renamed)
            #expect(try store.get(new) == bytes)
            #expect(failure { try store.info(old) } == .notFound)
            #expect(try names(store) == [new.description])
            #expect(try store.verify().findings == [])
            old = new
        }
        var flat = ListOptions()
        flat.isRecursive = false
        #expect(try store.list(flat).entries.map(\.name) == ["a"])
    }

    @Test func `a rename touches no blob`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let put = try store.put(patternedBytes(100_000), as: "a", options: .with())
            let path = home.directory.path(TestHome.blobPath(put.entityTag))
            let before = try FileSystem.status(path)
            try store.rename("a", to: "b/c")
            #expect(try FileSystem.status(path) == before)
            #expect(home.files("blobs").count == 1)
        }
    }

    @Test func `a rename over an object replaces it, and its blob goes`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let a = try store.put(patternedBytes(100_000), as: "a", options: .with())
            let b = try store.put(patternedBytes(100_000, seed: 2), as: "d/b", options: .with())
            try store.rename("a", to: "d/b")
            #expect(try store.get("d/b") == patternedBytes(100_000))
            #expect(try names(store) == ["d/b"])
            #expect(
                eventually { !home.directory.exists(TestHome.blobPath(b.entityTag)) })
            #expect(home.directory.exists(TestHome.blobPath(a.entityTag)))
            #expect(eventually { (try? store.status().garbageCount) == 0 })
            #expect(try store.scope(.default).census.map(\.objectCount) == [1])
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `a rename onto itself changes nothing`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        let put = try store.put([1], as: "d/a")
        #expect(try store.rename("d/a", to: "d/a") == put)
        #expect(try store.info("d/a") == put)
        #expect(
            failure { try store.rename("d/a", to: "d/a", condition: .ifAbsent) } == .alreadyExists)
        #expect(try store.get("d/a") == [1])
        #expect(try store.verify().findings == [])
    }

    @Test func `the condition of a rename is about the new name`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        let a = try store.put([1], as: "a")
        let b = try store.put([2], as: "b")
        #expect(failure { try store.rename("a", to: "b", condition: .ifAbsent) } == .alreadyExists)
        #expect(
            failure { try store.rename("a", to: "b", condition: .ifMatch(a.entityTag)) }
                == .conditionNotMet)
        #expect(
            failure { try store.rename("a", to: "c", condition: .ifMatch(a.entityTag)) }
                == .conditionNotMet)
        #expect(try store.get("a") == [1])
        #expect(try store.get("b") == [2])
        try store.rename("a", to: "b", condition: .ifMatch(b.entityTag))
        #expect(try store.get("b") == [1])
        try store.rename("b", to: "c", condition: .ifAbsent)
        #expect(try names(store) == ["c"])
    }

    @Test func `of many that rename one object at once, exactly one does`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        try store.put([9], as: "from/o")
        let done = Box<[ObjectName]>([])
        try together(12) { index in
            let name = try ObjectName("to/\(index)/o")
            let code = failure { try store.rename("from/o", to: name) }
            #expect(code == nil || code == .notFound)
            if code == nil { done.update { $0.append(name) } }
        }
        #expect(done.value.count == 1)
        #expect(try store.list().entries.map(\.name) == done.value)
        #expect(try store.verify().findings == [])
    }
}

@Suite struct StoreCopyTests {
    @Test(arguments: [0, 100, 65_536, 65_537, 300_000], Compression.allCases)
    func `a copy has the bytes and the document`(byteCount: Int, compression: Compression) throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        var options = PutOptions.with(chunkByteCount: 8192, compression)
        options.metadata = ["k": "v"]
        options.contentType = "t"
        let bytes = textBytes(byteCount)
        let put = try store.put(bytes, as: "a", options: options)
        let copy = try store.copy("a", to: "d/b")
        #expect(try store.get("d/b") == bytes)
        #expect(try store.get("a") == bytes)
        #expect(copy.entityTag != put.entityTag)
        #expect(copy.contentType == "t" && copy.metadata == ["k": "v"])
        #expect(copy.chunkByteCount == 8192)
        #expect(copy.isCompressed == put.isCompressed)
        #expect(try store.info("d/b") == copy)
        #expect(try store.verify().findings == [])
    }

    @Test func `a copy is sealed anew: no byte run of the blob is the same`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let put = try store.put(patternedBytes(100_000), as: "a", options: .with())
            let copy = try store.copy("a", to: "b")
            let one = try home.directory.read(TestHome.blobPath(put.entityTag))
            let other = try home.directory.read(TestHome.blobPath(copy.entityTag))
            #expect(one.count == other.count)
            let same = zip(one, other).count { $0 == $1 }
            #expect(same < one.count / 100)
        }
    }

    @Test func `a copy onto itself seals anew, and the old blob goes`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let bytes = patternedBytes(100_000)
            let put = try store.put(bytes, as: "a", options: .with())
            let copy = try store.copy("a", to: "a")
            #expect(copy.entityTag != put.entityTag)
            #expect(try store.get("a") == bytes)
            #expect(eventually { home.files("blobs").count == 1 })
            #expect(try store.list().entries == [.object(copy)])
        }
    }

    @Test func `the condition of a copy is about the new name`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        try store.put([1], as: "a")
        let b = try store.put([2], as: "b")
        #expect(failure { try store.copy("a", to: "b", condition: .ifAbsent) } == .alreadyExists)
        #expect(try store.get("b") == [2])
        try store.copy("a", to: "b", condition: .ifMatch(b.entityTag))
        #expect(try store.get("b") == [1])
    }

    @Test func `of two objects with the same bytes nothing on disk is the same`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put(patternedBytes(5000), as: "a")
            try store.put(patternedBytes(5000), as: "b")
        }
        #expect(
            try home.integer("SELECT count(DISTINCT data) FROM blobs WHERE data IS NOT NULL") == 2)
        for column in ["document", "revision", "object_id", "commitment", "tag"] {
            #expect(try home.integer("SELECT count(DISTINCT \(column)) FROM objects") == 2)
        }
        #expect(try home.integer("SELECT count(DISTINCT wrapped) FROM wrapped_keys") == 2)
    }

    @Test func `neither names nor bytes are on the disk in the clear`() throws {
        let home = try TestHome()
        let secret = Array("a-secret-that-nobody-else-has".utf8)
        try home.withStore { store throws in
            var options = PutOptions.with(.none)
            options.metadata = ["mk-in-the-clear": "mv-in-the-clear"]
            options.contentType = "ct-in-the-clear"
            for byteCount in [100, 100_000] {
                let bytes = Array(repeatElement(secret, count: byteCount / secret.count).joined())
                let name = try ObjectName("dir-in-the-clear/name-in-the-clear \(byteCount)")
                try store.put(bytes, as: name, options: options)
            }
        }
        for file in home.directory.files(below: "store") {
            let bytes = try home.directory.read("store/\(file)")
            #expect(!bytes.contains(run: secret))
            #expect(!bytes.contains(run: Array("in-the-clear".utf8)))
        }
    }
}

extension [UInt8] {
    fileprivate func contains(run: [UInt8]) -> Bool {
        guard count >= run.count, let first = run.first else { return false }
        for start in 0...(count - run.count) where self[start] == first {
            if self[start..<start + run.count].elementsEqual(run) { return true }
        }
        return false
    }
}

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
        let store = try Store.inMemory()
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
