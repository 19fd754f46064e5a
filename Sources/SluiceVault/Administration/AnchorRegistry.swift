internal import SluiceAccess
internal import SluiceNative

/// The scope-key commitments that stores have registered in vaults, and where those stores are.
final class AnchorRegistry: Sendable {
    private let context: VaultContext
    private let vaults: OpenVaults
    private let epochs: AccessEpochs
    private let journal: OperationJournal
    private let permissions: KeyPermissions

    init(
        _ context: VaultContext, _ vaults: OpenVaults, _ epochs: AccessEpochs,
        _ journal: OperationJournal, _ permissions: KeyPermissions
    ) {
        self.context = context
        self.vaults = vaults
        self.epochs = epochs
        self.journal = journal
        self.permissions = permissions
    }

    /// See ``KeyService/anchor(store:scope:under:)``.
    func anchor(
        store: [UInt8], scope: [UInt8], under key: KeyIdentifier
    ) throws(VaultError) -> [UInt8]? {
        guard let registered = try row(store, scope, in: key.vault) else { return nil }
        do throws(VaultError) {
            try authenticate(registered, context.rootKey.keys(), in: key.vault)
            return registered.commitment
        } catch {
            guard error.code == .damaged else { throw error }
            // The root key may have been changed meanwhile, and all anchors with it.
            let rootKeys = try context.rootKey.presentKeys()
            guard let present = try row(store, scope, in: key.vault) else { return nil }
            try authenticate(present, rootKeys, in: key.vault)
            return present.commitment
        }
    }

    /// See ``KeyService/registerAnchor(_:store:scope:under:path:)``.
    func register(
        _ commitment: [UInt8], store: [UInt8], scope: [UInt8], under key: KeyIdentifier,
        path: String?
    ) throws(VaultError) {
        guard commitment.count == 32 else {
            throw VaultError(
                .invalidArgument,
                "a scope-key commitment for \(key) has 32 bytes, not \(commitment.count)")
        }
        // Asked first: without the vault there may be no root key.
        try vaults.check(key.vault)
        _ = try context.rootKey.keys()
        let work: TableWork<AnchorRow?> = { tables, _ throws(DatabaseError) in
            let existing = try tables.anchor(store: store, scope: scope)
            let anchor: AnchorRow
            do throws(VaultError) {
                // Now, when nobody else changes the vault: what is in it is under this root key.
                let rootKeys = try self.context.rootKey.presentKeys()
                if let existing { try self.authenticate(existing, rootKeys, in: key.vault) }
                anchor = try Self.row(commitment, store, scope, rootKeys, in: key.vault)
            } catch {
                return .failure(error)
            }
            if existing == nil { try tables.insert(anchor) }
            if existing?.commitment ?? commitment == commitment {
                try tables.addPlace(path, ofStore: store)
            }
            return .success(existing)
        }
        let existing = try vaults.write(key.vault, work)
        guard let existing else { return }
        guard existing.commitment == commitment else {
            throw VaultError(
                .anchorMismatch,
                "the vault '\(key.vault)' knows this scope by another scope key than the one now under \(key), so "
                    + "that someone may have changed the store's catalog", about: .key(key),
                remedies: [.restoreBackup])
        }
    }

    /// See ``KeyService/replaceAnchor(_:with:store:scope:vault:waiting:)``.
    func replace(
        _ old: [UInt8], with new: [UInt8], store: [UInt8], scope: [UInt8], vault name: String,
        waiting deadline: Deadline?
    ) throws(VaultError) -> BarrierConfirmation? {
        guard new.count == 32 else {
            throw VaultError(
                .invalidArgument, "a scope-key commitment has 32 bytes, not \(new.count)")
        }
        try vaults.check(name)
        _ = try context.rootKey.keys()
        let work: TableWork<Void> = { tables, _ throws(DatabaseError) in
            guard let existing = try tables.anchor(store: store, scope: scope) else {
                return .failure(Self.mismatch(in: name))
            }
            let anchor: AnchorRow
            do throws(VaultError) {
                // Now, when nobody else changes the vault: what is in it is under this root key.
                let rootKeys = try self.context.rootKey.presentKeys()
                try self.authenticate(existing, rootKeys, in: name)
                anchor = try Self.row(new, store, scope, rootKeys, in: name)
            } catch {
                return .failure(error)
            }
            if existing.commitment == new { return .success(()) }
            guard existing.commitment == old else { return .failure(Self.mismatch(in: name)) }
            try tables.removeAnchor(store: store, scope: scope)
            try tables.insert(anchor)
            return .success(())
        }
        guard let deadline else {
            try vaults.write(name, work)
            return nil
        }
        return try epochs.change(waiting: deadline) { () throws(VaultError) in
            try vaults.write(name, work)
        }.confirmation
    }

