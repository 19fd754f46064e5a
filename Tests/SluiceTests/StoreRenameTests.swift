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
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        var options = PutOptions.with()
        options.metadata = ["k": "v"]
        options.properties.contentType = "t"
        let bytes = patternedBytes(byteCount)
        let put = try store.put(bytes, as: "a", options: options)
        var old: ObjectName = "a"
        for new in ["b", "d/e/f", "d/e/g", "d/e", "d/e/f", "x/y", "é", "a"] as [ObjectName] {
            let renamed = try store.rename(old, to: new)
            #expect(renamed.name == new)
            #expect(renamed.entityTag == put.entityTag)
            #expect(renamed.metadata == put.metadata)
            #expect(renamed.properties == put.properties)
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
            let path = home.directory.path(TestHome.blobPath(put.id))
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
                eventually { !home.directory.exists(TestHome.blobPath(b.id)) })
            #expect(home.directory.exists(TestHome.blobPath(a.id)))
            #expect(eventually { (try? store.status().garbageCount) == 0 })
            #expect(try store.scope(.default).census.map(\.objectCount) == [1])
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `a rename onto itself changes nothing`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let put = try store.put([1], as: "d/a")
        #expect(try store.rename("d/a", to: "d/a") == put)
        #expect(try store.info("d/a") == put)
        #expect(
            failure { try store.rename("d/a", to: "d/a", if: .absent) } == .alreadyExists)
        #expect(try store.get("d/a") == [1])
        #expect(try store.verify().findings == [])
    }

    @Test func `the condition of a rename is about the new name`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let a = try store.put([1], as: "a")
        let b = try store.put([2], as: "b")
        #expect(failure { try store.rename("a", to: "b", if: .absent) } == .alreadyExists)
        #expect(
            failure { try store.rename("a", to: "b", if: .matches(a.entityTag)) }
                == .conditionNotMet)
        #expect(
            failure { try store.rename("a", to: "c", if: .matches(a.entityTag)) }
                == .conditionNotMet)
        #expect(try store.get("a") == [1])
        #expect(try store.get("b") == [2])
        try store.rename("a", to: "b", if: .matches(b.entityTag))
        #expect(try store.get("b") == [1])
        try store.rename("b", to: "c", if: .absent)
        #expect(try names(store) == ["c"])
    }

    @Test func `of many that rename one object at once, exactly one does`() throws {
        let home = try TestHome()
        let store = try home.open()
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
