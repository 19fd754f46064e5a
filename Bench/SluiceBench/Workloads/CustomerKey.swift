internal import Sluice

/// A key of a customer's with two versions, in a vault whose policy lets a store use it.
struct CustomerKey {
    /// The vault's name.
    static let vaultName = "customer"

    /// The version that is meant now.
    private(set) var current: KeyIdentifier
    private var other: KeyIdentifier

    /// Makes the vault and the key in the vaults of a store.
    init(for store: Store) throws {
        let (vaults, name) = (store.vaults, "key")
        _ = try vaults.acting(as: .owner).createVault(name: Self.vaultName)
        try Self.allow(store)
        current = try vaults.acting(as: .owner).createKey(vault: Self.vaultName, name: name).key.kid
        other = try vaults.acting(as: .owner).createKey(vault: Self.vaultName, name: name).key.kid
    }

    /// Means the other version from now on.
    mutating func turn() {
        swap(&current, &other)
    }

    /// Gives the store its policy in the vault, in the place of the one that it has.
    static func allow(_ store: Store) throws {
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: vaultName, for: store.identity)
    }
}
