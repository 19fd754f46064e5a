import Sluice
import TestSupport
import Testing

@Suite struct StoreCopyTests {
    @Test(arguments: [0, 100, 65_536, 65_537, 300_000], Compression.allCases)
    func `a copy has the bytes and the document`(byteCount: Int, compression: Compression) throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        var options = PutOptions.with(chunkByteCount: 8192, compression)
        options.metadata = ["k": "v"]
        options.properties.contentType = "t"
        let bytes = textBytes(byteCount)
        let put = try store.put(bytes, as: "a", options: options)
        let copy = try store.copy("a", to: "d/b")
        #expect(try store.get("d/b") == bytes)
        #expect(try store.get("a") == bytes)
        #expect(copy.entityTag != put.entityTag)
        #expect(copy.properties.contentType == "t" && copy.metadata == ["k": "v"])
        #expect(copy.chunkByteCount == 8192)
        // A large one is made of extents, of which each may be.
        #expect(copy.isCompressed == (byteCount < 65_536 && put.isCompressed))
        #expect(try store.info("d/b") == copy)
        #expect(try store.verify().findings == [])
    }

    @Test func `a copy to the same name is sealed anew: no run of its blob is the same`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let put = try store.put(patternedBytes(100_000), as: "a", options: .with())
            let one = try home.directory.read(TestHome.blobPath(put.id))
            let copy = try store.copy("a", to: "a")
            let other = try home.directory.read(TestHome.blobPath(copy.id))
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
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "a")
        let b = try store.put([2], as: "b")
        #expect(failure { try store.copy("a", to: "b", if: .absent) } == .alreadyExists)
        #expect(try store.get("b") == [2])
        try store.copy("a", to: "b", if: .matches(b.entityTag))
        #expect(try store.get("b") == [1])
    }

    @Test func `of two objects with the same bytes nothing on disk is the same`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put(patternedBytes(5000), as: "a")
            try store.put(patternedBytes(5000), as: "b")
        }
        #expect(
            try home.integer("SELECT count(DISTINCT data) FROM objects WHERE data IS NOT NULL") == 2
        )
        for column in ["document", "revision", "object_id", "commitment", "tag"] {
            #expect(try home.integer("SELECT count(DISTINCT \(column)) FROM objects") == 2)
        }
    }

    @Test(arguments: [(1, 4), (2, 3), (1024, 2)])
    func `small objects share a wrapped key, a large one has its own`(limit: Int, keys: Int) throws
    {
        let home = try TestHome()
        var options = StoreOptions.fast()
        options.objectsPerDataKey = limit
        try home.withStore(options) { store throws in
            for index in 0..<3 { try store.put([1, 2], as: ObjectName("small\(index)")) }
            try store.put(patternedBytes(200_000), as: "large")
            #expect(try store.verify().findings == [])
        }
        #expect(try home.integer("SELECT count(DISTINCT wrapped) FROM wrapped_keys") == keys)
        #expect(try home.integer("SELECT max(objects) FROM wrapped_keys") == min(limit, 3))
        #expect(try home.integer("SELECT count(DISTINCT commitment) FROM objects") == 4)
    }

    @Test func `neither names nor bytes are on the disk in the clear`() throws {
        let home = try TestHome()
        let secret = Array("a-secret-that-nobody-else-has".utf8)
        try home.withStore { store throws in
            var options = PutOptions.with(.none)
            options.metadata = ["mk-in-the-clear": "mv-in-the-clear"]
            options.properties.contentType = "ct-in-the-clear"
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
