internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault

/// A home whose store is used by processes that are killed.
struct KillHome: Sendable {
    let path: String

    static let vault = "mine"
    static let ownPairCount = 4
    static let sharedPairCount = 2
    static let prefix = "o/"

    var journalPath: String { "\(path).journal" }
    var location: StoreLocation { StoreLocation(home: path) }
    var key: KeyIdentifier {
        get throws { try KeyIdentifier(vault: Self.vault, name: "key") }
    }

    /// Makes the vault, its key, and the scope that follows it.
    func make() throws {
        let store = try open()
        _ = try store.vaults.acting(as: .owner).createVault(name: Self.vault)
        _ = try store.vaults.acting(as: .owner).createKey(vault: Self.vault, name: "key")
        try permit(store)
        try store.createScope(.default, key: key)
        try store.createScope(Content.sealing, key: key, wrapping: .intermediate)
        try store.close()
    }

    func open(_ seams: StoreSeams = StoreSeams()) throws -> Store {
        var options = StoreOptions()
        // What a process leaves to the kernel outlives it.
        options.durability = .none
        options.seams = seams
        options.objectsPerDataKey = 8
        return try Store.open(location, options: options)
    }

    private func permit(_ store: Store) throws {
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: Self.vault, for: store.identity, permissions: KeyOperation.ofStores)
    }

    /// The snapshots of all names, by the number of their pair and their version's id.
    func snapshots(_ store: Store) throws -> [(id: String, name: ObjectName)] {
        var snapshots: [(id: String, name: ObjectName)] = []
        for pair in 0..<Self.ownPairCount + Self.sharedPairCount {
            for info in try store.versions(of: ObjectName("\(Self.prefix)\(pair)/a")) {
                guard let version = info.name.version else { continue }
                snapshots.append((id: "\(pair)/\(version.id)", name: info.name))
            }
        }
        return snapshots
    }

    /// Takes access away; whether everybody has confirmed.
    func revoke(_ revocation: Revocation, _ store: Store) throws -> Bool {
        let vaults = store.vaults
        switch revocation {
        case .policy:
            return try vaults.acting(as: .owner).deleteAccessPolicy(
                vault: Self.vault, for: store.identity
            ).isConfirmed
        case .identity:
            return try vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: false)
                .isConfirmed
        case .deleted: return try vaults.acting(as: .owner).deleteKey(key).isConfirmed
        case .disabled:
            return try setEnabled(false, vaults)
        }
    }

    /// Gives all access back that may have been taken away.
    func restore(_ store: Store) throws {
        do {
            _ = try store.vaults.acting(as: .owner).recoverKey(key)
        } catch let error as VaultError {
            guard error.code == .keyNotFound else { throw error }
        }
        _ = try setEnabled(true, store.vaults)
        _ = try store.vaults.acting(as: .owner).setIdentity(store.identity, isEnabled: true)
        try permit(store)
    }

    private func setEnabled(_ isEnabled: Bool, _ vaults: VaultDirectory) throws -> Bool {
        var isConfirmed = true
        for version in try vaults.acting(as: .owner).keyVersions(vault: Self.vault, name: key.name)
        where version.attributes.enabled != isEnabled {
            let change = try vaults.acting(as: .owner).updateKey(
                version.kid, KeyChanges(isEnabled: isEnabled))
            isConfirmed = isConfirmed && change.isConfirmed
        }
        return isConfirmed
    }
}
