extension Remedy {
    /// What may be missing and can be made.
    public enum Making: Hashable, Sendable {
        /// A store, in the place that was named.
        case store
        /// A scope.
        case scope(String)
        /// A vault.
        case vault(String)
        /// A key.
        case key(KeyIdentifier)
        /// A new version of a key.
        case keyVersion(KeyIdentifier)
        /// A directory.
        case directory(String)
        /// A new vault of identities, in place of one that is lost for good: in it all identities but the store's are
        /// switched on, and the platform's key is gone.
        case identityVault
    }
}

extension Remedy.Making: CustomStringConvertible {
    /// The name of its kind, as in `createScope`.
    public var code: String {
        switch self {
        case .store: "createStore"
        case .scope: "createScope"
        case .vault: "createVault"
        case .key: "createKey"
        case .keyVersion: "rotateKey"
        case .directory: "createDirectory"
        case .identityVault: "createIdentityVault"
        }
    }

    /// What it takes, by name.
    public var parameters: [String: String] {
        switch self {
        case .scope(let name): ["scope": name]
        case .vault(let name): ["vault": name]
        case .key(let key), .keyVersion(let key): ["key": key.description]
        case .directory(let path): ["path": path]
        case .store, .identityVault: [:]
        }
    }

    /// What to make, in plain words.
    public var description: String {
        switch self {
        case .store: "make one"
        case .scope(let name): "make the scope '\(name)'"
        case .vault(let name): "make the vault '\(name)'"
        case .key(let key): "make the key \(key)"
        case .keyVersion(let key): "make a new version of \(key)"
        case .directory(let path): "make the directory '\(path)'"
        case .identityVault:
            "if it is lost for good, switch the store's identity off, which makes a new one, where every "
                + "other identity is on and the platform's key is gone"
        }
    }
}
