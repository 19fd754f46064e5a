internal import SluiceAccess
internal import SluiceFormat

/// Begins reads: with grants for the scope's current key and the object's own version, which whoever releases renews. Thread-safe.
final class ReadAuthorizer: Sendable, StoreComponent {
    let context: StoreContext
    let keyring: ObjectKeyring

    init(context: StoreContext, keyring: ObjectKeyring) {
        self.context = context
        self.keyring = keyring
    }

    /// What reading names takes: the scope's current key.
    func reading(_ scope: Scope) throws(StoreError) -> Reading {
        let record = scope.record
        do throws(VaultError) {
            return Reading(
                passage: Passage(
                    try access.readGrant(
                        record.currentKey, rowID: record.currentKeyRowID, as: scope.identity)),
                authority: ReadAuthority(authorizer: self, scope: scope, object: nil))
        } catch {
            throw StoreError(
                vault: error, "open the scope '\(record.name)'",
                about: .scope(record.name.description))
        }
    }

    /// What reading an object takes: the scope's current key and the object's own version.
    func reading(_ object: OpenObject) throws(StoreError) -> Reading {
        let record = object.scope.record
        let row = object.row
        do throws(VaultError) {
            let identity = object.scope.identity
            let first = try access.readGrant(
                record.currentKey, rowID: record.currentKeyRowID, as: identity)
            var second: Grant?
            if row.keyRowID != record.currentKeyRowID {
                second = try access.readGrant(row.wrapped.key, rowID: row.keyRowID, as: identity)
            }
            return Reading(
                passage: Passage(first, second),
                authority: ReadAuthority(authorizer: self, scope: object.scope, object: object))
        } catch {
            throw StoreError(
                vault: error, "read '\(ObjectName.printable(object.name))'",
                about: .object(ObjectName.printable(object.name)))
        }
    }

    /// The key version of a scope's row, authenticated.
    func currentKey(of scope: Scope) throws(StoreError) -> KeyPlace {
        let (library, scope) = (library, scope)
        let found = try catalog.read { reader throws(StoreError) in
            try reader.currentKey(of: scope, library: library)
        }
        guard let found else {
            throw StoreError(.notFound, "the scope is no longer there", remedies: [.list(.scopes)])
        }
        return found
    }

    /// The key version that an object's data key is wrapped under: the one that it was unwrapped under or,
    /// if it was wrapped anew since, the scope's, once it unwraps under that to the same keys.
    ///
    /// A read of what was replaced or removed meanwhile goes on under the version it had.
    func currentKey(
        of object: OpenObject, scopeKey: KeyPlace
    ) throws(StoreError) -> KeyPlace {
        let own = KeyPlace(key: object.row.wrapped.key, rowID: object.row.keyRowID)
        guard scopeKey != own else { return own }
        let found = try catalog.read { reader throws(StoreError) in
            try reader.wrappedKey(ofObject: object.row.objectID, rowID: object.row.rowID)
        }
        guard let found, found.keyRowID == scopeKey.rowID else { return own }
        let wrapped = WrappedKey(scheme: found.scheme, key: scopeKey.key, bytes: found.bytes)
        do throws(VaultError) {
            return try keyring.isSealed(object, under: wrapped, keyRowID: scopeKey.rowID)
                ? scopeKey : own
        } catch {
            // Then it isn't this, or may not be used, and the vault is asked for the other.
            return own
        }
    }
}
