import Sluice
import SluiceAccess
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct VersionTests {
    private static let large = patternedBytes(300_000, seed: 1)
    private static let small = patternedBytes(5000, seed: 2)

    private func keep(
        _ store: Store, versions: Bool = false, removedSeconds: Int = 0
    ) throws {
        try store.put([0], as: "first")
        try store.updateScope(
            .default,
            retention: RetentionPolicy(
                keepsVersions: versions, keepsRemovedFor: .seconds(removedSeconds)))
    }

    private func expectSound(_ store: Store) throws {
        #expect(try store.verify().findings == [])
        #expect(try store.verifyWithoutKeys().findings == [])
    }

    // MARK: Snapshots

    @Test(arguments: [small, large])
    func `a snapshot stays as it is, whatever becomes of the object`(bytes: [UInt8]) throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        var options = PutOptions.with(.none)
        options.metadata = ["a": "b"]
        options.properties.contentType = "text/plain"
        try store.put(bytes, as: "d/film", options: options)
        let blobCount = home.files("blobs").count
        let info = try store.info("d/film")
        let snapshot = try store.snapshot("d/film")
        #expect(home.files("blobs").count == blobCount)
        #expect(snapshot.name.base == "d/film" && snapshot.name.version?.kind == .snapshot)
        #expect(snapshot.metadata == info.metadata && snapshot.properties == info.properties)
        #expect(snapshot.entityTag == info.entityTag && snapshot.id == info.id)
        #expect(try store.versions(of: "d/film") == [snapshot])
        #expect(try store.scope(.default).census.map(\.objectCount) == [2])
        try store.put([1], as: "d/film")
        #expect(try store.get(snapshot.name) == bytes)
        #expect(try store.get(snapshot.name, range: .offsets(7..<900)) == Array(bytes[7..<900]))
        try store.remove("d/film")
        #expect(try store.get(snapshot.name) == bytes)
        #expect(try store.info(snapshot.name) == snapshot)
        #expect(try store.list().entries.isEmpty)
        try expectSound(store)
        try store.copy(snapshot.name, to: "d/film")
        #expect(try store.get("d/film") == bytes)
        try store.remove(snapshot.name)
        #expect(failure { try store.get(snapshot.name) } == .notFound)
        #expect(try store.versions(of: "d/film") == [])
        try store.remove("d/film")
        #expect(eventually { home.files("blobs").isEmpty })
        #expect(try home.integer("SELECT count(*) FROM directories") == 0)
        #expect(try home.integer("SELECT count(*) FROM wrapped_keys") == 0)
    }

    @Test func `a snapshot of an object of extents shares its blobs`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put(Self.large, as: "film")
        try store.append([1, 2, 3], to: "film")
        let before = home.files("blobs").count
        let snapshot = try store.snapshot("film")
        #expect(home.files("blobs").count == before)
        try store.write([9], to: "film", at: 0)
        try store.remove("film")
        #expect(try store.get(snapshot.name) == Self.large + [1, 2, 3])
        try expectSound(store)
        try store.remove(snapshot.name)
        #expect(eventually { home.files("blobs").isEmpty })
    }

    @Test func `nothing is written where a version is`() throws {
        let store = try Store.inMemory()
        try store.put([1], as: "o")
        try store.put([2], as: "other")
        let name = try store.snapshot("o").name
        #expect(failure { try store.put([2], as: name) } == .invalidName)
        #expect(failure { try store.append([2], to: name) } == .invalidName)
        #expect(failure { try store.beginUpload(name) } == .invalidName)
        #expect(failure { try store.rename(name, to: "n") } == .invalidName)
        #expect(failure { try store.rename("other", to: name) } == .invalidName)
        #expect(failure { try store.copy("other", to: name) } == .invalidName)
        #expect(failure { try store.update(name) { $0.metadata = ["a": "b"] } } == .invalidName)
        #expect(failure { try store.snapshot(name) } == .invalidName)
        #expect(failure { try store.versions(of: name) } == .invalidName)
        #expect(try store.get(name) == [1])
        let pin = try store.pin(name)
        #expect(try store.get(pinned: pin.id) == [1])
        #expect(pin.object.name == name)
    }

    @Test func `a condition that isn't met makes no snapshot`() throws {
        let store = try Store.inMemory()
        let tag = try store.put([1], as: "o").entityTag
        try store.put([2], as: "o")
        #expect(failure { try store.snapshot("o", if: .matches(tag)) } == .conditionNotMet)
        #expect(failure { try store.snapshot("none") } == .notFound)
        #expect(try store.versions(of: "o") == [])
    }

    @Test func `what works without a key tells rows with one id apart`() throws {
        let store = try Store.inMemory()
        try store.put([1], as: "o")
        for _ in 0..<3 { try store.snapshot("o") }
        try store.put([2], as: "other")
        var entries: [ObjectIDEntry] = []
        while true {
            let page = try store.objectIDs(after: entries.last, limit: 1)
            guard !page.isEmpty, entries.count < 10 else { break }
            entries += page
        }
        #expect(entries.count == 5 && Set(entries.map(\.id)).count == 2)
        try store.remove(id: store.info("o").id)
        #expect(failure { try store.get("o") } == .notFound)
        #expect(try store.versions(of: "o") == [])
        #expect(try store.get("other") == [2])
        try expectSound(store)
    }

    // MARK: Versions

    @Test(arguments: [small, large])
    func `a scope that keeps versions loses no state of an object`(bytes: [UInt8]) throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try keep(store, versions: true)
        #expect(try store.scope(.default).retention.keepsVersions)
        let states = (0..<3).map { [UInt8($0)] + bytes }
        for state in states { try store.put(state, as: "a/o") }
        var versions = try store.versions(of: "a/o")
        #expect(try versions.map { try store.get($0.name) } == Array(states[..<2]))
        #expect(versions.allSatisfy { $0.name.version?.kind == .version })
        try store.remove("a/o")
        #expect(failure { try store.get("a/o") } == .notFound)
        versions = try store.versions(of: "a/o")
        #expect(try versions.map { try store.get($0.name) } == states)
        #expect(failure { try store.remove("a/o") } == .notFound)
        try store.copy(versions[1].name, to: "a/o")
        #expect(try store.get("a/o") == states[1])
        #expect(try store.versions(of: "a/o").count == 3)
        try expectSound(store)
        // By a listing as well, between those of other names.
        for name: ObjectName in ["a/n", "a/o-", "a/oo", "b", "a"] {
            try store.put([1], as: name)
            try store.remove(name)
        }
        let listed = try store.list(ListOptions(listsVersions: true)).entries.map(\.name.base)
        #expect(listed == ["a", "a/n", "a/o", "a/o", "a/o", "a/o-", "a/oo", "b"])
        var after: ObjectName?
        var paged: [ObjectName] = []
        repeat {
            let page = try store.list(
                ListOptions(prefix: "a/o", after: after, limit: 2, listsVersions: true))
            paged += page.entries.map(\.name)
            after = page.next
        } while after != nil
        #expect(paged.map(\.base) == ["a/o", "a/o", "a/o", "a/o-", "a/oo"])
        #expect(try store.list().entries.map(\.name) == ["a/o", "first"])
    }

    @Test func `properties and metadata leave a version when they change, notes don't`() throws {
        let store = try Store.inMemory()
        try keep(store, versions: true)
        try store.put([1], as: "o")
        try store.update("o") { $0.properties.tags = ["a": "b"] }
        #expect(try store.versions(of: "o") == [])
        let old = try store.info("o")
        try store.update("o") { $0.metadata = ["a": "b"] }
        let version = try #require(try store.versions(of: "o").first)
        #expect(version.metadata == [:] && version.entityTag == old.entityTag)
        try store.append([2], to: "o")
        #expect(try store.versions(of: "o").count == 1)
        try store.put([3], as: "other")
        try store.rename("o", to: "other")
        #expect(try store.get(store.versions(of: "other")[0].name) == [3])
        _ = try store.removeTree("")
        #expect(try store.versions(of: "other").count == 2)
        try expectSound(store)
    }

    @Test func `a policy holds for processes that knew another`() throws {
        let home = try TestHome()
        let (one, other) = (try home.open(), try home.open())
        defer {
            try? one.close()
            try? other.close()
        }
        for name: ObjectName in ["put", "small", "removed", "updated", "target", "source"] {
            try other.put(name == "put" ? Self.large : Self.small, as: name)
        }
        try one.updateScope(.default, retention: RetentionPolicy(keepsVersions: true))
        try other.put(Self.large, as: "put")
        try other.put([1], as: "small")
        try other.remove("removed")
        try other.update("updated") { $0.metadata = ["a": "b"] }
        try other.rename("source", to: "target")
        for name: ObjectName in ["put", "small", "removed", "updated", "target"] {
            #expect(try one.versions(of: name).count == 1, "\(name)")
        }
        try one.updateScope(.default, retention: RetentionPolicy())
        try other.remove("put")
        #expect(try one.versions(of: "put").count == 1)
        let snapshot = try other.snapshot("small")
        try one.updateScope(
            .default, retention: RetentionPolicy(keepsRemovedFor: .seconds(3600)))
        try other.remove(snapshot.name)
        #expect(try one.versions(of: "small").contains { $0.name == snapshot.name })
        try expectSound(one)
    }

    @Test func `versions come under another key with everything else`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let vault = try store.vaults.acting(as: .owner).create("mine")
        try vault.permit(store.identity)
        let key = try vault.createKey("key")
        try store.createScope("theirs", key: key.versionless)
        try store.put(Self.large, as: "film", in: "theirs")
        let snapshot = try store.snapshot("film", in: "theirs")
        _ = try key.rotate()
        _ = try store.rewrap(in: "theirs")
        try store.put([1], as: "film", in: "theirs")
        #expect(try store.get(snapshot.name, in: "theirs") == Self.large)
        #expect(try store.scope("theirs").census.filter { $0.objectCount > 0 }.count == 1)
        let removal = try store.removeScope("theirs")
        #expect(removal.objectCount == 2)
        #expect(eventually { home.files("blobs").isEmpty })
    }

    @Test func `of many changes at once each leaves its version`() async throws {
        let store = try Store.inMemory()
        try keep(store, versions: true)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    if number % 5 == 4 {
                        try? await store.remove("o")
                    } else {
                        try await store.put([UInt8(number)], as: "o")
                    }
                }
            }
            try await group.waitForAll()
        }
        let versions = try await store.versions(of: "o")
        let current = try? await store.get("o")
        var seen: [[UInt8]] = current.map { [$0] } ?? []
        for version in versions { seen.append(try await store.get(version.name)) }
        #expect(Set(seen).count == 32 && seen.count == 32)
    }

    // MARK: What is removed

    @Test func `what is removed comes back until it is due`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try keep(store, removedSeconds: 3600)
        try store.put(Self.large, as: "o")
        let snapshot = try store.snapshot("o")
        try store.put(Self.small, as: "o")
        try store.remove(snapshot.name)
        try store.remove("o")
        for name in [snapshot.name, "o"] {
            #expect(failure { try store.get(name) } == .notFound)
            #expect(failure { try store.info(name) } == .notFound)
            #expect(failure { try store.remove("o") } == .notFound)
        }
        let kept = try store.versions(of: "o")
        #expect(kept.map(\.name.version?.kind) == [.snapshot, .snapshot, .removed])
        #expect(kept.allSatisfy { $0.removal != nil })
        #expect(failure { try store.copy(kept[2].name, to: "other") } == .notFound)
        try expectSound(store)
        let restored = try store.restoreVersions(of: "o")
        #expect(restored.first?.name == "o" && restored.count == 3)
        #expect(try store.get("o") == Self.small)
        #expect(try store.get(snapshot.name) == Self.large)
        #expect(try store.versions(of: "o").allSatisfy { $0.removal == nil })
        #expect(failure { try store.restoreVersions(of: "o") } == .notFound)
        // With another in its place, it comes back as a snapshot.
        try store.remove("o")
        try store.put([7], as: "o")
        try store.restoreVersions(of: "o")
        #expect(try store.get("o") == [7])
        #expect(try store.versions(of: "o").count == 3)
        // Removed twice, a version is gone for good.
        for version in try store.versions(of: "o") {
            try store.remove(version.name)
            try store.remove(version.name)
        }
        #expect(failure { try store.restoreVersions(of: "o") } == .notFound)
        try expectSound(store)
    }

    @Test func `what is due is gone, and nothing else is that the catalog calls so`() throws {
        let home = try TestHome()
        let clock = ManualClock(milliseconds: WallClock.nowMilliseconds)
        var options = StoreOptions.fast()
        options.clock = clock
        try home.withStore(options) { store throws in
            try keep(store, removedSeconds: 1)
            try store.put(Self.large, as: "due")
            try store.put(Self.small, as: "current")
            try store.remove("due")
            try store.updateScope(
                .default, retention: RetentionPolicy(keepsRemovedFor: .seconds(3600)))
            try store.put(Self.large, as: "later")
            try store.remove("later")
        }
        // The hint is no proof, be it no number.
        try home.sql("UPDATE objects SET due = 1")
        let copy = try TestHome(copying: home)
        clock.advance(bySeconds: 60)
        try home.withStore(options) { store throws in
            #expect(eventually { (try? store.versions(of: "due").isEmpty) ?? false })
            #expect(try store.get("current") == Self.small)
            #expect(try store.versions(of: "later").count == 1)
            #expect(
                eventually {
                    (try? home.integer("SELECT count(*) FROM objects WHERE due = 1")) == 0
                })
            try store.restoreVersions(of: "later")
            #expect(try store.get("later") == Self.large)
            #expect(eventually { home.files("blobs").count == 1 })
            try expectSound(store)
        }
        try copy.sql("UPDATE objects SET due = 1.5")
        try copy.withStore(options) { store throws in
            #expect(!(try store.verify().findings.isEmpty))
            try store.remove("current")
        }
        _ = try Store.repair(copy.location, options: options)
        try copy.withStore(options) { store throws in
            #expect(eventually { (try? store.versions(of: "due").isEmpty) ?? false })
            #expect(try store.versions(of: "later").count == 1)
            try expectSound(store)
        }
    }

    @Test func `a clock that may have been set removes nothing for good`() throws {
        let home = try TestHome()
        let clock = SetClock()
        var options = StoreOptions.fast()
        options.clock = clock
        func isKept() throws -> Bool {
            try home.withStore(options) { store throws in
                try store.put(Self.large, as: "garbage")
                try store.remove("garbage")
                try store.remove(store.versions(of: "garbage")[0].name)
                #expect(eventually { home.files("blobs").count <= 1 })
                return try store.versions(of: "o").count == 1
            }
        }
        try home.withStore(options) { store throws in
            try keep(store, removedSeconds: 10)
            try store.put(Self.large, as: "o")
            try store.remove("o")
        }
        // Nothing was noted: the machine has just been started, perhaps with a clock that is years ahead.
        clock.advance(wall: 1 << 26, boot: 20)
        #expect(try isKept())
        // It has been set since, and may be set forth once more.
        clock.advance(wall: 86_400, boot: 86_400)
        _ = try isKept()
        #expect(try home.integer("SELECT count(*) FROM moments") == 1)
        try home.withStore(options) { store throws in
            try store.put(Self.large, as: "p")
            try store.remove("p")
            clock.advance(wall: 1 << 26, boot: 20)
            try store.remove("first")
            #expect(try store.versions(of: "p").count == 1)
            clock.advance(wall: 60 - (1 << 26), boot: 60)
        }
        try home.withStore(options) { store throws in
            #expect(eventually { (try? store.versions(of: "o").isEmpty) ?? false })
            #expect(eventually { (try? store.versions(of: "p").isEmpty) ?? false })
        }
    }

    @Test func `of two who remove a version at once none removes it for good`() throws {
        for _ in 0..<20 {
            let store = try Store.inMemory()
            try keep(store, removedSeconds: 3600)
            try store.put([1], as: "o")
            let name = try store.snapshot("o").name
            let failures = Box(0)
            try together(2) { _ in
                do {
                    try store.remove(name)
                } catch let error as StoreError where error.code == .notFound {
                    failures.update { $0 += 1 }
                }
            }
            // Unless the second began when the first had ended.
            if failures.value == 1 { #expect(try store.versions(of: "o").count == 1) }
        }
    }

    // MARK: Damage

    @Test func `a version can't stand for its object, nor another version`() throws {
        let home = try TestHome()
        let (tag, old, new) = try home.withStore { store throws in
            try keep(store, versions: true)
            for number in 0..<3 { try store.put([UInt8(number)], as: "o") }
            let scope = try store.registry.scope(named: .default)
            let versions = try store.versions(of: "o").map(\.name)
            return (
                try store.finder.tag(of: "o", in: scope),
                try store.finder.tag(of: versions[0], in: scope),
                try store.finder.tag(of: versions[1], in: scope)
            )
        }
        func hexadecimal(_ tag: [UInt8]) -> String { "x'\(String(hexadecimal: tag))'" }
        for (from, to) in [(old, tag), (old, new)] {
            let copy = try TestHome(copying: home)
            try copy.sql(
                "DELETE FROM objects WHERE tag = \(hexadecimal(to))",
                "UPDATE objects SET tag = \(hexadecimal(to)) WHERE tag = \(hexadecimal(from))")
            try copy.withStore { store throws in
                #expect(!(try store.verify().findings.isEmpty))
                if to == tag { #expect(failure { try store.get("o") } == .integrity) }
                #expect(failure { try store.versions(of: "o") } == .integrity)
            }
        }
    }

    @Test func `a catalog that is rebuilt has the versions, and what the scope keeps`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try keep(store, versions: true, removedSeconds: 77)
            for bytes in [Self.small, Self.large, [1]] { try store.put(bytes, as: "d/o") }
            try store.snapshot("d/o")
        }
        try home.sql("DELETE FROM directories")
        try home.damageCatalogHeader()
        let report = try Store.repair(home.location, options: .fast())
        #expect(!report.findings.contains { $0.outcome != .mended })
        try home.withStore { store throws in
            let versions = try store.versions(of: "d/o")
            #expect(try versions.map { try store.get($0.name) } == [Self.small, Self.large, [1]])
            #expect(try store.list(ListOptions(listsVersions: true)).entries.count == 3)
            #expect(try store.scope(.default).retention.keepsRemovedFor == .seconds(77))
            try expectSound(store)
        }
    }

    // MARK: Names

    @Test func `an id is a time, and one text`() throws {
        let text = "2026-11-30T10:25:16.1234567Z"
        let id = try #require(VersionID(text))
        #expect(id.description == text && id.number == 17_960_343_161_234_567)
        for wrong in [
            "", "2026-11-30T10:25:16.123456Z", "2026-02-30T10:25:16.1234567Z",
            "1969-12-31T23:59:59.9999999Z", "2026-11-30T24:25:16.1234567Z",
            "2026-11-30 10:25:16.1234567Z", "2026-11-30T10:25:60.1234567Z",
        ] { #expect(VersionID(wrong) == nil, "\(wrong)") }
        for text in [
            "1970-01-01T00:00:00.0000000Z", "2000-02-29T23:59:59.9999999Z",
            "2100-03-01T00:00:00.0000001Z", "9999-12-31T23:59:59.9999999Z",
        ] { #expect(VersionID(text)?.description == text) }
        let name: ObjectName = "a/b"
        let version = ObjectVersion(id: id, kind: .snapshot)
        #expect(name.at(version).version == version && name.at(version).base == name)
        #expect(name.at(version).at(version) == name.at(version))
        #expect("\(name.at(version))" == "a/b@\(text)")
        #expect(name.version == nil && name.base == name)
        #expect(VersionID.now() < VersionID.now())
    }

    @Test func `the longest name has versions`() throws {
        let store = try Store.inMemory()
        let name = try ObjectName(String(repeating: "n", count: 4096))
        try store.put([1], as: name)
        let snapshot = try store.snapshot(name)
        #expect(try store.get(snapshot.name) == [1])
        #expect(try store.versions(of: name).map(\.name.base) == [name])
        #expect(try store.list(ListOptions(listsVersions: true)).entries.count == 1)
        try expectSound(store)
    }
}

/// A clock that is set while the machine runs.
private final class SetClock: SettableClock {
    private let seconds = Box((wall: WallClock.nowMilliseconds / 1000, boot: 5))

    func advance(wall: Int, boot: Int) {
        seconds.update {
            $0.wall += wall
            $0.boot += boot
        }
    }

    func nowMilliseconds() -> Int { seconds.value.wall * 1000 }

    func bootMoment() -> BootMoment? {
        BootMoment(wallSeconds: seconds.value.wall, secondsSinceBoot: seconds.value.boot, boot: "b")
    }
}
