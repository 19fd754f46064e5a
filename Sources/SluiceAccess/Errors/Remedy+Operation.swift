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
        case .getAlone: "getAlone"
        }
    }

    /// What it takes, by name; `store` only if it is another than the one in use.
    public var parameters: [String: String] {
        var parameters: [String: String] = [:]
        switch self {
        case .verify(let store), .repair(let store): parameters["store"] = store
        case .repairVault(let vault): parameters["vault"] = vault
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
        case .getTree(let name), .removeTree(let name), .getAlone(let name):
            parameters["name"] = name
        case .confirmAccess, .adoptBarrier: break
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
        case .getAlone(let name): "get '\(name)' by itself, to a file that you name"
        }
    }

    private static func name(_ store: String?) -> String {
        store.map { "the store in '\($0)'" } ?? "the store"
    }
}
