import Sluice
import SluiceAccess
import SluiceNative
import SluiceVault
import Synchronization
import TestSupport
import Testing

@testable import SluiceEngine

/// What a store does once access to its key is taken away, and after it is given back.
@Suite struct RevocationTests {
    private let small = patternedBytes(5000, seed: 1)
    private let large = patternedBytes(90_000, seed: 2)

    private func fill(_ store: Store) throws {
        try store.put(small, as: "small", options: .with())
        try store.put(large, as: "large", options: .with())
    }

    private func warm(_ store: Store) throws {
        #expect(try store.get("small") == small)
        #expect(try store.get("large") == large)
    }

    @Test(arguments: RevocationKind.allCases)
    func `every operation is refused for the right cause, in stores that are open and hot`(
        kind: RevocationKind
    ) throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try Customer(store)
        try fill(store)
        for store in [store, other] { try warm(store) }
        let directory = try TemporaryDirectory()
        try kind.revoke(customer)
        for store in [store, other] {
            for operation in StoreOperation.all {
                let error = thrown { try operation.run(store, directory) }
                #expect(error?.code == kind.code, "\(operation.testDescription)")
                #expect(error?.vaultCode == kind.cause, "\(operation.testDescription)")
            }
            #expect(!directory.exists("got"))
            #expect(directory.files() == [])
            #expect(try store.objectIDs().count == 2)
            #expect(try store.scopes().count == 1)
            #expect(try store.verifyWithoutKeys().findings == [])
        }
        try kind.restore(customer)
        for store in [store, other] { try warm(store) }
        #expect(try store.list().entries.map(\.name) == ["large", "small"])
        #expect(try other.verify().findings == [])
    }

    @Test func `a disabled older version takes what is under it away, and nothing else`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store)
        try warm(store)
        let current = try customer.rotate()
        try store.put([7], as: "new")
        #expect(try store.get("new") == [7])
        try customer.disable(customer.first)
        let directory = try TemporaryDirectory()
        let reads: [StoreOperation] = StoreOperation.all.filter {
            [
                "get", "get of a large one", "get of a range", "get to a file", "get to a callback",
                "info", "copy", "verify", "verify of one", "pin", "rewrap",
            ].contains($0.testDescription)
        }
        #expect(reads.count == 11)
        for operation in reads {
            let error = thrown { try operation.run(store, directory) }
            #expect(error?.code == .accessDenied, "\(operation.testDescription)")
            #expect(error?.vaultCode == .keyDisabled, "\(operation.testDescription)")
        }
        #expect(directory.files() == [])
        #expect(try store.get("new") == [7])
        #expect(try store.info("new").keyIdentifier == current)
        try store.put([8], as: "small")
        #expect(try store.get("small") == [8])
        #expect(try store.list().entries.count == 3)
        try customer.enable(customer.first)
        #expect(try store.get("large") == large)
    }

    // MARK: In flight

    /// Gets `large` by `body`, which is given a progress handler that takes the access away.
    private func revokeDuring(
        _ body: (Store, @escaping ProgressHandler) throws -> Void
    ) throws {
        let home = try TestHome()
        let store = try home.open(.fast(workerCount: 2))
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store)
        let isRevoked = Box(false)
        let error = thrown {
            try body(store) { _, _ in
                guard !isRevoked.value else { return }
                isRevoked.update { $0 = true }
                try? RevocationKind.identityOff.revoke(customer)
            }
        }
        #expect(isRevoked.value)
        #expect(error?.code == .accessDenied)
        #expect(error?.vaultCode == .identityDisabled)
    }

    @Test func `a get to a file in flight fails and leaves no file`() throws {
        let directory = try TemporaryDirectory()
        try revokeDuring { store, progress in
            try store.get("large", toFileAt: directory.path("got"), progress: progress)
        }
        #expect(directory.files() == [])
    }

    @Test func `a get to a file in flight leaves what was there before`() throws {
        let directory = try TemporaryDirectory()
        try directory.write([1, 2, 3], to: "got")
        try revokeDuring { store, progress in
            try store.get("large", toFileAt: directory.path("got"), progress: progress)
        }
        #expect(try directory.read("got") == [1, 2, 3])
        #expect(directory.files() == ["got"])
    }

    @Test func `a put in flight doesn't commit`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store)
        let bytes = ClosureSource(patternedBytes(200_000), pieceByteCount: 4096)
        let count = Box(0)
        let source = ClosureSource { buffer in
            count.update { $0 += 1 }
            if count.value == 40 { try RevocationKind.policyRemoved.revoke(customer) }
            return try bytes.read(into: &buffer)
        }
        let error = thrown { try store.put(from: source, as: "small", options: .with()) }
        #expect(count.value > 40)
        #expect(error?.code == .accessDenied)
        try RevocationKind.policyRemoved.restore(customer)
        #expect(try store.get("small") == small)
        #expect(home.files("staging") == [])
    }

    // a get                 | a revoker
    // ----------------------|---------------------------
    // fills the pipe, waits |
    //                       | revokes: confirmed
    // fails                 |
    @Test func `a get into a pipe that nobody drains doesn't hold up a revoker`() throws {
        let home = try TestHome()
        let released = Box(0)
        var options = StoreOptions.fast()
        options.seams.onRelease = { moment in
            if moment == .done { released.update { $0 += 1 } }
        }
        let store = try home.open(options)
        defer { try? store.close() }
        let customer = try Customer(store)
        try store.put(patternedBytes(2_000_000), as: "o", options: .with())
        let path = home.directory.path("pipe")
        try makePipe(path)
        let end = try File.open(path, .readWrite)
        released.update { $0 = 0 }
        let outcome = Box<StoreError.Code?>(nil)
        let getter = try NativeThread.start {
            let code = failure { try store.get("o", toFileAt: path) }
            outcome.update { $0 = code }
        }
        #expect(eventually { released.value > 0 })
        // Stops unless everything was confirmed.
        try RevocationKind.identityOff.revoke(customer)
        getter.join()
        #expect(outcome.value == .accessDenied)
        withExtendedLifetime(end) {}
    }

    @Test
    func `a get into a pipe that nobody reads yet ends when access is gone, or it is cancelled`()
        throws
    {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store)
        let path = home.directory.path("pipe")
        try makePipe(path)
        for (action, code) in [
            ({ try RevocationKind.identityOff.revoke(customer) }, .accessDenied),
            ({ store.cancelAll() }, .cancelled),
        ] as [(() throws -> Void, StoreError.Code)] {
            let outcome = Box<StoreError.Code?>(nil)
            let getter = try NativeThread.start {
                let code = failure { try store.get("large", toFileAt: path) }
                outcome.update { $0 = code }
            }
            NativeThread.sleep(nanoseconds: 100_000_000)
            #expect(outcome.value == nil)
            try action()
            getter.join()
            #expect(outcome.value == code)
            try RevocationKind.identityOff.restore(customer)
        }
    }

    // MARK: Chunks

    /// How many chunks a read goes on with after the access was taken away in the midst of it, of 22.
    private func chunksAfterRevocation(
        _ body: (Store, @escaping ProgressHandler) throws -> Void
    ) throws -> Int {
        let home = try TestHome()
        let store = try home.open(.fast(workerCount: 2))
        defer { try? store.close() }
        let customer = try Customer(store)
        try store.put(large, as: "large", options: .with())
        let (isRevoked, count) = (Box(false), Box(0))
        _ = thrown {
            try body(store) { _, _ in
                guard !isRevoked.value else { return count.update { $0 += 1 } }
                try? RevocationKind.identityOff.revoke(customer)
                isRevoked.update { $0 = true }
            }
        }
        #expect(isRevoked.value)
        return count.value
    }

    @Test func `a read stops at the next chunk, wherever it goes`() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("got")
        for body in [
            { store, progress in try store.get("large", toFileAt: path, progress: progress) },
            { store, progress in
                try store.get("large", range: .from(5), toFileAt: path, progress: progress)
            },
            { store, progress in _ = try store.verify(progress: progress) },
        ] as [(Store, @escaping ProgressHandler) throws -> Void] {
            // Another worker is in the midst of one.
            #expect(try chunksAfterRevocation(body) <= 1)
        }
        #expect(directory.files() == [])
    }

    // MARK: Idle

    @Test(arguments: RevocationKind.allCases)
    func `keys are wiped in a store that is idle`(kind: RevocationKind) throws {
        let home = try TestHome()
        let (store, idle) = (try home.open(), try home.open())
        defer { for store in [store, idle] { try? store.close() } }
        let customer = try Customer(store)
        try fill(store)
        try warm(idle)
        #expect(!idle.cache.objects.sources.isEmpty)
        #expect(!idle.cache.dataKeys.sources.isEmpty)
        #expect(idle.registry.all[.default] != nil)
        try kind.revoke(customer)
        #expect(
            eventually {
                idle.cache.objects.sources.isEmpty && idle.cache.dataKeys.sources.isEmpty
                    && idle.registry.all[.default] == nil
            })
    }

    @Test func `a scope that is let go of isn't held by what is known of its objects`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        try store.put([1], as: "o")
        #expect(try store.get("o") == [1])
        #expect(!store.cache.objects.sources.isEmpty)
        weak let scope = store.registry.all[.default]
        #expect(scope != nil)
        store.registry.forget(.default)
        #expect(scope == nil)
        #expect(try store.get("o") == [1])
    }

    @Test func `a change that takes nothing from a store leaves its keys`() throws {
        let home = try TestHome()
        let (store, idle) = (try home.open(), try home.open())
        defer { for store in [store, idle] { try? store.close() } }
        let customer = try Customer(store)
        try fill(store)
        try warm(idle)
        let before = Self.unwrapCount(idle)
        let stranger = Identity(objectID: "stranger")
        for isEnabled in [false, true] {
            _ = try store.vaults.acting(as: .owner).setIdentity(stranger, isEnabled: isEnabled)
        }
        try warm(idle)
        #expect(Self.unwrapCount(idle) == before)
        try customer.rotate()
        try warm(idle)
        // The scope's key alone was wrapped anew, tried, and opened.
        #expect(!idle.cache.objects.sources.isEmpty)
    }

    private static func unwrapCount(_ store: Store) -> Int {
        store.vaults.operationCounts.filter { $0.operation == "unwrapKey" }
            .reduce(0) { $0 + $1.count }
    }

    // MARK: The gate

    @Test func `what gives something back without writing passes the gate, too`() throws {
        let released = Box(0)
        var options = StoreOptions.fast()
        options.seams.onRelease = { moment in
            if moment == .done { released.update { $0 += 1 } }
        }
        let store = try Store.inMemory(options: options)
        defer { try? store.close() }
        try store.put([1], as: "o")
        for operation in [
            { () throws in try store.rename("o", to: "o") },
            { () throws in try store.update("o") { $0.metadata = ["a": "b"] } },
            { () throws in try store.verify(["o"]) },
            { () throws in try store.info("o") },
            { () throws in try store.list() },
        ] as [() throws -> Any] {
            released.update { $0 = 0 }
            _ = try operation()
            #expect(released.value == 1)
        }
    }

    // a change's callback   | the store
    // ----------------------|---------------------------
    // begins                |
    //                       | is being closed: waits
    // asks for the epoch    |
    // ends                  |
    @Test func `closing waits for a callback that asks the vaults`() throws {
        let store = try Store.inMemory(options: .fast())
        let vaults = store.vaults
        let (isIn, isAsked, isClosed) = (Box(false), Box(false), Box(false))
        let registration = try vaults.barrier().onAdvance { _ in
            isIn.update { $0 = true }
            NativeThread.sleep(nanoseconds: 200_000_000)
            _ = vaults.epoch
            isAsked.update { $0 = true }
        }
        _ = try vaults.acting(as: .owner).setIdentity(
            Identity(objectID: "stranger"), isEnabled: false)
        #expect(eventually { isIn.value })
        let closer = try NativeThread.start {
            vaults.close()
            isClosed.update { $0 = true }
        }
        #expect(eventually { isClosed.value && isAsked.value })
        withExtendedLifetime((store, registration, closer)) {}
    }

    // MARK: Without keys

    @Test func `objects go by their ids while revoked`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let customer = try Customer(store)
        try fill(store)
        let tag = try store.info("large").id
        try RevocationKind.keyDeleted.revoke(customer)
        let entries = try store.objectIDs()
        #expect(entries.map(\.byteCount) == [small.count, large.count])
        #expect(entries.map(\.keyIdentifier) == [customer.first, customer.first])
        #expect(try store.objectIDs(after: entries[0]).map(\.id) == [tag])
        #expect(try store.objectIDs(limit: 1).count == 1)
        try store.remove(id: tag)
        #expect(failure { try store.remove(id: tag) } == .notFound)
        for text in ["", "+f" + tag.description.dropFirst(2), tag.description + "00"] {
            #expect(failure { try store.remove(id: ObjectID(text)) } == .invalidArgument)
        }
        #expect(eventually { home.files("blobs") == [] })
        try RevocationKind.keyDeleted.restore(customer)
        #expect(failure { try store.get("large") } == .notFound)
        #expect(try store.get("small") == small)
        #expect(try store.verify().findings == [])
    }

    @Test func `a scope can't be created, or moved, without the permissions`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        _ = try store.vaults.acting(as: .owner).createVault(name: Customer.vault)
        let key = try store.vaults.acting(as: .owner).createKey(vault: Customer.vault, name: "key")
            .key.kid
        for permissions in [[], [.get, .wrapKey], [.get, .unwrapKey], [.wrapKey, .unwrapKey]]
            as [[KeyOperation]]
        {
            try Customer.permit(permissions, in: Customer.vault, store)
            let error = thrown { try store.createScope("s", key: key) }
            #expect(error?.code == .accessDenied)
            #expect(error?.vaultCode == .accessDenied)
        }
        #expect(try store.scopes() == [])
        try Customer.permit(KeyOperation.ofStores, in: Customer.vault, store)
        try store.createScope("s", key: key)
    }
}