    private static func row(
        _ commitment: [UInt8], _ store: [UInt8], _ scope: [UInt8], _ rootKeys: RootKeys,
        in vault: String
    ) throws(VaultError) -> AnchorRow {
        AnchorRow(
            store: store, scope: scope, commitment: commitment,
            authentication: try rootKeys.current.authenticateAnchor(
                vault: vault, store: store, scope: scope, commitment: commitment))
    }

    private static func mismatch(in vault: String) -> VaultError {
        VaultError(
            .anchorMismatch,
            "the vault '\(vault)' knows this scope by another scope key or identity, so that someone may have changed "
                + "the store's catalog", about: .vault(vault), remedies: [.restoreBackup])
    }

    /// See ``KeyService/removeAnchor(store:scope:vault:waiting:)``.
    func remove(
        store: [UInt8], scope: [UInt8], vault name: String, waiting deadline: Deadline
    ) throws(VaultError) -> BarrierConfirmation {
        try vaults.check(name)
        let change = try epochs.change(waiting: deadline) { () throws(VaultError) in
            try vaults.write(name) { tables, _ throws(DatabaseError) in
                .success(try tables.removeAnchor(store: store, scope: scope))
            }
        }
        return change.confirmation
    }

    /// Notes where a store is, if it has registered a scope in a vault and has not been there before: it
    /// may have been moved, or copied.
    func notePlace(
        _ path: String, ofStore store: [UInt8], vault name: String
    ) throws(VaultError) {
        let known = try vaults.read(name) { tables, _ throws(DatabaseError) in
            .success(try tables.stores().filter { $0.storeID == store })
        }
        guard !known.isEmpty, !known.contains(where: { $0.path == path }) else { return }
        try vaults.write(name) { tables, _ throws(DatabaseError) in
            .success(try tables.addPlace(path, ofStore: store))
        }
    }

    /// Forgets a place where a store was and isn't any more: it isn't asked for what it needs.
    func forgetPlace(
        _ path: String, ofStore store: [UInt8], vault name: String, as identity: Identity
    ) throws(VaultError) {
        try journal.recording("forgetStore", in: name, as: identity) { () throws(VaultError) in
            try permissions.check(.update, in: name, as: identity)
            try vaults.write(name) { tables, _ throws(DatabaseError) in
                .success(try tables.removePlace(path, ofStore: store))
            }
        }
    }

    /// The stores that have ever registered a scope in a vault, in the order of their ids, each with every
    /// place where it was: a copy has the id of what it was made of.
    ///
    /// Before a key version is retired, each is to be asked what it still needs.
    func registeredStores(vault name: String) throws(VaultError) -> [RegisteredStore] {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try vaults.read(name) { tables, _ throws(DatabaseError) in
            .success(try tables.stores())
        }
    }

    private func row(
        _ store: [UInt8], _ scope: [UInt8], in vault: String
    ) throws(VaultError) -> AnchorRow? {
        try vaults.read(vault) { tables, _ throws(DatabaseError) in
            .success(try tables.anchor(store: store, scope: scope))
        }
    }

    private func authenticate(
        _ anchor: AnchorRow, _ rootKeys: RootKeys, in vault: String
    ) throws(VaultError) {
        _ = try rootKeys.vouching(
            for: anchor.authentication, vault: vault, store: anchor.store, scope: anchor.scope,
            commitment: anchor.commitment)
    }
}
