public import SluiceNative
internal import Synchronization

extension VaultDirectory: KeyService {
    /// See ``KeyService/describe(_:as:deadline:)``.
    public func describe(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyDescription {
        try deadline.check()
        try Self.permit(.get, on: key, to: identity)
        return try version(key).description
    }

    /// See ``KeyService/authorize(_:for:as:deadline:)``.
    public func authorize(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        deadline: Deadline
    ) throws(VaultError) -> Grant {
        let version = try version(key, for: operation, as: identity, deadline)
        return Grant(key: version.identifier, identity: identity, epoch: 0)
    }

    /// See ``KeyService/wrap(_:under:as:deadline:)``.
    public func wrap(
        _ secret: Span<UInt8>, under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> WrappedKey {
        try version(key, for: .wrapKey, as: identity, deadline).wrap(secret)
    }

    /// See ``KeyService/unwrap(_:under:as:deadline:)``.
    public func unwrap(
        _ wrapped: [UInt8], under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> SecretBytes {
        try version(key, for: .unwrapKey, as: identity, deadline).unwrap(wrapped)
    }

    /// The key version that an identifier means now, if an identity may use it for an operation.
    private func version(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        _ deadline: Deadline
    ) throws(VaultError) -> KeyVersion {
        try deadline.check()
        // First of all: who has no permission isn't told what there is.
        try Self.permit(operation, on: key, to: identity)
        let version = try version(key)
        try version.checkUsable(for: operation, clock)
        return version
    }

    /// Whether an identity may ask for an operation with a key at all.
    ///
    /// Vaults have no access policies yet, so all but their owner are refused.
    private static func permit(
        _ operation: KeyOperation, on key: KeyIdentifier, to identity: Identity
    ) throws(VaultError) {
        guard identity == .owner else {
            throw VaultError(
                .accessDenied,
                "'\(identity.objectID)' has no permission \(operation.rawValue) on \(key): no access "
                    + "policy of its vault gives it; act as the vault's owner")
        }
    }

    // MARK: Anchors

    /// See ``KeyService/anchor(store:scope:under:)``.
    public func anchor(
        store: [UInt8], scope: [UInt8], under key: KeyIdentifier
    ) throws(VaultError) -> [UInt8]? {
        let registered = try vault(named: key.vault).read { tables throws(DatabaseError) in
            try tables.anchor(store: store, scope: scope)
        }
        guard let registered else { return nil }
        try authenticate(registered, vault: key.vault)
        return registered.commitment
    }

    /// See ``KeyService/registerAnchor(_:store:scope:under:)``.
    public func registerAnchor(
        _ commitment: [UInt8], store: [UInt8], scope: [UInt8], under key: KeyIdentifier
    ) throws(VaultError) {
        guard commitment.count == 32 else {
            throw VaultError(
                .invalidArgument,
                "a scope-key commitment for \(key) has 32 bytes, not \(commitment.count)")
        }
        let vault = try vault(named: key.vault)
        let anchor = AnchorRow(
            store: store, scope: scope, commitment: commitment,
            authentication: try rootKey.key().authenticateAnchor(
                vault: key.vault, store: store, scope: scope, commitment: commitment))
        let existing = try vault.write { tables throws(DatabaseError) -> AnchorRow? in
            if let existing = try tables.anchor(store: store, scope: scope) { return existing }
            try tables.insert(anchor)
            return nil
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

    // MARK: Key versions

    /// The key version that an identifier means now, ready for use: what every operation goes through.
    ///
    /// A version that was used before is found in memory, and nothing about it can have changed while
    /// vaults have no operation that would change it. The barrier's epoch is to be compared here.
    func version(_ key: KeyIdentifier) throws(VaultError) -> KeyVersion {
        if let version = state.withLock({ $0.versions[key] }) { return version }
        return try load(key)
    }

    @inline(never)
    private func load(_ key: KeyIdentifier) throws(VaultError) -> KeyVersion {
        let vault = try vault(named: key.vault)
        let row = try vault.read { tables throws(DatabaseError) in
            if let version = key.version {
                try tables.version(version, of: key.name)
            } else {
                try tables.newestVersion(of: key.name)
            }
        }
        guard let row else { throw .keyNotFound(key) }
        // The newest is a disabled one only if all are.
        guard row.isEnabled || key.version != nil else { throw .disabled(key) }
        let loaded = try KeyVersion(row, in: vault, rootKey: try rootKey.key())
        return state.withLock { state in
            // Another thread may have been faster; all should share one set of OpenSSL's contexts.
            if let known = state.versions[loaded.identifier] { return known }
            if !state.isClosed { state.versions[loaded.identifier] = loaded }
            return loaded
        }
    }
}
