internal import SluiceAccess
internal import SluiceNative

extension VaultTables {
    // MARK: Policies

    /// What the vault's policy for an identity permits; nil if it has none.
    func permissions(of identity: Identity) throws(DatabaseError) -> [KeyOperation]? {
        let select = try connection.prepare("SELECT permissions FROM policies WHERE identity = ?")
        try select.bind(1, identity.objectID)
        return try select.step() ? [KeyOperation](text: select.text(0)) : nil
    }

    /// All policies, in the order of their identities.
    func policies() throws(DatabaseError) -> [AccessPolicy] {
        let select = try connection.prepare(
            "SELECT identity, permissions FROM policies ORDER BY identity")
        var policies: [AccessPolicy] = []
        while try select.step() {
            policies.append(
                AccessPolicy(
                    Identity(objectID: select.text(0)), [KeyOperation](text: select.text(1))))
        }
        return policies
    }

    /// Puts a policy in the place of the one that an identity has, if any.
    func set(_ permissions: [KeyOperation], for identity: Identity) throws(DatabaseError) {
        let insert = try connection.prepare("INSERT OR REPLACE INTO policies VALUES (?, ?)")
        try insert.bind(1, identity.objectID)
        try insert.bind(2, permissions.text)
        try insert.runChangingOneRow()
    }

    /// Removes an identity's policy.
    func deletePolicy(of identity: Identity) throws(DatabaseError) {
        let delete = try connection.prepare("DELETE FROM policies WHERE identity = ?")
        try delete.bind(1, identity.objectID)
        try delete.runChangingOneRow()
    }

    // MARK: Identities

    /// Whether an identity is switched on; one that is not known is. A record that none of ours is, as one in
    /// capitals, switches off.
    func isEnabled(_ identity: Identity) throws(DatabaseError) -> Bool {
        let select = try connection.prepare(
            "SELECT identity, enabled FROM identities WHERE identity = ? COLLATE NOCASE")
        try select.bind(1, identity.objectID)
        while try select.step() {
            guard select.text(0) == identity.objectID, select.int(1) == 1 else { return false }
        }
        return true
    }

    /// Switches an identity on or off.
    func set(_ identity: Identity, isEnabled: Bool) throws(DatabaseError) {
        let insert = try connection.prepare("INSERT OR REPLACE INTO identities VALUES (?, ?)")
        try insert.bind(1, identity.objectID)
        try insert.bind(2, isEnabled ? 1 : 0)
        try insert.runChangingOneRow()
    }
}

extension [KeyOperation] {
    /// The operations as a column holds them.
    var text: String { map(\.rawValue).joined(separator: ",") }

    /// Those operations of a column that this code knows.
    init(text: String) {
        self = text.split(separator: ",").compactMap { KeyOperation(rawValue: String($0)) }
    }
}
