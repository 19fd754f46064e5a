internal import SluiceAccess
internal import SluiceFormat

/// What the releases of one read go through the gate with.
struct Reading: ~Copyable, Sendable {
    var passage: Passage
    /// Made once for all releases: what it asks takes longer to copy than a release to be entered.
    let gate: GrantGate<ReadAuthority>

    init(passage: consuming Passage, authority: ReadAuthority) {
        self.passage = passage
        gate = GrantGate(authority.scope.gate, authority)
    }
}

/// Which grants a read needs: for the current key of the scope, and for the version that wraps the
/// object's data key. Both may have moved on since the read began, so the catalog is asked again
/// whenever the vaults are; and what it says is believed once it is authenticated.
struct ReadAuthority: PassageAuthority {
    let store: Store
    let scope: Scope
    /// Nil where only names are read.
    let object: OpenObject?

    func renew(_ passage: inout Passage) throws(VaultError) {
        let now: (scope: KeyPlace, object: KeyPlace?)
        do throws(StoreError) {
            try store.catalog.place.check()
            let current = try store.currentKey(of: scope)
            var own: KeyPlace?
            if let object { own = try store.currentKey(of: object, scopeKey: current) }
            now = (current, own)
        } catch {
            throw VaultError(error.code == .integrity ? .damaged : .io, error.message)
        }
        passage.first = try store.access.renewedReadGrant(now.scope.key, rowID: now.scope.rowID)
        passage.second = nil
        if let object = now.object, object.rowID != now.scope.rowID {
            passage.second = try store.access.renewedReadGrant(object.key, rowID: object.rowID)
        }
    }
}

/// A key version, and its row in the catalog's `keys`.
struct KeyPlace: Sendable, Equatable {
    let key: KeyIdentifier
    let rowID: Int
}

extension Store {
    // MARK: What has moved

    /// The key version of a scope's row, authenticated.
    fileprivate func currentKey(of scope: Scope) throws(StoreError) -> KeyPlace {
        let (library, scope) = (library, scope)
        let found = try catalog.read { reader throws(StoreError) in
            try reader.currentKey(of: scope, library: library)
        }
        guard let found else {
            throw StoreError(.notFound, "the scope is no longer there")
        }
        return found
    }

    /// The key version that an object's data key is wrapped under: the one that it was unwrapped under or,
    /// if it was wrapped anew since, the scope's, once it unwraps under that to the same keys.
    ///
    /// A read of what was replaced or removed meanwhile goes on under the version it had.
    fileprivate func currentKey(
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
            return try isSealed(object, under: wrapped, keyRowID: scopeKey.rowID) ? scopeKey : own
        } catch {
            // Then it isn't this, or may not be used, and the vault is asked for the other.
            return own
        }
    }

    // MARK: Beginning

    /// What reading names takes: the scope's current key.
    func reading(_ scope: Scope) throws(StoreError) -> Reading {
        let record = scope.record
        do throws(VaultError) {
            return Reading(
                passage: Passage(
                    try access.readGrant(record.currentKey, rowID: record.currentKeyRowID)),
                authority: ReadAuthority(store: self, scope: scope, object: nil))
        } catch {
            throw StoreError(vault: error, "open the scope '\(record.name)'")
        }
    }

    /// What reading an object takes: the scope's current key and the object's own version.
    func reading(_ object: OpenObject) throws(StoreError) -> Reading {
        let record = object.scope.record
        let row = object.row
        do throws(VaultError) {
            let first = try access.readGrant(record.currentKey, rowID: record.currentKeyRowID)
            var second: Grant?
            if row.keyRowID != record.currentKeyRowID {
                second = try access.readGrant(row.wrapped.key, rowID: row.keyRowID)
            }
            return Reading(
                passage: Passage(first, second),
                authority: ReadAuthority(store: self, scope: object.scope, object: object))
        } catch {
            throw StoreError(
                vault: error, "read '\(ObjectName.printable(object.name))'")
        }
    }
}
