extension Remedy {
    /// A change of what keys may be used for, and by whom.
    public enum KeyChange: Hashable, Sendable {
        /// A key version is enabled.
        case enable(KeyIdentifier)
        /// A key version is disabled.
        case disable(KeyIdentifier)
        /// A key version may be used for these operations, and no others.
        case allow(KeyIdentifier, [KeyOperation])
        /// A deleted key, or version, is brought back.
        case recover(KeyIdentifier)
        /// A deleted vault is brought back, with its keys.
        case recoverVault(String)
        /// An identity has these permissions for the keys of a vault, in place of those that it had.
        case permit(vault: String, identity: String, [KeyOperation])
        /// The store's identity is switched on again.
        case enableIdentity
        /// The keys of a scope are asked for as an identity, which is to be named.
        case setIdentity(scope: String)
    }
}

extension Remedy.KeyChange: CustomStringConvertible {
    /// The name of its kind, as in `enableKey`.
    public var code: String {
        switch self {
        case .enable: "enableKey"
        case .disable: "disableKey"
        case .allow: "allowKeyOperations"
        case .recover: "recoverKey"
        case .recoverVault: "recoverVault"
        case .permit: "grantPermissions"
        case .enableIdentity: "enableIdentity"
        case .setIdentity: "setIdentity"
        }
    }

    /// What it takes, by name.
    public var parameters: [String: String] {
        switch self {
        case .enable(let key), .disable(let key), .recover(let key): ["key": key.description]
        case .allow(let key, let operations):
            ["key": key.description, "operations": operations.text]
        case .recoverVault(let vault): ["vault": vault]
        case .permit(let vault, let identity, let permissions):
            ["vault": vault, "identity": identity, "permissions": permissions.text]
        case .enableIdentity: [:]
        case .setIdentity(let scope): ["scope": scope]
        }
    }

    /// What to change, in plain words.
    public var description: String {
        switch self {
        case .enable(let key): "enable \(key)"
        case .disable(let key): "disable \(key)"
        case .allow(let key, let operations): "allow \(key) to be used for \(operations.text)"
        case .recover(let key): "recover \(key)"
        case .recoverVault(let vault): "recover the vault '\(vault)'"
        case .permit(let vault, let identity, let permissions):
            "grant '\(identity)' \(permissions.text) in the vault '\(vault)'"
        case .enableIdentity: "switch the store's identity on again"
        case .setIdentity(let scope):
            "set the identity again that the scope '\(scope)' was to ask for its keys as"
        }
    }
}

extension [KeyOperation] {
    /// The operations with spaces between them.
    package var text: String { map(\.rawValue).joined(separator: " ") }
}
