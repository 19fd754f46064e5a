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

    /// What reading an object takes: the current key of its scope, that of its encryption scope, and its own version; the
    /// first alone, if its encryption scope wasn't opened for it.
    func reading(_ object: OpenObject) throws(StoreError) -> Reading {
        let (scope, row) = (object.scope, object.row)
        do throws(VaultError) {
            let first = try grant(scope.currentPlace, scope)
            var second: Grant?
            var third: Grant?
            if let encryption = object.encryptionScope {
                if encryption !== scope { second = try grant(encryption.currentPlace, encryption) }
                if row.keyRowID != encryption.record.currentKeyRowID {
                    third = try access.readGrant(
                        row.wrapped.key, rowID: row.keyRowID,
                        as: encryption.identity(for: row.wrapped.key))
                }
            }
            return Reading(
                passage: Passage(first, second, third),
                authority: ReadAuthority(authorizer: self, scope: object.scope, object: object))
        } catch {
            throw StoreError(
                vault: error, "read '\(ObjectName.printable(object.name))'",
                about: .object(ObjectName.printable(object.name)))
        }
    }

    private func grant(_ place: KeyPlace, _ scope: Scope) throws(VaultError) -> Grant {
        try access.readGrant(place.key, rowID: place.rowID, as: scope.identity(for: place.key))
    }

    /// The key version of a scope's row, authenticated, and as whom the scope asks now.
    func currentKey(
        of scope: Scope
    ) throws(StoreError) -> (place: KeyPlace, principals: ScopePrincipals) {
        let (own, record) = (scope.currentPlace, scope.record)
        let standing = try catalog.standing(
            ofScope: record.rowID, under: own.rowID, as: record.identityText)
        switch standing {
        case .same: return (own, scope.principals)
        case .other(nil):
            throw StoreError(.notFound, "the scope is no longer there", remedies: [.list(.scopes)])
        case .other(let found?):
            let moved = try scope.moved(to: found, library: library)
            return (
                KeyPlace(key: moved.currentKey, rowID: moved.currentKeyRowID),
                scope.principals.of(moved)
            )
        }
    }

    /// The key version that an object's data key is wrapped under for its encryption scope: the one that it was unwrapped under or,
    /// if it was wrapped anew since, the scope's, once it unwraps under that to the same keys.
    ///
    /// A read of what was replaced or removed meanwhile goes on under the version it had.
    func currentKey(
        of object: OpenObject, in scope: Scope, scopeKey: KeyPlace
    ) throws(StoreError) -> KeyPlace {
        let own = KeyPlace(key: object.row.wrapped.key, rowID: object.row.keyRowID)
        guard scopeKey != own else { return own }
        let found = try catalog.wrappedKey(
            ofObject: object.row.objectID, rowID: object.row.rowID)
        guard let found, found.keyRowID == scopeKey.rowID else { return own }
        let wrapped = WrappedKey(scheme: found.scheme, key: scopeKey.key, bytes: found.bytes)
        do throws(VaultError) {
            return try keyring.isSealed(
                object, for: scope, under: wrapped, keyRowID: scopeKey.rowID) ? scopeKey : own
        } catch {
            // Then it isn't this, or may not be used, and the vault is asked for the other.
            return own
        }
    }
}
