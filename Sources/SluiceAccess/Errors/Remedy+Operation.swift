extension Remedy {
    /// An operation of the store or the vaults. A store is the one in use, unless a directory is given.
    public enum Operation: Hashable, Sendable {
        /// Authenticates what is in a store.
        case verify(store: String?)
        /// Repairs a store, and moves what can't be repaired to its `lost+found`.
        case repair(store: String?)
        /// Takes out of a vault's database what doesn't belong there.
        case repairVault(String)
        /// Opens a scope, which adopts the newest version of its key.
        case openScope(String, store: String?)
        /// Sets the key of a scope, without a version: it follows the newest from then on.
        case followKey(scope: String, KeyIdentifier, store: String?)
        /// Brings the objects of a scope from under this key version.
        case rewrap(scope: String, from: KeyIdentifier, store: String?)
        /// Retires a key version, and has its vault forget a store that was in this directory.
        case forgetStore(String, retiring: KeyIdentifier)
        /// Waits until every process has confirmed that access was taken away.
        case confirmAccess
        /// Takes over the copy of a read barrier, once every process has ended that used the vaults before.
        case adoptBarrier
        /// Puts what is in a directory, as a tree.
        case putTree(String)
        /// Gets what is below a path, as a tree.
        case getTree(String)
        /// Removes what is below a path.
        case removeTree(String)
        /// Removes an object.
        case removeObject(String)
        /// Ends the lease of an object, whoever has it.
        case breakLease(of: String)
        /// Takes back that an object is held.
        case endHold(on: String)
        /// Makes a key of its backup, in the vault that it was in.
        case restoreKey(vault: String)
        /// Makes a vault of its backup.
        case restoreVault
        /// Restores a backup of a key or a vault in a place of its own, under the root key that it was made under.
        case restoreApart
        /// Gets an object of a tree by itself, to a file that is named.
        case getAlone(String)
    }
}

extension Remedy.Operation: CustomStringConvertible {
    /// The name of its kind, as in `repairStore`.
    public var code: String {
        switch self {
        case .verify: "verify"
        case .repair: "repairStore"
        case .repairVault: "repairVault"
        case .openScope: "openScope"
        case .followKey: "followKey"
        case .rewrap: "rewrap"
        case .forgetStore: "forgetStore"
        case .confirmAccess: "confirmAccess"
        case .adoptBarrier: "adoptBarrier"
        case .putTree: "putTree"
        case .getTree: "getTree"
        case .removeTree: "removeTree"
        case .removeObject: "removeObject"
        case .getAlone: "getAlone"
        case .breakLease: "breakLease"
        case .endHold: "endHold"
        case .restoreKey: "restoreKey"
        case .restoreVault: "restoreVault"
        case .restoreApart: "restoreApart"
        }
    }

    /// What it takes, by name; `store` only if it is another than the one in use.
    public var parameters: [String: String] {
        var parameters: [String: String] = [:]
        switch self {
        case .verify(let store), .repair(let store): parameters["store"] = store
        case .repairVault(let vault), .restoreKey(let vault): parameters["vault"] = vault
        case .openScope(let scope, let store):
            parameters["scope"] = scope
            parameters["store"] = store
        case .rewrap(let scope, let key, let store), .followKey(let scope, let key, let store):
            parameters["scope"] = scope
            parameters["key"] = key.description
            parameters["store"] = store
        case .forgetStore(let path, let key):
            parameters["store"] = path
            parameters["key"] = key.description
        case .putTree(let path): parameters["path"] = path
        case .getTree(let name), .removeTree(let name), .removeObject(let name),
            .getAlone(let name), .breakLease(let name), .endHold(let name):
            parameters["name"] = name
        case .confirmAccess, .adoptBarrier, .restoreVault, .restoreApart: break
        }
        return parameters
    }

    /// What to do, in plain words.
    public var description: String {
        switch self {
        case .verify(let store): "verify \(Self.name(store)), to see what is wrong"
        case .repair(let store):
            "repair \(Self.name(store)), which keeps what can be read and moves the rest out of the way"
        case .repairVault(let vault):
            "repair the vault '\(vault)', which takes out what doesn't belong there"
        case .openScope(let scope, let store):
            "open the scope '\(scope)' of \(Self.name(store)), which adopts the newest version of its key"
        case .followKey(let scope, let key, let store):
            "have the scope '\(scope)' of \(Self.name(store)) follow the newest version of \(key)"
        case .rewrap(let scope, let key, let store):
            "rewrap what is under \(key) in the scope '\(scope)' of \(Self.name(store))"
        case .forgetStore(let path, _):
            "if the store in '\(path)' is gone for good or was moved, have it forgotten"
        case .confirmAccess: "see which process it is, and that it isn't stopped"
        case .adoptBarrier:
            "end every process that used these vaults before, then adopt the barrier"
        case .putTree(let path): "put '\(path)' as a tree"
        case .getTree(let name): "get '\(name)' as a tree"
        case .removeTree(let name): "remove '\(name)' as a tree"
        case .removeObject(let name): "remove the object '\(name)'"
        case .breakLease(let name): "break the lease of '\(name)', if whoever has it is gone"
        case .endHold(let name): "take back that '\(name)' is held"
        case .restoreKey(let vault): "restore it as a key of the vault '\(vault)'"
        case .restoreVault: "restore it as a vault"
        case .restoreApart:
            "restore it in a place of its own, under the root key that the vaults had when it was made"
        case .getAlone(let name): "get '\(name)' by itself, to a file that you name"
        }
    }

    private static func name(_ store: String?) -> String {
        store.map { "the store in '\($0)'" } ?? "the store"
    }
}
