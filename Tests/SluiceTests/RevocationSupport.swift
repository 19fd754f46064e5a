internal import Foundation
internal import Sluice
internal import SluiceNative
internal import TestSupport
internal import Testing

@testable internal import SluiceEngine

/// A store whose default scope is under a customer's key.
struct Customer {
    let store: Store
    /// The key, without a version.
    let key: KeyIdentifier
    /// Its first version.
    let first: KeyIdentifier

    static let vault = "mine"

    /// Makes the vault, the key, and the scope, which follows the key or is pinned to its first version.
    init(_ store: Store, isPinned: Bool = false) throws {
        self.store = store
        _ = try store.vaults.acting(as: .owner).createVault(name: Self.vault)
        first = try store.vaults.acting(as: .owner).createKey(vault: Self.vault, name: "key").key
            .kid
        key = first.versionless
        try Self.permit(KeyOperation.ofStores, in: Self.vault, store)
        try store.createScope(.default, key: isPinned ? first : key)
    }

    static func permit(_ permissions: [KeyOperation], in vault: String, _ store: Store) throws {
        let change = try store.vaults.acting(as: .owner).setAccessPolicy(
            vault: vault, for: store.identity, permissions: permissions, waiting: .seconds(60))
        precondition(change.isConfirmed, "readers didn't confirm")
    }

    /// Makes a version, and returns it.
    @discardableResult
    func rotate() throws -> KeyIdentifier {
        try store.vaults.acting(as: .owner).rotateKey(vault: key.vault, name: key.name).result.key
            .kid
    }

    func enable(_ version: KeyIdentifier, _ isEnabled: Bool = true) throws {
        let change = try store.vaults.acting(as: .owner).updateKey(
            version, KeyChanges(isEnabled: isEnabled), waiting: .seconds(60))
        precondition(change.isConfirmed, "readers didn't confirm")
    }

    func disable(_ version: KeyIdentifier) throws { try enable(version, false) }

    /// Which version the objects are under.
    var census: [KeyIdentifier: Int] { get throws { try Self.census(store) } }

    static func census(_ store: Store) throws -> [KeyIdentifier: Int] {
        let entries = try store.scope(.default).census.filter { $0.objectCount > 0 }
        return Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.objectCount) })
    }
}

/// A way to take a store's access to its key away.
enum RevocationKind: String, CaseIterable, CustomTestStringConvertible {
    case policyRemoved, permissionDropped, versionDisabled, keyDeleted, identityOff, vaultDeleted

    var testDescription: String { rawValue }

    /// What operations fail with then.
    var code: StoreError.Code { .accessDenied }

    /// What causes that.
    var cause: VaultError.Code {
        switch self {
        case .policyRemoved, .permissionDropped: .accessDenied
        case .versionDisabled: .keyDisabled
        case .keyDeleted: .keyDeleted
        case .identityOff: .identityDisabled
        case .vaultDeleted: .vaultDeleted
        }
    }

    func revoke(_ customer: Customer) throws {
        let (vaults, identity) = (customer.store.vaults, customer.store.identity)
        let deadline = Deadline.seconds(60)
        let confirmation =
            switch self {
            case .policyRemoved:
                try vaults.acting(as: .owner).deleteAccessPolicy(
                    vault: Customer.vault, for: identity, waiting: deadline
                ).confirmation
            case .permissionDropped:
                try vaults.acting(as: .owner).setAccessPolicy(
                    vault: Customer.vault, for: identity, permissions: [.get], waiting: deadline
                ).confirmation
            case .versionDisabled:
                try vaults.acting(as: .owner).updateKey(
                    customer.first, KeyChanges(isEnabled: false), waiting: deadline
                ).confirmation
            case .keyDeleted:
                try vaults.acting(as: .owner).deleteKey(customer.key, waiting: deadline)
                    .confirmation
            case .identityOff:
                try vaults.acting(as: .owner).setIdentity(
                    identity, isEnabled: false, waiting: deadline
                ).confirmation
            case .vaultDeleted:
                try vaults.acting(as: .owner).deleteVault(Customer.vault, waiting: deadline)
                    .confirmation
            }
        precondition(confirmation.isConfirmed, "readers didn't confirm")
    }

    func restore(_ customer: Customer) throws {
        let (vaults, identity) = (customer.store.vaults, customer.store.identity)
        switch self {
        case .policyRemoved, .permissionDropped:
            try Customer.permit(KeyOperation.ofStores, in: Customer.vault, customer.store)
        case .versionDisabled: try customer.enable(customer.first)
        case .keyDeleted: _ = try vaults.acting(as: .owner).recoverKey(customer.key)
        case .identityOff: _ = try vaults.acting(as: .owner).setIdentity(identity, isEnabled: true)
        case .vaultDeleted: _ = try vaults.acting(as: .owner).recoverVault(Customer.vault)
        }
    }
}

/// What a store does that needs its keys.
struct StoreOperation: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let run: @Sendable (Store, TemporaryDirectory) throws -> Void

    init(_ name: String, _ run: @escaping @Sendable (Store, TemporaryDirectory) throws -> Void) {
        testDescription = name
        self.run = run
    }

    /// On objects `small` and `large`.
    static let all: [StoreOperation] = [
        StoreOperation("get") { store, _ in _ = try store.get("small") },
        StoreOperation("get of a large one") { store, _ in _ = try store.get("large") },
        StoreOperation("get of a range") { store, _ in
            _ = try store.get("large", range: .offsets(5000..<5001))
        },
        StoreOperation("get to a file") { store, directory in
            try store.get("large", toFileAt: directory.path("got"))
        },
        StoreOperation("get to a callback") { store, _ in
            try store.get("large", to: KeepingSink())
        },
        StoreOperation("get of a tree") { store, directory in
            _ = try store.getTree("", into: directory.path("tree"))
        },
        StoreOperation("info") { store, _ in _ = try store.info("small") },
        StoreOperation("info of none") { store, _ in _ = try store.info("none") },
        StoreOperation("list") { store, _ in _ = try store.list() },
        StoreOperation("put") { store, _ in try store.put([1], as: "new") },
        StoreOperation("put of a large one") { store, _ in
            try store.put(patternedBytes(80_000), as: "new", options: .with())
        },
        StoreOperation("overwrite") { store, _ in try store.put([1], as: "small") },
        StoreOperation("copy") { store, _ in try store.copy("small", to: "new") },
        StoreOperation("rename") { store, _ in try store.rename("small", to: "new") },
        StoreOperation("rename to itself") { store, _ in
            try store.rename("small", to: "small")
        },
        StoreOperation("change of what is said") { store, _ in
            try store.update("small") { $0.metadata = ["a": "b"] }
        },
        StoreOperation("remove") { store, _ in try store.remove("small") },
        StoreOperation("remove of a tree") { store, _ in _ = try store.removeTree("") },
        StoreOperation("verify") { store, _ in try store.verify().throwRefusal() },
        StoreOperation("verify of one") { store, _ in try store.verify(["small"]).throwRefusal() },
        StoreOperation("pin") { store, _ in try store.pin("small") },
        StoreOperation("rewrap") { store, _ in try store.rewrap() },
        StoreOperation("update") { store, _ in
            try store.updateScope(.default, rewrapMode: .onRead)
        },
    ]
}

extension VerifyReport {
    /// Throws what kept something from being verified.
    func throwRefusal() throws(StoreError) {
        if let refusal = unverified.first?.refusal { throw refusal }
    }
}

extension StoreError {
    /// The vault's error beneath, by its code.
    var vaultCode: VaultError.Code? { (cause as? VaultError)?.code }
}
