import Foundation
import Sluice
import TestSupport
import Testing

/// Stores whose blobs are in an object store, which has no rename, no lock and nothing that stays open.
@Suite struct StoreElsewhereTests {
    /// A home whose blobs are in an object store, with small parts if it doesn't matter.
    private struct Remote {
        let home: TestHome
        let blobs: ObjectStoreDouble

        init(_ change: (inout ObjectStoreDouble.Rules) -> Void = { _ in }) throws {
            home = try TestHome()
            var rules = ObjectStoreDouble.Rules()
            rules.parts = BlobPartLimits(
                minimumByteCount: 64 << 10, maximumByteCount: 1 << 20, maximumCount: 100)
            change(&rules)
            blobs = ObjectStoreDouble(rules)
        }

        /// What tries again soon, and not for long.
        var retrying: RetryingBlobs {
            var policy = BlobRetryPolicy()
            policy.firstDelay = .milliseconds(1)
            policy.longestDelay = .milliseconds(4)
            return RetryingBlobs(blobs, policy: policy)
        }

        func open(workerCount: Int? = nil) throws(StoreError) -> Store {
            try Store.open(
                home.location, blobs: retrying, options: .fast(workerCount: workerCount))
        }

        func withStore<Value>(_ body: (Store) throws -> Value) throws -> Value {
            let store = try open()
            defer { try? store.close() }
            return try body(store)
        }
    }

    private static func large(_ seed: Int, _ byteCount: Int = 300_000) -> [UInt8] {
        patternedBytes(byteCount, seed: UInt64(seed))
    }

    // MARK: The main things

    @Test(arguments: [0, 60], [Compression.none, .lz4])
    func `what is put is got, whole and in ranges, until it is replaced or removed`(
        failuresPerThousand: Int, compression: Compression
    ) throws {
        let remote = try Remote { $0.failuresPerThousand = failuresPerThousand }
        let bytes = textBytes(500_000) + Self.large(1)
        try remote.withStore { store throws in
            try store.put(bytes, as: "a", options: .with(compression))
            try store.put(
                from: ClosureSource(bytes, pieceByteCount: 7777), as: "stream",
                options: .with(compression))
            try store.put([1, 2, 3], as: "small")
            #expect(try store.get("a") == bytes)
            #expect(try store.get("stream") == bytes)
            #expect(try store.get("small") == [1, 2, 3])
            for range in [0..<1, 65_500..<65_600, 400_000..<700_001] {
                #expect(try store.get("a", range: .offsets(range)) == Array(bytes[range]))
            }
            #expect(try store.get("a", range: .last(5)) == Array(bytes.suffix(5)))
            let sink = KeepingSink()
            try store.get("a", to: sink)
            #expect(sink.bytes == bytes)
            let path = remote.home.directory.path("out")
            try store.get("a", toFileAt: path)
            #expect(try remote.home.directory.read("out") == bytes)
            try store.put(Self.large(2), as: "a", options: .with())
            #expect(try store.get("a") == Self.large(2))
            try store.remove("stream")
            #expect(failure { try store.get("stream") } == .notFound)
            #expect(try store.verify().findings == [])
            #expect(try store.verifyWithoutKeys().findings == [])
            #expect(eventually { remote.blobs.counts.objects == 1 })
        }
        try remote.withStore { store throws in
            #expect(try store.get("a") == Self.large(2))
        }
        #expect(remote.home.files("staging").isEmpty)
        #expect(remote.blobs.counts.openUploads == 0)
        #expect((remote.blobs.counts.failures > 0) == (failuresPerThousand > 0))
    }

    @Test func `parts of 5 MiB are whole, and written while others are gathered`() throws {
        let remote = try Remote {
            $0.parts = ObjectStoreDouble.Rules().parts
            $0.latencyMicroseconds = 20_000
        }
        let pattern = Self.large(3, 100_003)
        var bytes: [UInt8] = []
        while bytes.count < 30 << 20 { bytes += pattern }
        let store = try remote.open(workerCount: 3)
        try store.put(bytes, as: "o", options: .with(chunkByteCount: 1 << 20))
        #expect(try store.get("o") == bytes)
        #expect(remote.blobs.counts.mostInFlight > 1)
        try store.close()
    }

