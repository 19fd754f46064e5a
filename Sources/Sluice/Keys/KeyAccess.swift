internal import SluiceVault
internal import Synchronization

/// The store's standing with its vaults: grants, kept for as long as the gate honours them, and the
/// key operations. Thread-safe.
final class KeyAccess: Sendable {
    private let vaults: VaultDirectory
    private let identity: Identity
    private let gate = OpenGate()
    private struct Use: Hashable {
        let key: KeyIdentifier
        let operation: KeyOperation
    }

    private let grants = Mutex<[Use: Grant]>([:])
    /// The same grants by the catalog's row ids of key versions, for reads: many a second.
    private let readGrants = Mutex<[Int: Grant]>([:])

    init(vaults: VaultDirectory, identity: Identity) {
        self.vaults = vaults
        self.identity = identity
    }

    /// The vault's answer that the store may use `key`, a version.
    func grant(
        _ key: KeyIdentifier, for operation: KeyOperation
    ) throws(VaultError) -> Grant {
        let use = Use(key: key, operation: operation)
        if let grant = grants.withLock({ $0[use] }) { return grant }
        let grant = try vaults.authorize(key, for: operation, as: identity, deadline: .none)
        grants.withLock { $0[use] = grant }
        return grant
    }

    /// What reading an object takes: the scope's current key and the object's own version.
    func passage(_ object: OpenObject) throws(VaultError) -> Passage {
        let scope = object.scope.record
        let first = try readGrant(scope.currentKey, rowID: scope.currentKeyRowID)
        guard object.row.keyRowID != scope.currentKeyRowID else { return Passage(first) }
        return Passage(first, try readGrant(object.row.wrapped.key, rowID: object.row.keyRowID))
    }

    /// What reading names takes: the scope's current key.
    func passage(_ scope: Scope) throws(VaultError) -> Passage {
        Passage(try readGrant(scope.record.currentKey, rowID: scope.record.currentKeyRowID))
    }

    private func readGrant(_ key: KeyIdentifier, rowID: Int) throws(VaultError) -> Grant {
        if let grant = readGrants.withLock({ $0[rowID] }) { return grant }
        let grant = try grant(key, for: .unwrapKey)
        readGrants.withLock { $0[rowID] = grant }
        return grant
    }

    /// Releases plaintext, or what stands for it, by running `act`: every path by which bytes leave
    /// the store ends here. Refused once the access is taken away.
    func release<Value: ~Copyable>(
        _ passage: inout Passage, _ act: () throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        do throws(GateError<StoreError>) {
            return try gate.release(&passage, act)
        } catch {
            throw error.merged { StoreError(vault: $0, "read") }
        }
    }
}
