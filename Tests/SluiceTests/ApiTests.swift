import Sluice
import Testing

/// What users write, as they write it: nothing but the library is imported.
@Suite struct ApiTests {
    @Test func `a text is put, and comes back`() async throws {
        let store = try Store.inMemory()
        try await store.put("hello", as: "greeting")
        let text = try await store.get("greeting").text
        #expect(text == "hello")
        try await store.put([0xFF], as: "greeting")
        let error = await #expect(throws: StoreError.self) { try await store.get("greeting").text }
        #expect(error?.code == .invalidArgument)
    }

    private func putAndGet(_ store: Store) throws -> String {
        try store.put("hello", as: "greeting")
        return try store.get("greeting").text
    }

    @Test func `the same without tasks`() throws {
        #expect(try putAndGet(Store.inMemory()) == "hello")
    }

    @Test func `objects come one after the other`() async throws {
        let store = try Store.inMemory()
        for name in ["a", "backup/x", "backup/y/z", "c"] as [ObjectName] {
            try await store.put("\(name)", as: name)
        }
        var found: [String] = []
        for try await object in store.objects(under: "backup/") {
            found.append("\(object.name) \(object.byteCount)")
        }
        #expect(found == ["backup/x 8", "backup/y/z 10"])
        for try await object in store.objects(under: "none/") { Issue.record("\(object.name)") }
        var count = 0
        for try await _ in store.objects() { count += 1 }
        #expect(count == 4)
    }

    @Test func `more objects than a page has all come`() async throws {
        let store = try Store.inMemory()
        for number in 0..<2001 { try await store.put([], as: ObjectName("d/\(number)")) }
        var names: Set<ObjectName> = []
        for try await object in store.objects(under: "d/") { names.insert(object.name) }
        #expect(names.count == 2001)
    }

    @Test func `an object is put in parts, in any order, and several at once`() async throws {
        let store = try Store.inMemory()
        let upload = try store.beginUpload("film")
        try await withThrowingTaskGroup { group in
            for number in (0..<8).reversed() {
                group.addTask { try await upload.put([UInt8(number)], id: PartID("000\(number)")) }
            }
            try await group.waitForAll()
        }
        #expect(try await upload.parts().count == 8)
        try await upload.commit(["0000", "0007", "0001"])
        #expect(try await store.get("film") == [0, 7, 1])
        try await store.append([9], to: "film")
        try await store.write([8], to: "film", at: 1)
        #expect(try await store.get("film") == [0, 8, 1, 9])
        try await store.put("x", as: "o", in: store.createScope("mine").name)
        try await store.removeScope("mine")
        #expect(try await store.scopes().map(\.name) == ["default"])
    }

    @Test(arguments: [0, 1, 100_000, 9_000_000])
    func `bytes are put that come when they come`(byteCount: Int) async throws {
        let store = try Store.inMemory()
        let bytes = film(byteCount)
        let (stream, source) = AsyncStream.makeStream(of: [UInt8].self)
        Task {
            for start in stride(from: 0, to: byteCount, by: 700_000) {
                source.yield(Array(bytes[start..<min(byteCount, start + 700_000)]))
                await Task.yield()
            }
            source.finish()
        }
        let info = try await store.put(streaming: stream, as: "film")
        #expect(info.byteCount == byteCount)
        #expect(try await store.get("film") == bytes)
        #expect(try await store.verify().findings == [])
    }

    private struct Broken: Error {}

