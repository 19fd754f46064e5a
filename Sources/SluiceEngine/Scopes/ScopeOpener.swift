internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Opens scopes: unwraps their keys, and believes a row only by its code and the vault's anchor. Thread-safe.
final class ScopeOpener: Sendable, StoreComponent {
    let context: StoreContext

    init(context: StoreContext) {
        self.context = context
    }

    /// Unwraps a scope's key and checks the row, the commitment and the vault's anchor against it.
    func open(
        _ record: ScopeRecord, _ gate: ReleaseGate
    ) throws(StoreError) -> Scope {
        Scope(
            storeID: catalog.store.storeID, record: record, identity: identity,
            keys: try keys(try unwrapKey(record), of: record), library: library,
            sessionLimit: 64, objectsPerDataKey: context.objectsPerDataKey, gate: gate)
    }

    func unwrapKey(_ record: ScopeRecord) throws(StoreError) -> SecretBytes {
        let what = "open the scope '\(record.name)'"
        do throws(VaultError) {
            let scopeKey = try access.unwrap(
                WrappedKey(
                    scheme: record.scheme, key: record.currentKey, bytes: record.wrappedKey),
                as: identity)
            guard scopeKey.byteCount == Format.keyByteCount else {
                throw VaultError(.unwrapFailed, "the scope key has a wrong length")
            }
            return scopeKey
        } catch {
            throw scopeError(error, what, record)
        }
    }

    /// The keys that derive from a scope key, if that is the one that the row and the vault say it is.
    func keys(
        _ scopeKey: borrowing SecretBytes, of record: ScopeRecord
    ) throws(StoreError) -> ScopeKeys {
        let what = "open the scope '\(record.name)'"
        let keys = try keys(scopeKey, scopeID: record.scopeID)
        let anchor: [UInt8]?
        do throws(VaultError) {
            anchor = try keyService.anchor(
                store: catalog.store.storeID, scope: record.scopeID, under: record.currentKey)
        } catch {
            throw scopeError(error, what, record)
        }
        let commitment = keys.commitment
        guard let anchor, constantTimeEqual(anchor.span, commitment.span) else {
            throw Self.unknownScopeKey(what, record, cause: BindingError.notCommitted)
        }
        let expected = try code(of: record, keys: keys)
        guard constantTimeEqual(record.commitment.span, commitment.span),
            constantTimeEqual(expected.span, record.code.span)
        else {
            throw StoreError.alteredScope(record.name)
        }
        return keys
    }

    func keys(
        _ scopeKey: borrowing SecretBytes, scopeID: [UInt8]
    ) throws(StoreError) -> ScopeKeys {
        try translated("deriving the scope's keys") { () throws(CryptoError) in
            try ScopeKeys(
                scopeKey: scopeKey, storeID: catalog.store.storeID, scopeID: scopeID,
                library: library)
        }
    }

    /// Wraps a scope key, and sees that it can be unwrapped again: or the scope could never be read.
    func wrapTried(
        _ scopeKey: borrowing SecretBytes, under key: KeyIdentifier
    ) throws(VaultError) -> WrappedKey {
        let wrapped = try access.wrap(scopeKey, under: key, as: identity)
        let unwrapped = try access.unwrap(wrapped, as: identity)
        let isSame = unwrapped.withBytes { unwrapped in
            scopeKey.withBytes { constantTimeEqual($0, unwrapped) }
        }
        guard isSame else {
            throw VaultError(
                .unwrapFailed, "what was wrapped under \(key) doesn't unwrap to the same",
                about: .key(key), remedies: [.choose(.otherKey)])
        }
        return wrapped
    }

    /// The authentication code of a scope's row.
    func code(of record: ScopeRecord, keys: ScopeKeys) throws(StoreError) -> [UInt8] {
        try record.code(storeID: catalog.store.storeID, keys: keys, library: library)
    }

    static func unknownScopeKey(
        _ what: String, _ record: ScopeRecord, cause: any Error
    ) -> StoreError {
        StoreError(
            .wrongVault,
            """
            can't \(what): the vault doesn't know its scope key, so either these are not the store's \
            vaults, or somebody has planted a key
            """, about: .scope(record.name.description),
            remedies: [.choose(.vaults), .restoreBackup], cause: cause)
    }

    func scopeError(
        _ error: VaultError, _ what: String, _ record: ScopeRecord
    ) -> StoreError {
        // What doesn't unwrap, or not to a scope key, looks like a key that the vault doesn't know.
        if error.code == .unwrapFailed { return Self.unknownScopeKey(what, record, cause: error) }
        guard error.code == .keyNotFound || error.code == .vaultNotFound else {
            return StoreError(vault: error, what, about: .scope(record.name.description))
        }
        let vaults = keyService.path.map { "the vaults in '\($0)'" } ?? "these vaults"
        return StoreError(
            .wrongVault, "can't \(what): \(vaults) don't have its key \(record.currentKey)",
            about: .scope(record.name.description),
            remedies: [.choose(.vaults), .putBack("its vault")], cause: error)
    }
}
