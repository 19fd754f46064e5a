internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// A store whose objects are half under an older version of their key, and half under the current one.
struct StoreHome {
    let directoryPath: String

    static let vault = "proof"
    static let key = "key"
    static let scopeText = "customer"
    static let chunkByteCount = 4096

    var location: StoreLocation { StoreLocation(home: "\(directoryPath)/home") }

    /// The objects of one version; 16 chunks and more are files.
    static let chunkCounts = [1, 1, 1, 1, 2, 2, 3, 4, 8, 15, 17, 33, 64]

    /// Which half an object belongs to, and so which of the run's logs its releases.
    enum Half: String, CaseIterable {
        case old
        case current
    }

    static func name(_ half: Half, _ index: Int) throws(StoreError) -> ObjectName {
        try ObjectName("\(half.rawValue)/\(index)")
    }

    static func scope() throws(StoreError) -> ScopeName { try ScopeName(scopeText) }

    /// Every other object ends with a chunk that isn't full.
    static func byteCount(_ index: Int) -> Int {
        chunkCounts[index] * chunkByteCount - index % 2 * 7
    }

    /// Makes the vault, the store and its objects; returns the store's identity.
    func make() throws -> Identity {
        var options = StoreOptions()
        options.durability = .none
        let store = try Store.open(location, options: options)
        defer { try? store.close() }
        _ = try store.vaults.acting(as: .owner).createVault(name: Self.vault)
        let key = try store.vaults.acting(as: .owner).createKey(vault: Self.vault, name: Self.key)
            .key.kid
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: Self.vault, for: store.identity, permissions: KeyOperation.ofStores)
        let scope = try Self.scope()
        _ = try store.createScope(scope, key: key.versionless)
        var put = PutOptions()
        put.chunkByteCount = Self.chunkByteCount
        put.compression = .none
        for half in Half.allCases {
            if half == .current {
                _ = try store.vaults.acting(as: .owner).rotateKey(vault: Self.vault, name: Self.key)
            }
            for index in Self.chunkCounts.indices {
                try store.put(
                    patternedBytes(Self.byteCount(index)), as: Self.name(half, index), in: scope,
                    options: put)
            }
        }
        return store.identity
    }

    /// The store, opened to be read in a run; its releases are stamped in `log`.
    func open(_ log: ReleaseLog, _ fault: BarrierFault?) throws -> Store {
        var options = StoreOptions()
        options.durability = .none
        options.createIfMissing = false
        options.seams.barrierHook = fault
        options.seams.onRelease = { moment in
            if moment == .done { log.append(MonotonicClock.nowNanoseconds) }
        }
        return try Store.open(location, options: options)
    }

    /// The vaults, as their owner has them.
    func vaults(_ fault: BarrierFault?) throws -> VaultDirectory {
        try VaultDirectory.open(
            path: location.vaults, library: try CryptoLibrary.load(requireFIPS: false),
            barrierHook: fault)
    }
}
