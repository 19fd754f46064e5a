public import SluiceAccess
internal import SluiceNative

extension VaultDirectory {
    /// See ``KeyService/anchor(store:scope:under:)``.
    public func anchor(
        store: [UInt8], scope: [UInt8], under key: KeyIdentifier
    ) throws(VaultError) -> [UInt8]? {
        let registered = try read(key.vault) { tables, _ throws(DatabaseError) in
            .success(try tables.anchor(store: store, scope: scope))
        }
        guard let registered else { return nil }
        try authenticate(registered, vault: key.vault)
        return registered.commitment
    }

    /// See ``KeyService/registerAnchor(_:store:scope:under:path:)``.
    public func registerAnchor(
        _ commitment: [UInt8], store: [UInt8], scope: [UInt8], under key: KeyIdentifier,
        path: String? = nil
    ) throws(VaultError) {
        guard commitment.count == 32 else {
            throw VaultError(
                .invalidArgument,
                "a scope-key commitment for \(key) has 32 bytes, not \(commitment.count)")
        }
        // Asked first: without the vault there may be no root key.
        try read(key.vault) { _, _ throws(DatabaseError) in .success(()) }
        let anchor = AnchorRow(
            store: store, scope: scope, commitment: commitment,
            authentication: try rootKey.key().authenticateAnchor(
                vault: key.vault, store: store, scope: scope, commitment: commitment))
        let existing = try write(key.vault) { tables, _ throws(DatabaseError) in
            let existing = try tables.anchor(store: store, scope: scope)
            if existing == nil { try tables.insert(anchor) }
            if existing?.commitment ?? commitment == commitment {
                try tables.addPlace(path, ofStore: store)
            }
            return .success(existing)
        }
        guard let existing else { return }
        try authenticate(existing, vault: key.vault)
        guard existing.commitment == commitment else {
            throw VaultError(
                .anchorMismatch,
                "the vault '\(key.vault)' knows this scope by another scope key than the one now "
                    + "under \(key): restore the store's catalog from a backup, for someone may have "
                    + "changed it")
        }
    }

    /// Notes where a store is, if it has registered a scope in a vault and has not been there before: it
    /// may have been moved, or copied.
    public func notePlace(
        _ path: String, ofStore store: [UInt8], vault name: String
    ) throws(VaultError) {
        let known = try read(name) { tables, _ throws(DatabaseError) in
            .success(try tables.stores().filter { $0.storeID == store })
        }
        guard !known.isEmpty, !known.contains(where: { $0.path == path }) else { return }
        try write(name) { tables, _ throws(DatabaseError) in
            .success(try tables.addPlace(path, ofStore: store))
        }
    }

    /// Forgets a place where a store was and isn't any more: it isn't asked for what it needs.
    public func forgetPlace(
        _ path: String, ofStore store: [UInt8], vault name: String, as identity: Identity
    ) throws(VaultError) {
        try recording("forgetStore", in: name, as: identity) { () throws(VaultError) in
            try checkPermission(.update, in: name, as: identity)
            try write(name) { tables, _ throws(DatabaseError) in
                .success(try tables.removePlace(path, ofStore: store))
            }
        }
    }

    /// The stores that have ever registered a scope in a vault, in the order of their ids, each with every
    /// place where it was: a copy has the id of what it was made of.
    ///
    /// Before a key version is retired, each is to be asked what it still needs.
    public func registeredStores(vault name: String) throws(VaultError) -> [RegisteredStore] {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try read(name) { tables, _ throws(DatabaseError) in .success(try tables.stores()) }
    }

    private func authenticate(_ anchor: AnchorRow, vault: String) throws(VaultError) {
        let expected = try rootKey.key().authenticateAnchor(
            vault: vault, store: anchor.store, scope: anchor.scope, commitment: anchor.commitment)
        guard constantTimeEqual(expected.span, anchor.authentication.span) else {
            throw VaultError(
                .damaged,
                "an anchor in the vault '\(vault)' was not written by it: restore the vault from a "
                    + "backup")
        }
    }
}
