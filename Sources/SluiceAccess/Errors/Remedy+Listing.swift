extension Remedy {
    /// What there may be to see.
    public enum Listing: Hashable, Sendable {
        /// The objects whose names begin like this; all of them, if it is empty.
        case objects(below: String)
        /// The ids of a scope's objects, which takes no key.
        case objectIDs
        /// The versions of an object.
        case versions(of: String)
        /// The scopes.
        case scopes
        /// The pins.
        case pins
        /// The vaults.
        case vaults
        /// The deleted vaults that can be recovered.
        case deletedVaults
        /// The keys of a vault.
        case keys(vault: String)
        /// The deleted keys of a vault that can be recovered.
        case deletedKeys(vault: String)
        /// The versions of a key.
        case keyVersions(KeyIdentifier)
        /// The access policies of a vault.
        case policies(vault: String)
        /// The libraries in use, and what is amiss with the machine.
        case machine
    }
}

extension Remedy.Listing: CustomStringConvertible {
    /// The name of its kind, as in `listScopes`.
    public var code: String {
        switch self {
        case .objects: "listObjects"
        case .objectIDs: "listObjectIDs"
        case .versions: "listVersions"
        case .scopes: "listScopes"
        case .pins: "listPins"
        case .vaults: "listVaults"
        case .deletedVaults: "listDeletedVaults"
        case .keys: "listKeys"
        case .deletedKeys: "listDeletedKeys"
        case .keyVersions: "listKeyVersions"
        case .policies: "listPolicies"
        case .machine: "examineMachine"
        }
    }

    /// What it takes, by name.
    public var parameters: [String: String] {
        switch self {
        case .objects(let prefix): ["prefix": prefix]
        case .keys(let vault), .deletedKeys(let vault), .policies(let vault): ["vault": vault]
        case .keyVersions(let key): ["key": key.description]
        case .versions(let name): ["object": name]
        case .objectIDs, .scopes, .pins, .vaults, .deletedVaults, .machine: [:]
        }
    }

    /// What to look at, in plain words.
    public var description: String {
        switch self {
        case .objects(let prefix):
            prefix.isEmpty
                ? "see which objects there are" : "see which objects there are below '\(prefix)'"
        case .objectIDs: "see which ids there are"
        case .versions(let name): "see which versions '\(name)' has"
        case .scopes: "see which scopes there are"
        case .pins: "see which pins there are"
        case .vaults: "see which vaults there are"
        case .deletedVaults: "see which deleted vaults there are"
        case .keys(let vault): "see which keys the vault '\(vault)' has"
        case .deletedKeys(let vault): "see which deleted keys the vault '\(vault)' has"
        case .keyVersions(let key): "see which versions \(key) has"
        case .policies(let vault): "see which policies the vault '\(vault)' has"
        case .machine: "see which libraries are in use"
        }
    }
}
