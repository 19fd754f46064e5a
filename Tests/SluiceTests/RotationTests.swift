import Sluice
import SluiceAccess
import SluiceNative
import SluiceVault
import TestSupport
import Testing

@testable import SluiceEngine

/// How scopes come by another version of their key.
@Suite struct RotationTests {
    @Test func `a new version is taken up at once, in every open store`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try Customer(store)
        let old = try store.put([1], as: "old")
        let large = try store.put(patternedBytes(90_000), as: "large", options: .with())
        #expect(try other.get("old") == [1])
        let blobs = home.files("blobs")
        let second = try customer.rotate()
        #expect(second != customer.first)
        #expect(try other.put([2], as: "b").keyIdentifier == second)
        #expect(try store.put([3], as: "a").keyIdentifier == second)
        #expect(try store.scope(.default).currentKey == second)
        // No object was touched.
        #expect(try store.info("old") == old)
        #expect(try store.info("large") == large)
        #expect(home.files("blobs") == blobs)
        for store in [store, other] {
            #expect(try store.get("old") == [1])
            #expect(try store.get("large") == patternedBytes(90_000))
            #expect(try store.get("b") == [2])
            #expect(try store.get("a") == [3])
            #expect(try Customer.census(store) == [customer.first: 2, second: 2])
        }
        // A read takes up, too.
        let third = try customer.rotate()
        #expect(try other.get("a") == [3])
        #expect(try store.scope(.default).currentKey == third)
        #expect(try store.verify().findings == [])
    }

    @Test func `a store that opens later finds the version in use`() throws {
        let home = try TestHome()
        let (first, second) = try home.withStore { store throws in
            let customer = try Customer(store)
            try store.put([1], as: "o")
            return (customer.first, try customer.rotate())
        }
        try home.withStore { store throws in
            #expect(try store.get("o") == [1])
            #expect(try store.scope(.default).currentKey == second)
            // What is under the old version needs it still; the scope doesn't.
            _ = try store.vaults.acting(as: .owner).updateKey(first, KeyChanges(isEnabled: false))
            #expect(try store.put([2], as: "n").keyIdentifier == second)
            #expect(thrown { try store.get("o") }?.vaultCode == .keyDisabled)
        }
    }

    @Test func `with a poll interval, a version is taken up when that has passed`() throws {
        let home = try TestHome()
        let clock = ManualClock()
        var options = StoreOptions.fast()
        options.clock = clock
        let (store, other) = (try home.open(options), try home.open(options))
        defer { for store in [store, other] { try? store.close() } }
        let customer = try Customer(store)
        let interval = 86_400
        #expect(
            try store.updateScope(.default, pollInterval: .seconds(interval)).pollInterval
                == .seconds(interval))
        try store.put([1], as: "o")
        #expect(try other.get("o") == [1])
        let second = try customer.rotate()
        #expect(try store.put([2], as: "a").keyIdentifier == customer.first)
        clock.advance(bySeconds: interval - 1)
        #expect(try store.put([2], as: "a").keyIdentifier == customer.first)
        #expect(try other.put([2], as: "b").keyIdentifier == customer.first)
        clock.advance(bySeconds: 1)
        #expect(try other.put([2], as: "b").keyIdentifier == second)
        #expect(try store.put([2], as: "a").keyIdentifier == second)
    }

    @Test func `who disables the old version before the poll has an outage`() throws {
        let clock = ManualClock()
        var options = StoreOptions.fast()
        options.clock = clock
        let store = try Store.inMemory(options: options)
        defer { try? store.close() }
        let customer = try Customer(store)
        try store.updateScope(.default, pollInterval: .seconds(86_400))
        try store.put([1], as: "o")
        let second = try customer.rotate()
        try customer.disable(customer.first)
        for _ in 0..<2 {
            #expect(thrown { try store.get("o") }?.vaultCode == .keyDisabled)
            #expect(thrown { try store.put([2], as: "n") }?.vaultCode == .keyDisabled)
            // Waiting doesn't mend it: the scope's key is under the old version.
            clock.advance(bySeconds: 86_400)
        }
        try customer.enable(customer.first)
        #expect(try store.get("o") == [1])
        #expect(try store.put([2], as: "n").keyIdentifier == second)
    }

    @Test func `a poll interval that can't be had is refused`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        for seconds in [-1, 1 << 32] {
            #expect(
                failure { try store.updateScope(.default, pollInterval: .seconds(seconds)) }
                    == .invalidArgument)
        }
        let most = 1 << 32 - 1
        #expect(
            try store.updateScope(.default, pollInterval: .seconds(most)).pollInterval
                == .seconds(most))
    }

    // MARK: Pinned

    @Test func `a pinned key moves by an update alone`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        let customer = try Customer(store, isPinned: true)
        try store.put([1], as: "o")
        let second = try customer.rotate()
        #expect(try store.put([2], as: "a").keyIdentifier == customer.first)
        let info = try store.updateScope(.default, key: second)
        #expect(info.keySetting == second && info.currentKey == second)
        #expect(try store.put([2], as: "a").keyIdentifier == second)
        #expect(try store.get("o") == [1])
        try customer.rotate()
        #expect(try store.put([2], as: "a").keyIdentifier == second)
        // And back, and from pinned to following.
        #expect(try store.updateScope(.default, key: customer.first).currentKey == customer.first)
        let third = try store.vaults.acting(as: .owner).key(customer.key).key.kid
        #expect(try store.updateScope(.default, key: customer.key).currentKey == third)
        #expect(try store.scope(.default).keySetting == customer.key)
        #expect(try store.get("a") == [2])
        #expect(try store.verify().findings == [])
    }

    @Test func `an update to a version that can't be used changes nothing`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        let customer = try Customer(store, isPinned: true)
        try store.put([1], as: "o")
        let before = try store.scope(.default)
        let second = try customer.rotate()
        try customer.disable(second)
        let disabled = thrown { try store.updateScope(.default, key: second) }
        #expect(disabled?.code == .accessDenied && disabled?.vaultCode == .keyDisabled)
        let missing = try customer.key.versioned(String(repeating: "0", count: 32))
        #expect(thrown { try store.updateScope(.default, key: missing) }?.vaultCode == .keyNotFound)
        let oneWay = try store.vaults.acting(as: .owner).createKey(
            vault: Customer.vault, name: "oneway", settings: KeySettings(operations: [.wrapKey])
        ).key.kid
        #expect(
            thrown { try store.updateScope(.default, key: oneWay) }?.vaultCode
                == .operationNotPermitted)
        #expect(try store.scope(.default) == before)
        #expect(try store.get("o") == [1])
    }

    @Test func `a scope moves to another vault, and back to the platform's key`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let old = try store.put([1], as: "o")
        let platform = old.keyIdentifier
        #expect(try platform.versionless == store.vaults.platformKey().versionless)
        for vault in ["mine", "yours"] {
            _ = try store.vaults.acting(as: .owner).createVault(name: vault)
            try Customer.permit(KeyOperation.ofStores, in: vault, store)
        }
        let mine = try store.vaults.acting(as: .owner).createKey(vault: "mine", name: "key").key.kid
        let mineToo = try store.vaults.acting(as: .owner).createKey(vault: "mine", name: "other")
            .key.kid
        let yours = try store.vaults.acting(as: .owner).createKey(vault: "yours", name: "key").key
            .kid
        for key in [mine, mineToo, yours, platform, yours, mine] {
            #expect(try store.updateScope(.default, key: key).currentKey == key)
            #expect(try store.get("o") == [1])
            #expect(try store.put([2], as: "n").keyIdentifier == key)
        }
        // The platform's, under which it was put, and under which all else was not.
        #expect(try Customer.census(store) == [platform: 1, mine: 1])
        #expect(try store.rewrap().remainingObjectCount == 0)
        #expect(try Customer.census(store) == [mine: 2])
        try store.removeScope(.default)
        #expect(
            try eventually {
                try home.integer(
                    "SELECT count(*) FROM removed_scopes WHERE vaults <> '' OR emptied = 0") == 0
            })
        #expect(
            try home.integer("SELECT count(*) FROM removed_scopes") == 1)
        for vault in ["mine", "yours", "platform"] {
            let anchors = try home.integer(
                "SELECT count(*) FROM anchors", in: "\(home.location.vaults)/\(vault)/vault.db")
            #expect(anchors == 0, "\(vault)")
        }
    }

    @Test func `a vault without purge protection is refused`() throws {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        _ = try store.vaults.acting(as: .owner).createVault(name: "loose", isPurgeProtected: false)
        try Customer.permit(KeyOperation.ofStores, in: "loose", store)
        let key = try store.vaults.acting(as: .owner).createKey(vault: "loose", name: "key").key.kid
        let error = thrown { try store.updateScope(.default, key: key) }
        #expect(error?.code == .invalidArgument)
        #expect(error?.vaultCode == .purgeProtectionMissing)
    }

    // MARK: Races

    // a put                 | another store
    // ----------------------|---------------------------
    // wraps under the first |
    //                       | rotates, takes up
    // commits: wraps again  |
    @Test func `a large put that a rotation overtakes lands under the new version`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try Customer(store)
        try other.put([1], as: "o")
        let bytes = patternedBytes(300_000)
        let pieces = ClosureSource(bytes, pieceByteCount: 4096)
        let (count, second) = (Box(0), Box<KeyIdentifier?>(nil))
        let source = ClosureSource { buffer in
            count.update { $0 += 1 }
            if count.value == 60 {
                let version = try customer.rotate()
                second.update { $0 = version }
                _ = try other.get("o")
            }
            return try pieces.read(into: &buffer)
        }
        let info = try store.put(from: source, as: "large", options: .with())
        #expect(second.value != nil)
        #expect(info.keyIdentifier == second.value)
        #expect(try store.info("large") == info)
        try store.rewrap()
        try customer.disable(customer.first)
        for store in [store, other] { #expect(try store.get("large") == bytes) }
        #expect(try Customer.census(store).values.reduce(0, +) == 2)
    }

    @Test func `puts beside rotations lose nothing, and end under the newest version`() throws {
        let home = try TestHome()
        let (store, other) = (try home.open(), try home.open())
        defer { for store in [store, other] { try? store.close() } }
        let customer = try Customer(store)
        try together(4) { index in
            let own = index < 2 ? store : other
            for step in 0..<20 {
                if index == 0, step % 5 == 4 { try customer.rotate() }
                try own.put([UInt8(index), UInt8(step)], as: ObjectName("\(index)/\(step)"))
            }
        }
        for index in 0..<4 {
            for step in 0..<20 {
                let name = try ObjectName("\(index)/\(step)")
                #expect(try store.get(name) == [UInt8(index), UInt8(step)])
            }
        }
        let newest = try store.vaults.acting(as: .owner).key(customer.key).key.kid
        #expect(try store.put([1], as: "last").keyIdentifier == newest)
        #expect(try store.verify().findings == [])
        #expect(try store.rewrap().remainingObjectCount == 0)
        #expect(try Customer.census(other) == [newest: 81])
    }
}