    @Test func `what breaks off leaves nothing`() async throws {
        let store = try Store.inMemory()
        let part = film(5_000_000)
        let (stream, source) = AsyncThrowingStream.makeStream(of: [UInt8].self)
        source.yield(part)
        source.yield(part)
        source.finish(throwing: Broken())
        let error = await #expect(throws: StoreError.self) {
            try await store.put(streaming: stream, as: "film")
        }
        #expect(error?.code == .inputOutput)
        #expect(try await store.list().entries.isEmpty)
        #expect(try await store.verify().findings == [])
    }

    private func film(_ byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
    }

    @Test(arguments: [0, 1, 262_144, 3_000_000, 4_194_304])
    func `an object is opened, and its bytes come in parts`(byteCount: Int) async throws {
        let store = try Store.inMemory()
        let bytes = film(byteCount)
        let tag = try await store.put(bytes, as: "film").entityTag
        let object = try await store.open("film", if: .matches(tag))
        #expect(object.info.byteCount == byteCount)
        var (parts, got): (Int, [UInt8]) = (0, [])
        for try await part in object.bytes() {
            got += part
            parts += 1
        }
        #expect(got == bytes)
        #expect(parts == (byteCount + (1 << 20) - 1) >> 20)
        #expect(try await object.read() == bytes)
    }

    @Test func `a range comes in parts, too`() async throws {
        let store = try Store.inMemory()
        let bytes = film(3_000_000)
        try await store.put(bytes, as: "film")
        let object = try await store.open("film")
        for range in [0..<1_000_000, 300_000..<2_900_001, 2_999_999..<9_000_000] {
            var got: [UInt8] = []
            for try await part in object.bytes(range) { got += part }
            #expect(got == Array(bytes[range.clamped(to: 0..<bytes.count)]))
        }
        let error = await #expect(throws: StoreError.self) {
            for try await _ in object.bytes(3_000_000..<3_000_001) {}
        }
        #expect(error?.code == .invalidRange)
    }

    @Test func `what was opened stays that version`() async throws {
        let store = try Store.temporary()
        let bytes = film(3_000_000)
        try await store.put(bytes, as: "film")
        let object = try await store.open("film")
        var parts = object.bytes().makeAsyncIterator()
        var got = try await parts.next() ?? []
        try await store.put("another", as: "film")
        while let part = try await parts.next() { got += part }
        #expect(got == bytes)
        try await store.remove("film")
        #expect(try await object.read(.last(3)) == bytes.suffix(3))
        try store.close()
        let error = await #expect(throws: StoreError.self) { try await object.read() }
        #expect(error?.code == .closed)
    }

    @Test func `a vault, a key and a scope are made in five lines`() async throws {
        let store = try Store.inMemory()
        let vaults = store.vaults.acting(as: .owner)
        let vault = try await vaults.create("mine")
        let key = try await vault.createKey("master")
        try await vault.permit(store.identity)
        try await store.createScope("private", key: key.versionless)
        try await store.put("secret", as: "note", in: "private")

        // Rotated: the new version is taken up, and the old one serves what it wrapped.
        try await store.rewrap(in: "private")
        let newer = try await key.rotate()
        #expect(newer.id != key.id)
        try await store.put("secret too", as: "note 2", in: "private")
        #expect(try await store.info("note 2", in: "private").keyIdentifier == newer.id)
        #expect(try await store.info("note", in: "private").keyIdentifier == key.id)
        #expect(try await vault.key("master").id == newer.id)
        try await newer.disable()
        let error = await #expect(throws: StoreError.self) {
            try await store.get("note 2", in: "private")
        }
        #expect(error?.code == .accessDenied)
        try await newer.enable()
        #expect(try await store.get("note 2", in: "private").text == "secret too")
    }

    @Test func `an opened object releases nothing after a revocation`() async throws {
        let store = try Store.inMemory()
        let vault = try await store.vaults.acting(as: .owner).create("mine")
        try await vault.permit(store.identity)
        try await store.createScope("private", key: vault.createKey("master").versionless)
        try await store.put(film(3_000_000), as: "film", in: "private")
        let object = try await store.open("film", in: "private")
        var parts = object.bytes().makeAsyncIterator()
        #expect(try await parts.next()?.count == 1 << 20)
        #expect(try await vault.revoke(store.identity).isConfirmed)
        let error = await #expect(throws: StoreError.self) { try await parts.next() }
        #expect(error?.code == .accessDenied)
        try await vault.permit(store.identity)
        #expect(try await parts.next()?.count == 1 << 20)
    }

    @Test func `an opened object outlives the key version that it was under`() async throws {
        let store = try Store.inMemory()
        let vault = try await store.vaults.acting(as: .owner).create("mine")
        try await vault.permit(store.identity)
        let key = try await vault.createKey("master")
        try await store.createScope("private", key: key.versionless)
        try await store.put(film(100_000), as: "film", in: "private")
        let object = try await store.open("film", in: "private")
        _ = try await key.rotate()
        try await store.rewrap(in: "private")
        try await store.retireKeyVersion(key.id, as: .owner)
        #expect(try await object.read().count == 100_000)
    }

    @Test func `options are said in one line`() async throws {
        let store = try Store.inMemory()
        try await store.put(
            "x", as: "o",
            options: PutOptions(
                condition: .absent, properties: ObjectProperties(contentType: "text/plain"),
                metadata: ["owner": "ann"]))
        let info = try await store.info("o")
        #expect(info.properties.contentType == "text/plain" && info.metadata == ["owner": "ann"])
        #expect(try await store.list(ListOptions(prefix: "o", limit: 1)).entries.count == 1)
    }

    @Test func `a key and a vault are backed up, and the key restored`() async throws {
        let store = try Store.inMemory()
        let owner = store.vaults.acting(as: .owner)
        let vault = try await owner.create("mine")
        let key = try await vault.createKey("key")
        let (ofKey, ofVault) = try await (key.backup(), vault.backup())
        #expect(ofKey != ofVault)
        let error = #expect(throws: VaultError.self) { try vault.restoreKey(from: ofKey) }
        #expect(error?.code == .alreadyExists)
        let other = #expect(throws: VaultError.self) { try owner.restore(from: ofVault) }
        #expect(other?.code == .alreadyExists)
    }

    @Test func `an object has versions, and comes back when it was removed`() async throws {
        let store = try Store.inMemory()
        try await store.put("the end", as: "film")
        let snapshot = try await store.snapshot("film")
        try await store.append(Array(", and more".utf8), to: "film")
        #expect(try await store.get(snapshot.name).text == "the end")
        #expect(try await store.versions(of: "film").map(\.name) == [snapshot.name])
        try await store.updateScope(
            .default, retention: RetentionPolicy(keepsRemovedFor: .seconds(3600)))
        try await store.remove("film")
        try await store.restoreVersions(of: "film")
        #expect(try await store.get("film").text == "the end, and more")
        let page = try await store.list(ListOptions(listsVersions: true))
        #expect(page.entries.map(\.name.base) == ["film"])
    }

    @Test func `an object is leased, and only who shows the lease changes it`() async throws {
        let store = try Store.inMemory()
        try await store.put("mine", as: "o")
        let lease = try await store.leases.acquire("o", for: .seconds(60))
        let error = await #expect(throws: StoreError.self) { try await store.remove("o") }
        #expect(error?.code == .leased)
        try await store.put("still", as: "o", options: PutOptions(condition: .leased(as: lease.id)))
        try await store.leases.release("o", lease.id)
        try await store.leases.setHold(ObjectHold(isHeld: true), on: "o")
        let held = await #expect(throws: StoreError.self) { try await store.remove("o") }
        #expect(held?.code == .held)
        try await store.leases.setHold(ObjectHold(), on: "o")
        try await store.remove("o")
    }
}
