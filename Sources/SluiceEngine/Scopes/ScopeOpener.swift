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
            storeID: catalog.store.storeID, record: record, principals: principals(of: record),
            keys: try keys(try unwrapKey(record), of: record), library: library,
            sessionLimit: 64, objectsPerDataKey: context.objectsPerDataKey, gate: gate)
    }

    /// A scope's key, which is asked for only if the vault knows the scope as its row has it.
    func unwrapKey(_ record: ScopeRecord) throws(StoreError) -> SecretBytes {
        try checkAnchor(of: record)
        return try unwrapKey(record, as: principals(of: record))
    }

    /// A scope's key, asked for as somebody.
    func unwrapKey(
        _ record: ScopeRecord, as principals: ScopePrincipals
    ) throws(StoreError) -> SecretBytes {
        let what = "open the scope '\(record.name)'"
        do throws(VaultError) {
            let scopeKey = try access.unwrap(
                WrappedKey(
                    scheme: record.scheme, key: record.currentKey, bytes: record.wrappedKey),
                as: principals.principal(for: record.currentKey))
            guard scopeKey.byteCount == Format.keyByteCount else {
                throw VaultError(.unwrapFailed, "the scope key has a wrong length")
            }
            return scopeKey
        } catch {
            throw scopeError(error, what, record)
        }
    }

    /// Throws unless the vault of a scope's key knows the scope, with the commitment and the identity that its row has: before
    /// anything is asked for as that identity.
    func checkAnchor(of record: ScopeRecord) throws(StoreError) {
        let what = "open the scope '\(record.name)'"
        let expected = try anchor(of: record)
        guard let known = try registeredAnchor(of: record) else {
            throw Self.unknownScopeKey(what, record, cause: BindingError.notCommitted)
        }
        if constantTimeEqual(known.span, expected.span) { return }
        if record.ownIdentity != nil || !constantTimeEqual(known.span, record.commitment.span) {
            let identity = record.ownIdentity?.objectID ?? "the store"
            throw StoreError(
                .wrongVault,
                """
                can't \(what): its row says that its keys are asked for as '\(identity)', and the vault knows it \
                otherwise, so either whoever changed that was cut short, or the row is an older one, or planted
                """, about: .scope(record.name.description),
                remedies: [.change(.setIdentity(scope: record.name.description)), .restoreBackup],
                cause: BindingError.otherIdentity)
        }
        throw Self.unknownScopeKey(what, record, cause: BindingError.notCommitted)
    }

    /// The row of a scope, if there is one, which its vault knows as it is. Looked at again for a moment if they differ in the
    /// identity: whoever changes that changes the vault first.
    func anchoredRecord(of name: ScopeName) throws(StoreError) -> ScopeRecord? {
        var lookCount = 0
        while true {
            guard let record = try catalog.scope(named: name) else { return nil }
            do throws(StoreError) {
                try checkAnchor(of: record)
                return record
            } catch {
                lookCount += 1
                guard error.cause as? BindingError == .otherIdentity,
                    lookCount < 10
                else { throw error }
                NativeThread.sleep(nanoseconds: 20_000_000)
            }
        }
    }

    /// What the vault of a scope's key knows of it; nil if that is nothing.
    func registeredAnchor(of record: ScopeRecord) throws(StoreError) -> [UInt8]? {
        do throws(VaultError) {
            return try keyService.anchor(
                store: catalog.store.storeID, scope: record.scopeID, under: record.currentKey)
        } catch {
            throw scopeError(error, "open the scope '\(record.name)'", record)
        }
    }

    /// Has the vault of a scope's key know the scope as its row has it.
    ///
    /// - Parameter old: What the vault may know in its place, by what was authenticated: it is replaced. Anything else that the
    ///   vault knows is a refusal.
    func register(_ record: ScopeRecord, inPlaceOf old: [UInt8]? = nil) throws(StoreError) {
        let (store, scope) = (catalog.store.storeID, record.scopeID)
        let anchor = try anchor(of: record)
        do throws(VaultError) {
            let key = record.currentKey
            if let old, old != anchor {
                try keyService.replaceAnchor(
                    old, with: anchor, store: store, scope: scope, vault: key.vault, waiting: nil)
            }
            try keyService.registerAnchor(
                anchor, store: store, scope: scope, under: key, path: context.registeredPath)
        } catch {
            throw StoreError(
                vault: error, "have the vault know the scope '\(record.name)'",
                about: .scope(record.name.description))
        }
    }

    /// What a vault is to know of a scope, by its row: the commitment to its key and, but for the platform's vault, the identity
    /// that it was given, if it was given one.
    func anchor(of record: ScopeRecord) throws(StoreError) -> [UInt8] {
        guard let identity = record.ownIdentity,
            record.currentKey.vault != keyService.platformVault
        else { return record.commitment }
        let message = KeyInfo.anchor(
            commitment: record.commitment, identity: identity.objectID)
        let digest = try translated("the anchor of a scope") { () throws(CryptoError) in
            try library.sha256(message.span)
        }
        return [UInt8](copying: digest.span)
    }

    /// The keys that derive from a scope key, if that is the one that the row says it is.
    func keys(
        _ scopeKey: borrowing SecretBytes, of record: ScopeRecord
    ) throws(StoreError) -> ScopeKeys {
        let keys = try keys(scopeKey, scopeID: record.scopeID)
        let commitment = keys.commitment
        guard constantTimeEqual(record.commitment.span, commitment.span) else {
            throw Self.unknownScopeKey(
                "open the scope '\(record.name)'", record, cause: BindingError.notCommitted)
        }
        let expected = try code(of: record, keys: keys)
        guard constantTimeEqual(expected.span, record.code.span) else {
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
        _ scopeKey: borrowing SecretBytes, under key: KeyIdentifier, as identity: Identity
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
