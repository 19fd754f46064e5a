internal import SluiceFormat
internal import SluiceVault

/// What the releases of one read go through the gate with.
struct Reading: ~Copyable, Sendable {
    var passage: Passage
    /// Made once for all releases: what it asks takes longer to copy than a release to be entered.
    let gate: BarrierGate<ReadAuthority>

    init(passage: consuming Passage, authority: ReadAuthority) {
        self.passage = passage
        gate = BarrierGate(authority.scope.barrier, authority)
    }
}

/// Which grants a read needs: for the current key of the scope, and for the version that wraps the
/// object's data key. Both may have moved on since the read began, so the catalog is asked again
/// whenever the vaults are.
struct ReadAuthority: PassageAuthority {
    let store: Store
    let scope: Scope
    /// Nil where only names are read.
    let object: ObjectPlace?

    /// Where an object's row is, and of which version it was when the read began.
    struct ObjectPlace: Sendable {
        let rowID: Int
        let objectID: [UInt8]
        let key: KeyIdentifier
        let keyRowID: Int
    }

    func renew(_ passage: inout Passage) throws(VaultError) {
        let object = object
        let scopeRowID = scope.record.rowID
        let now: (scope: KeyPlace, object: KeyPlace?)
        do throws(StoreError) {
            try store.catalog.place.check()
            now = try store.catalog.read { reader throws(StoreError) in
                guard let scopeKey = try reader.key(ofScope: scopeRowID) else {
                    throw StoreError(.notFound, "the scope is no longer there")
                }
                guard let object else { return (scopeKey, nil) }
                // A read of what was replaced or removed meanwhile goes on under the version it had.
                let objectKey = try reader.key(ofObject: object.objectID, rowID: object.rowID)
                return (
                    scopeKey, objectKey ?? KeyPlace(key: object.key, rowID: object.keyRowID)
                )
            }
        } catch {
            throw VaultError(.io, error.message)
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
                authority: ReadAuthority(
                    store: self, scope: object.scope,
                    object: ReadAuthority.ObjectPlace(
                        rowID: row.rowID, objectID: row.objectID, key: row.wrapped.key,
                        keyRowID: row.keyRowID)))
        } catch {
            throw StoreError(
                vault: error, "read '\(ObjectName.printable(object.document.name))'")
        }
    }
}