    @Test func `many threads put, get and remove at once`() throws {
        let remote = try Remote { $0.failuresPerThousand = 20 }
        try remote.withStore { store throws in
            try together(4) { thread in
                for round in 0..<4 {
                    let name = try ObjectName("\(thread)/\(round % 2)")
                    let bytes = Self.large(thread * 10 + round, 150_000)
                    try store.put(bytes, as: name, options: .with())
                    #expect(try store.get(name) == bytes)
                    if round == 3 { try store.remove(name) }
                }
            }
            #expect(eventually { remote.blobs.counts.objects == 4 })
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `pins outlive what they were made of`() throws {
        let remote = try Remote()
        try remote.withStore { store throws in
            try store.put(Self.large(1), as: "o", options: .with())
            let pin = try store.pin("o")
            try store.put(Self.large(2), as: "o", options: .with())
            try store.remove("o")
            #expect(eventually { remote.blobs.counts.objects == 1 })
            #expect(try store.get(pinned: pin.id) == Self.large(1))
            try store.unpin(pin.id)
            #expect(eventually { remote.blobs.counts.objects == 0 })
        }
    }

    @Test func `a backup is a store with files`() throws {
        let remote = try Remote { $0.failuresPerThousand = 30 }
        let directory = remote.home.directory
        try remote.withStore { store throws in
            for seed in 0..<5 {
                try store.put(Self.large(seed), as: ObjectName("\(seed)"), options: .with())
            }
            try store.put([7], as: "small")
            try store.backup(to: directory.path("backup"))
        }
        let location = StoreLocation(
            store: directory.path("restored"), vaults: remote.home.location.vaults)
        try Store.restore(from: directory.path("backup"), to: location)
        let restored = try Store.open(location, options: .fast())
        for seed in 0..<5 {
            #expect(try restored.get(ObjectName("\(seed)")) == Self.large(seed))
        }
        #expect(try restored.get("small") == [7])
        #expect(try restored.verify().findings == [])
        try restored.close()
        #expect(directory.files(below: "restored/staging").isEmpty)
    }

    // MARK: What is overtaken

    @Test func `a get that is overtaken begins anew, unless some of it was delivered`() throws {
        let remote = try Remote { $0.latencyMicroseconds = 100 }
        let store = try remote.open(workerCount: 1)
        defer { try? store.close() }
        let old = Self.large(1)
        for isDelivered in [false, true] {
            try store.put(old, as: "o", options: .with())
            #expect(eventually { remote.blobs.counts.objects == 1 })
            let turn = Box(0)
            remote.blobs.onCall.update { handler in
                handler = { name in
                    guard name == "GetObject" else { return }
                    turn.update { $0 += 1 }
                    guard turn.value == (isDelivered ? 3 : 1) else { return }
                    do {
                        try store.put(Self.large(2), as: "o", options: .with())
                    } catch {
                        Issue.record(error)
                    }
                    let deadline = Deadline.seconds(30)
                    while remote.blobs.counts.objects > 1, !deadline.hasPassed { usleep(1000) }
                }
            }
            if isDelivered {
                let sink = KeepingSink()
                #expect(failure { try store.get("o", to: sink) } == .busy)
                #expect(sink.bytes == Array(old.prefix(sink.bytes.count)))
            } else {
                #expect(try store.get("o") == Self.large(2))
            }
            remote.blobs.onCall.update { $0 = nil }
            #expect(try store.get("o") == Self.large(2))
        }
    }

    // MARK: What goes wrong

    @Test func `an upload that was given up is settled by the next opening`() throws {
        let remote = try Remote()
        let store = try remote.open()
        try store.put(Self.large(1), as: "o", options: .with())
        remote.blobs.onCall.update { [blobs = remote.blobs] handler in
            handler = { if $0 == "CompleteMultipartUpload" { blobs.setDown(true) } }
        }
        let code = failure { try store.put(Self.large(2), as: "o", options: .with()) }
        #expect(code == .inputOutput)
        #expect(remote.blobs.counts.openUploads == 1)
        #expect(remote.home.files("staging").count == 1)
        #expect(failure { try store.get("o") } == .inputOutput)
        // Neither damage nor soundness.
        let report = try store.verify()
        #expect(report.damage.isEmpty && report.unverified.count == 1)
        try store.close()
        remote.blobs.onCall.update { $0 = nil }
        // It is still away: what can't be settled stays, and keeps nobody from the store.
        try remote.open().close()
        #expect(remote.home.files("staging").count == 1)
        remote.blobs.setDown(false)
        try remote.withStore { store throws in
            #expect(remote.blobs.counts.openUploads == 0)
            #expect(remote.blobs.counts.objects == 1)
            #expect(remote.home.files("staging").isEmpty)
            #expect(try store.get("o") == Self.large(1))
            #expect(try store.verify().findings == [])
        }
    }

    @Test func `what is removed while the backend is away is reaped later`() throws {
        let remote = try Remote()
        try remote.withStore { store throws in
            try store.put(Self.large(1), as: "o", options: .with())
            remote.blobs.setDown(true)
            try store.remove("o")
        }
        #expect(remote.blobs.counts.objects == 1)
        remote.blobs.setDown(false)
        try remote.withStore { _ in
            #expect(eventually { remote.blobs.counts.objects == 0 })
        }
    }

    @Test func `closing waits for no backend that is away`() throws {
        let remote = try Remote()
        // It would be tried for a minute.
        let store = try Store.open(remote.home.location, blobs: remote.blobs, options: .fast())
        try store.put(Self.large(1), as: "o", options: .with())
        remote.blobs.setDown(true)
        try store.remove("o")
        let clock = ContinuousClock()
        let time = try clock.measure { try store.close() }
        #expect(time < .seconds(20))
        remote.blobs.setDown(false)
        try remote.withStore { _ in
            #expect(eventually { remote.blobs.counts.objects == 0 })
        }
    }

    @Test func `a blob that is gone is damage, of its object alone`() throws {
        let remote = try Remote()
        try remote.withStore { store throws in
            try store.put(Self.large(1), as: "o", options: .with())
            try store.put([1], as: "small")
            remote.blobs.lose()
            #expect(failure { try store.get("o") } == .integrity)
            #expect(try store.get("small") == [1])
            #expect(try store.verify().damage.map(\.subject) == ["o"])
            #expect(try store.verifyWithoutKeys().damage.count == 1)
            let backup = remote.home.directory.path("backup")
            #expect(failure { try store.backup(to: backup) } == .integrity)
        }
        let report = try Store.repair(
            remote.home.location, blobs: remote.retrying, options: .fast(), withKeys: false)
        #expect(report.findings.map(\.outcome) == [.moved])
        try remote.withStore { store throws in
            #expect(failure { try store.get("o") } == .notFound)
            #expect(try store.get("small") == [1])
        }
    }

    @Test func `a repair moves blobs that no row names`() throws {
        let remote = try Remote()
        try remote.withStore { store throws in
            _ = try store.put(Self.large(1), as: "o", options: .with())
        }
        let stray = [UInt8](repeating: 9, count: 16)
        let bytes = Self.large(5, 100_000)
        try BlobConformance(backend: remote.blobs).put(bytes, stray)
        remote.blobs.settleListings()
        let report = try Store.repair(
            remote.home.location, blobs: remote.retrying, options: .fast())
        #expect(report.findings.map(\.outcome) == [.moved])
        #expect(remote.blobs.counts.objects == 1)
        let name = String(repeating: "09", count: 16)
        #expect(try remote.home.directory.read("store/lost+found/1/\(name)") == bytes)
        // The listing has it still.
        let again = try Store.repair(
            remote.home.location, blobs: remote.retrying, options: .fast())
        #expect(again.findings.isEmpty)
        try remote.withStore { store throws in
            #expect(try store.get("o") == Self.large(1))
        }
    }

    // MARK: Which backend

    @Test func `a store is not opened with blobs in another place than it was made with`() throws {
        let remote = try Remote()
        try remote.withStore { store throws in
            _ = try store.put(Self.large(1), as: "o", options: .with())
        }
        #expect(failure { try Store.open(remote.home.location) } == .invalidArgument)
        #expect(
            failure { try Store.repair(remote.home.location, options: .fast()) }
                == .invalidArgument)
        try remote.withStore { store throws in
            #expect(try store.get("o") == Self.large(1))
        }
        let home = try TestHome()
        try home.withStore { store throws in
            _ = try store.put(Self.large(1), as: "o", options: .with())
        }
        let code = failure { try Store.open(home.location, blobs: ObjectStoreDouble()) }
        #expect(code == .invalidArgument)
        try home.withStore { store throws in #expect(try store.get("o") == Self.large(1)) }
    }
}
