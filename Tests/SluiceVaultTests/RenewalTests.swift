import Dispatch
import SluiceAccess
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceVault

/// What becomes of authorizations when the epoch moves because of something else.
@Suite struct RenewalTests {
    let files: TemporaryVaults

    private static let identities = (0..<3).map { Identity(objectID: "id-\($0)") }
    private static let keyCount = 8

    init() throws { files = try TemporaryVaults() }

    /// Vaults with keys, which the identities may use, in `first`, and with none in `other`.
    private func makeVaults(_ vaults: VaultDirectory) throws -> [KeyIdentifier] {
        for name in ["first", "other"] { _ = try vaults.acting(as: .owner).createVault(name: name) }
        for identity in Self.identities { try permit(identity, in: "first", vaults) }
        return try (0..<Self.keyCount).map { try vaults.addKnownKey("k\($0)", vault: "first") }
    }

    private func permit(
        _ identity: Identity, in vault: String, _ vaults: VaultDirectory
    ) throws {
        _ = try vaults.acting(as: .owner).setAccessPolicy(vault: vault, for: identity)
    }

    private func authorizeAll(_ keys: [KeyIdentifier], _ vaults: VaultDirectory) -> Int {
        var refusalCount = 0
        for identity in Self.identities {
            for key in keys + keys.map(\.versionless)
            where vaults.authorizeRefusal(key, .unwrapKey, as: identity) != nil {
                refusalCount += 1
            }
        }
        return refusalCount
    }

    @Test(arguments: [false, true])
    func `a change of another vault has no vault read again for each key`(
        isInMemory: Bool
    ) throws {
        let vaults =
            isInMemory
            ? try VaultDirectory.inMemory(clock: files.clock, library: files.library)
            : try files.open()
        let keys = try makeVaults(vaults)
        #expect(authorizeAll(keys, vaults) == 0)
        let before = vaults.openVaults.readCount
        for _ in 0..<3 {
            try permit(Self.identities[0], in: "other", vaults)
            #expect(authorizeAll(keys, vaults) == 0)
        }
        // Those of the changes themselves, and no multiple of the keys.
        #expect(vaults.openVaults.readCount - before <= 12)
        let grant = try vaults.authorize(
            keys[0], for: .unwrapKey, as: Self.identities[0], deadline: .none)
        #expect(grant.epoch == vaults.epoch)
    }

    enum Change: CaseIterable { case policy, key, rotation, identity, vault }

    private func make(
        _ change: Change, _ key: KeyIdentifier, _ owner: ActingVaults
    ) throws {
        switch change {
        case .policy: _ = try owner.deleteAccessPolicy(vault: "first", for: Self.identities[0])
        case .key: _ = try owner.updateKey(key, KeyChanges(isEnabled: false))
        case .rotation: _ = try owner.rotateKey(vault: "first", name: key.name)
        case .identity: _ = try owner.setIdentity(Self.identities[0], isEnabled: false)
        case .vault: _ = try owner.deleteVault("first")
        }
    }

    // this process             | another
    // -------------------------|------------------------------
    // knows what is permitted  |
    //                          | takes it away
    //                          | changes another vault, twice
    // asks again: refused      |
    @Test(arguments: Change.allCases)
    func `a change of the key's vault, or of who is switched off, is seen whatever else changes`(
        change: Change
    ) throws {
        let (first, second) = (try files.open(), try files.open())
        let key = try #require(try makeVaults(first).first)
        let identity = Self.identities[0]
        // Known in several epochs.
        for _ in 0..<3 {
            try permit(identity, in: "other", first)
            #expect(second.authorizeRefusal(key, .unwrapKey, as: identity) == nil)
            #expect(second.authorizeRefusal(key.versionless, .unwrapKey, as: identity) == nil)
        }
        try make(change, key, first.acting(as: .owner))
        for _ in 0..<2 { try permit(identity, in: "other", first) }
        if change == .rotation {
            let grant = try second.authorize(
                key.versionless, for: .unwrapKey, as: identity, deadline: .none)
            #expect(grant.key != key)
        } else {
            #expect(second.authorizeRefusal(key, .unwrapKey, as: identity) != nil)
            #expect(second.authorizeRefusal(key.versionless, .unwrapKey, as: identity) != nil)
        }
    }

    @Test func `a version that is asked for by itself makes it the newest of nobody`() throws {
        let (first, second) = (try files.open(), try files.open())
        let key = try #require(try makeVaults(first).first)
        let identity = Self.identities[0]
        #expect(second.authorizeRefusal(key.versionless, .unwrapKey, as: identity) == nil)
        _ = try first.acting(as: .owner).rotateKey(vault: "first", name: key.name)
        // Read after the rotation, unlike which one is the newest.
        #expect(second.authorizeRefusal(key, .unwrapKey, as: identity) == nil)
        try permit(identity, in: "other", first)
        let grant = try second.authorize(
            key.versionless, for: .unwrapKey, as: identity, deadline: .none)
        #expect(grant.key != key)
    }

    @Test func `threads that ask while access changes never hear of what was before`() throws {
        let (first, second) = (try files.open(), try files.open())
        let key = try #require(try makeVaults(first).first)
        let identity = Self.identities[0]
        let isDone = Atomic(false)
        let group = DispatchGroup()
        for _ in 0..<2 {
            DispatchQueue.global().async(group: group) {
                while !isDone.load(ordering: .relaxed) {
                    _ = second.authorizeRefusal(key, .unwrapKey, as: identity)
                }
            }
        }
        DispatchQueue.global().async(group: group) {
            while !isDone.load(ordering: .relaxed) {
                _ = try? first.acting(as: .owner).setAccessPolicy(vault: "other", for: someone)
            }
        }
        for _ in 0..<40 {
            _ = try first.acting(as: .owner).deleteAccessPolicy(vault: "first", for: identity)
            #expect(second.authorizeRefusal(key, .unwrapKey, as: identity) == .accessDenied)
            try permit(identity, in: "first", first)
            #expect(second.authorizeRefusal(key, .unwrapKey, as: identity) == nil)
        }
        isDone.store(true, ordering: .relaxed)
        group.wait()
    }
}
