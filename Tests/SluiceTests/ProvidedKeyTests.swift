import Sluice
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceEngine

/// Objects that are sealed with a key which callers provide each time (FORMAT section 4).
@Suite(.timeLimit(.minutes(2))) struct ProvidedKeyTests {
    private let key: ProvidedKey
    private let other: ProvidedKey
    private let small = patternedBytes(5000, seed: 1)
    private let large = patternedBytes(90_000, seed: 2)

    init() throws {
        key = try ProvidedKey(patternedBytes(32, seed: 7))
        other = try ProvidedKey(patternedBytes(32, seed: 8))
    }

    private var sealing: PutOptions {
        var options = PutOptions.with()
        options.providedKey = key
        options.metadata = ["who": "me"]
        return options
    }

    private static let names: [ObjectName] = ["small", "large", "more", "parts"]

    /// Objects of each kind, and what is in them.
    private func fill(_ store: Store) throws -> [ObjectName: [UInt8]] {
        try store.put(small, as: "small", options: sealing)
        try store.put(large, as: "large", options: sealing)
        try store.put(large, as: "more", options: sealing)
        try store.append([1, 2, 3], to: "more", if: .sealed(with: key))
        let upload = try store.beginUpload("parts", options: sealing)
        try upload.put(large, id: "1")
        try upload.put(small, id: "2")
        try upload.commit(["2", "1"])
        return [
            "small": small, "large": large, "more": large + [1, 2, 3], "parts": small + large,
        ]
    }

    @Test func `they are read with the key, and with no other, hot and cold`() throws {
        let home = try TestHome()
        let (store, elsewhere) = (try home.open(), try home.open())
        defer { for store in [store, elsewhere] { try? store.close() } }
        let contents = try fill(store)
        for _ in 0..<2 {
            for store in [store, elsewhere] {
                for (name, bytes) in contents {
                    #expect(try store.get(name, if: .sealed(with: key)) == bytes)
                    #expect(failure { try store.get(name) } == .keyMismatch)
                    #expect(
                        failure { try store.get(name, if: .sealed(with: other)) } == .keyMismatch)
                    let info = try store.info(name)
                    #expect(info.metadata == ["who": "me"] && info.providedKeyDigest?.count == 32)
                    let open = try store.open(name, if: .sealed(with: key))
                    #expect(try open.read() == bytes)
                    #expect(failure { try store.open(name) } == .keyMismatch)
                }
            }
        }
    }

    @Test func `an object without one takes none`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        try store.put(small, as: "o")
        for _ in 0..<2 {
            #expect(failure { try store.get("o", if: .sealed(with: key)) } == .keyMismatch)
            #expect(try store.get("o") == small)
        }
    }

    @Test func `a key has 32 bytes`() throws {
        for count in [0, 31, 33] {
            #expect(
                failure { _ = try ProvidedKey([UInt8](repeating: 1, count: count)) }
                    == .invalidArgument)
        }
        #expect(try ProvidedKey(patternedBytes(32, seed: 7)) == key)
        #expect(key != other)
    }

    @Test func `edits take the key, and leave the object under it`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        _ = try fill(store)
        for name in Self.names {
            for condition in [Condition.always, .sealed(with: other)] {
                #expect(failure { try store.append([9], to: name, if: condition) } == .keyMismatch)
                #expect(
                    failure { try store.write([9], to: name, at: 0, if: condition) } == .keyMismatch
                )
                #expect(
                    failure { try store.resize(name, to: 10, if: condition) } == .keyMismatch)
            }
            try store.write([9], to: name, at: 1, if: .sealed(with: key))
            try store.resize(name, to: 4500, if: .sealed(with: key))
            let bytes = try store.get(name, if: .sealed(with: key))
            #expect(bytes.count == 4500 && bytes[1] == 9)
            #expect(failure { try store.get(name) } == .keyMismatch)
        }
    }

    @Test func `names, properties, metadata, snapshots and versions need none, and keep it`() throws
    {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        let contents = try fill(store)
        for (name, bytes) in contents {
            try store.update(name) { attributes in
                attributes.metadata["more"] = "x"
                attributes.properties.tags = ["a": "b"]
            }
            let snapshot = try store.snapshot(name)
            let new = try ObjectName("new/\(name)")
            try store.rename(name, to: new)
            for name in [new, snapshot.name] {
                #expect(try store.get(name, if: .sealed(with: key)) == bytes)
                #expect(failure { try store.get(name) } == .keyMismatch)
            }
        }
        #expect(try store.list(.init(isRecursive: true)).entries.count == contents.count)
        #expect(failure { try store.pin("new/large") } == .keyMismatch)
        for name in contents.keys { try store.remove(try ObjectName("new/\(name)")) }
    }

    @Test func `copies are sealed with the key that they are given`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        for (name, bytes) in try fill(store) {
            #expect(failure { try store.copy(name, to: "c") } == .keyMismatch)
            try store.copy(name, to: "plain", sourceKey: key)
            #expect(try store.get("plain") == bytes)
            try store.copy(name, to: "c", sourceKey: key, providedKey: other)
            #expect(try store.get("c", if: .sealed(with: other)) == bytes)
            #expect(failure { try store.get("c", if: .sealed(with: key)) } == .keyMismatch)
            try store.copy("plain", to: "back", providedKey: key)
            #expect(try store.get("back", if: .sealed(with: key)) == bytes)
        }
    }

    @Test func `parts are committed with the key that they were put with`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        let upload = try store.beginUpload("o", options: sealing)
        try upload.put(large, id: "1")
        var options = sealing
        for wrong in [nil, other] {
            options.providedKey = wrong
            let upload = try store.beginUpload("o", options: options)
            #expect(failure { try upload.commit(["1"]) } == .keyMismatch)
        }
        try upload.commit(["1"])
        try upload.put(small, id: "2")
        try upload.commit(["1", "2"])
        #expect(try store.get("o", if: .sealed(with: key)) == large + small)
        let plain = try store.beginUpload("p")
        try plain.put(small, id: "1")
        #expect(
            failure { try store.beginUpload("p", options: sealing).commit(["1"]) } == .keyMismatch)
    }

    @Test func `sweeps, verification, repair, census and retirement leave them alone`() throws {
        let home = try TestHome()
        var store = try home.open()
        let customer = try Customer(store)
        let contents = try fill(store)
        try store.put(small, as: "without")
        let newer = try customer.rotate()
        try store.rewrap()
        _ = try store.retireKeyVersion(customer.first, waitingSeconds: 60, as: .owner)
        #expect(try customer.census == [newer: contents.count + 1])
        let report = try store.verify()
        #expect(report.findings == [] && report.providedKeyCount == contents.count)
        #expect(report.byteCount == small.count)
        try store.close()
        let repair = try Store.repair(home.location)
        // Which blobs are theirs can't be seen without the key: so blobs that no row names stay.
        #expect(repair.findings.map(\.outcome) == [.left])
        store = try home.open()
        defer { try? store.close() }
        for (name, bytes) in contents {
            #expect(try store.get(name, if: .sealed(with: key)) == bytes)
        }
    }

    @Test func `a blob of theirs that is gone or cut is found`() throws {
        let home = try TestHome()
        try home.withStore { store in _ = try store.put(large, as: "large", options: sealing) }
        func damageCount() throws -> Int {
            try home.withStore { store in try store.verify().damage.count }
        }
        try home.sql("UPDATE objects SET stored_byte_count = stored_byte_count + 1")
        #expect(try damageCount() == 1)
        try home.sql("UPDATE objects SET stored_byte_count = stored_byte_count - 1")
        #expect(try damageCount() == 0)
        try home.sql("UPDATE blobs SET file = randomblob(16)")
        #expect(try damageCount() > 0)
    }

    @Test func `metadata are given to one that has none, for the scope that it is sealed for`()
        throws
    {
        let home = try TestHome()
        try home.withStore { store in
            for scope in ["a", "b"] as [ScopeName] { try store.createScope(scope) }
            var options = sealing
            (options.metadata, options.encryptionScope) = ([:], "a")
            try store.put(small, as: "o", options: options)
            try store.put(small, as: "p", options: options)
            try store.update("o") { $0.metadata = ["x": "y"] }
            let metadata = try store.info("o").metadata
            precondition(metadata == ["x": "y"], "metadata are lost")
        }
        // Another's name, none, and what isn't one: nothing is sealed for it.
        for scope in ["(SELECT id FROM scopes WHERE name = 'b')", "NULL"] {
            try home.sql("UPDATE objects SET encryption = \(scope)")
            let (code, damage) = try home.withStore { store in
                (
                    failure { try store.update("p") { $0.metadata = ["x": "y"] } },
                    try store.verify().damage.count
                )
            }
            #expect(code == .integrity && damage >= 2)
        }
    }

    @Test func `a pin takes the key once`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        for (name, bytes) in try fill(store) {
            #expect(failure { try store.pin(name, if: .sealed(with: other)) } == .keyMismatch)
            let pin = try store.pin(name, if: .sealed(with: key))
            try store.remove(name)
            #expect(try store.get(pinned: pin.id) == bytes)
        }
    }

    @Test func `a repair of a catalog without its extents leaves their blobs alone`() throws {
        let home = try TestHome()
        let contents = try home.withStore { store in try fill(store) }
        try home.sql("DELETE FROM extents", "INSERT OR IGNORE INTO uncounted_extents VALUES (1)")
        _ = try Store.repair(home.location)
        let store = try home.open()
        defer { try? store.close() }
        for (name, bytes) in contents {
            #expect(try store.get(name, if: .sealed(with: key)) == bytes)
        }
    }

    @Test func `that a key is needed is told through the gate`() throws {
        let releases = Mutex(0)
        var options = StoreOptions.fast()
        options.seams.onRelease = { moment in
            if moment == .entered { releases.withLock { $0 += 1 } }
        }
        let store = try Store.inMemory(options: options)
        defer { try? store.close() }
        _ = try fill(store)
        for name in Self.names {
            let before = releases.withLock { $0 }
            #expect(failure { try store.get(name) } == .keyMismatch)
            #expect(releases.withLock { $0 } == before + 1)
        }
    }

    @Test func `verification tells of a wrapped key that is damaged`() throws {
        let home = try TestHome()
        try home.withStore { store in _ = try store.put(large, as: "large", options: sealing) }
        try home.sql("UPDATE wrapped_keys SET wrapped = randomblob(256)")
        let report = try home.withStore { store in try store.verify() }
        #expect(report.damage.count == 1 && report.providedKeyCount == 0)
    }
}
