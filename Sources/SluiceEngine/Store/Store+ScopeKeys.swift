internal import Logging
internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// How scopes are made, opened, and kept true to the catalog and the vaults.
extension Store {
    /// The keys of a scope, from the vault at the first use; nil if there is no such scope.
    ///
    /// Whenever access has changed, the catalog is asked whether the scope has another key by now, and
    /// the vault whether the store may still use it, and whether there is a newer version.
    func findScope(_ name: ScopeName) throws(StoreError) -> Scope? {
        try checkOpen()
        let known = openScopes.withLock { $0[name] }
        if let known, known.isTrusted(by: clock) { return known }
        return try refresh(name, known)
    }

    /// The keys of a scope that must be there.
    func scope(named name: ScopeName) throws(StoreError) -> Scope {
        if let scope = try findScope(name) { return scope }
        throw Self.missingScope(name)
    }

    /// The scope that a put goes to: the default one is made, under the platform's key, when it is
    /// first needed.
    func scopeForPut(_ name: ScopeName) throws(StoreError) -> Scope {
        if let scope = try findScope(name) { return scope }
        if name == .default { try makeDefaultScope() }
        return try scope(named: name)
    }

    /// Makes the default scope, and with it the vaults, their root key and the platform's key, unless they
    /// are there; throws if the scope can't be opened.
    package func prepareDefaultScope() throws(StoreError) {
        _ = try scopeForPut(.default)
    }

    /// Makes the default scope unless somebody else does so first.
    private func makeDefaultScope() throws(StoreError) {
        try defaultScopeTurn.withLock { _ throws(StoreError) in
            // Made while this thread stood here: another key for it would be made for nothing, which takes long.
            guard try record(of: .default) == nil else { return }
            do throws(StoreError) {
                try makeScope(.default, key: nil, isImplied: true)
            } catch {
                // Another process was first.
                guard error.code == .alreadyExists else { throw error }
            }
        }
    }

    static func missingScope(_ name: ScopeName) -> StoreError {
        StoreError(
            .notFound,
            """
            there is no scope '\(name)': `sluice scope list` names them, \
            `sluice scope create` makes one
            """)
    }

    /// Throws if objects are there whose scope has no row: then a scope that isn't there may be theirs, and
    /// was lost or deleted.
    func checkNoScopeIsLost(_ name: ScopeName) throws(StoreError) {
        let isAnyLost = try catalog.read { reader throws(StoreError) in
            try reader.hasStrayObjects()
        }
        if isAnyLost { throw Self.lostScope(name) }
    }

    static func lostScope(_ name: ScopeName) -> StoreError {
        StoreError(
            .damagedCatalog,
            """
            the scope '\(name)' is not there, and the catalog has objects whose scope has lost its row: \
            restore a backup, or begin an empty one with `sluice scope create \(name)`
            """)
    }

    static func alteredScope(_ name: ScopeName) -> StoreError {
        StoreError(.integrity, "the row of the scope '\(name)' was altered; restore a backup")
    }

    /// Runs `body` with the scope that a put goes to; again, if the scope has taken up another key version
    /// meanwhile.
    func withScopeForPut<Value>(
        _ name: ScopeName, _ body: (Scope) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        while true {
            do throws(StoreError) {
                return try body(try scopeForPut(name))
            } catch {
                guard error.code == .scopeMoved else { throw error }
            }
        }
    }

    /// The row of a scope; nil if there is no such scope.
    func record(of name: ScopeName) throws(StoreError) -> ScopeRecord? {
        try catalog.read { reader throws(StoreError) in
            try reader.scopes().first { $0.name == name }
        }
    }

    // MARK: Keeping true

    private func refresh(_ name: ScopeName, _ known: Scope?) throws(StoreError) -> Scope? {
        lookAtFiles()
        try checkOpen()
        // Where the vaults aren't, no barrier of theirs is made. Where they are, it is watched before the
        // first question: a key that is asked for and taken away again is dropped by whoever watches.
        try watchPresentGate()
        guard try permittedRecord(of: name) != nil else { return nil }
        let gate = try gate()
        watchAccess(gate)
        // Before what counts is asked: what changes meanwhile makes the answers old ones.
        let epoch = gate.epoch
        let milliseconds = clock.nowMilliseconds()
        guard var record = try permittedRecord(of: name) else { return nil }
        // The key version of a row that has moved is a stale answer, whoever moved it.
        let isMoved = known.map { $0.record.currentKeyRowID != record.currentKeyRowID } ?? false
        record = takingUpNewest(record, asking: isMoved)
        let scope: Scope
        if let known, known.record == record {
            scope = known
        } else {
            scope = try openScope(record, gate)
        }
        scope.noteChecked(epoch: epoch, milliseconds: milliseconds)
        openScopes.withLock { $0[name] = scope }
        // Asked in an epoch that is over: what was dropped since doesn't come back, and this use ends at the
        // gate if it may not go on.
        if gate.epoch != epoch { forgetScope(name, scope) }
        return scope
    }

    private func watchPresentGate() throws(StoreError) {
        do throws(VaultError) {
            if let gate = try keyService.presentGate() { watchAccess(gate) }
        } catch {
            throw StoreError(vault: error, "open the vaults' read barrier")
        }
    }

    /// Where the vaults are told that the store is: they ask it what still needs a key version.
    var registeredPath: String? {
        guard let files else { return nil }
        return (try? FileSystem.realPath(files.path)) ?? files.path
    }

    /// Tells the vaults that have the store's keys where it is, if they don't know: a copy of a store has its
    /// id, and needs what its own rows say. What fails stands in nobody's way: `key retire` then doesn't ask here.
    func tellPlace() {
        guard let path = registeredPath else { return }
        do {
            let records = try catalog.read { reader throws(StoreError) in try reader.scopes() }
            for vault in Set(records.map(\.currentKey.vault)) {
                try keyService.notePlace(path, ofStore: catalog.store.storeID, vault: vault)
            }
        } catch {
            logger.warning(
                "the vaults could not be told where the store is",
                metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }

    /// The row of a scope, if there is one, that the store may open now; otherwise its keys are let go.
    private func permittedRecord(of name: ScopeName) throws(StoreError) -> ScopeRecord? {
        guard let record = try record(of: name) else {
            forgetScope(name)
            return nil
        }
        do throws(VaultError) {
            _ = try access.renewedReadGrant(record.currentKey, rowID: record.currentKeyRowID)
            return record
        } catch {
            forgetScope(name)
            throw Self.scopeError(error, "open the scope '\(name)'", record)
        }
    }

    /// Lets go of a scope's keys: of one, unless another is open by now under that name, or of any.
    func forgetScope(_ name: ScopeName, _ known: Scope? = nil) {
        let found = openScopes.withLock { scopes -> Scope? in
            if let known, scopes[name] !== known { return nil }
            return scopes.removeValue(forKey: name)
        }
        guard let scope = found else { return }
        scope.sharedDataKey.forget()
        // What is known of objects holds the scope that authenticated it.
        knownObjects.removeAll()
    }

    func gate() throws(StoreError) -> ReleaseGate {
        do throws(VaultError) {
            return try keyService.gate()
        } catch {
            throw StoreError(vault: error, "open the vaults' read barrier")
        }
    }

    // MARK: Making

    func makeScope(
        _ name: ScopeName, key: KeyIdentifier?, isImplied: Bool = false
    ) throws(StoreError) {
        if isImplied { try checkNoScopeIsLost(name) }
        let scopeID = try library.identifier()
        let scopeKey = try library.freshKey()
        let keys = try scopeKeys(scopeKey, scopeID: scopeID)
        var record: ScopeRecord
        do throws(VaultError) {
            let setting: KeyIdentifier
            if let key {
                try keyService.checkSuitableForStore(key, as: identity, deadline: .none)
                setting = key
            } else {
                setting = try keyService.platformKey().versionless
                // First, for the platform's key serves only whom it knows.
                try keyService.registerAnchor(
                    keys.commitment, store: catalog.store.storeID, scope: scopeID, under: setting,
                    path: registeredPath)
            }
            let current = try keyService.describe(setting, as: identity, deadline: .none).identifier
            let wrapped = try wrapTried(scopeKey, under: current)
            if key != nil {
                try keyService.registerAnchor(
                    keys.commitment, store: catalog.store.storeID, scope: scopeID, under: current,
                    path: registeredPath)
            }
            record = ScopeRecord(
                rowID: 0, scopeID: scopeID, name: name, keySetting: setting,
                rewrapMode: .onRewrite, pollSeconds: 0,
                polledMilliseconds: clock.nowMilliseconds(), currentKey: current,
                currentKeyRowID: 0, scheme: wrapped.scheme, wrappedKey: wrapped.bytes,
                commitment: keys.commitment, createdMilliseconds: WallClock.nowMilliseconds,
                code: [])
        } catch {
            throw StoreError(vault: error, "make the scope '\(name)'")
        }
        record.code = try code(of: record, keys: keys)
        let complete = record
        try catalog.write { writer throws(StoreError) in
            writer.needs.insert(KeyUse(key: complete.currentKey, operation: .wrapKey))
            try writer.insert(complete, isImplied: isImplied)
        }
    }

    /// Wraps a scope key, and sees that it can be unwrapped again: or the scope could never be read.
    func wrapTried(
        _ scopeKey: borrowing SecretBytes, under key: KeyIdentifier
    ) throws(VaultError) -> WrappedKey {
        let wrapped = try access.wrap(scopeKey, under: key)
        let unwrapped = try access.unwrap(wrapped)
        let isSame = unwrapped.withBytes { unwrapped in
            scopeKey.withBytes { constantTimeEqual($0, unwrapped) }
        }
        guard isSame else {
            throw VaultError(
                .unwrapFailed,
                "what was wrapped under \(key) doesn't unwrap to the same: use another")
        }
        return wrapped
    }

    // MARK: Opening

    /// Unwraps a scope's key and checks the row, the commitment and the vault's anchor against it.
    private func openScope(
        _ record: ScopeRecord, _ gate: ReleaseGate
    ) throws(StoreError) -> Scope {
        Scope(
            storeID: catalog.store.storeID, record: record,
            keys: try scopeKeys(try unwrapScopeKey(record), of: record), library: library,
            sessionLimit: 64, objectsPerDataKey: objectsPerDataKey, gate: gate)
    }

    func unwrapScopeKey(_ record: ScopeRecord) throws(StoreError) -> SecretBytes {
        let what = "open the scope '\(record.name)'"
        do throws(VaultError) {
            let scopeKey = try access.unwrap(
                WrappedKey(
                    scheme: record.scheme, key: record.currentKey, bytes: record.wrappedKey))
            guard scopeKey.byteCount == Format.keyByteCount else {
                throw VaultError(.unwrapFailed, "the scope key has a wrong length")
            }
            return scopeKey
        } catch {
            throw Self.scopeError(error, what, record)
        }
    }

    /// The keys that derive from a scope key, if that is the one that the row and the vault say it is.
    func scopeKeys(
        _ scopeKey: borrowing SecretBytes, of record: ScopeRecord
    ) throws(StoreError) -> ScopeKeys {
        let what = "open the scope '\(record.name)'"
        let keys = try scopeKeys(scopeKey, scopeID: record.scopeID)
        let anchor: [UInt8]?
        do throws(VaultError) {
            anchor = try keyService.anchor(
                store: catalog.store.storeID, scope: record.scopeID, under: record.currentKey)
        } catch {
            throw Self.scopeError(error, what, record)
        }
        let commitment = keys.commitment
        guard let anchor, constantTimeEqual(anchor.span, commitment.span) else {
            throw Self.unknownScopeKey(what, cause: BindingError.notCommitted)
        }
        let expected = try code(of: record, keys: keys)
        guard constantTimeEqual(record.commitment.span, commitment.span),
            constantTimeEqual(expected.span, record.code.span)
        else {
            throw Self.alteredScope(record.name)
        }
        return keys
    }

    private func scopeKeys(
        _ scopeKey: borrowing SecretBytes, scopeID: [UInt8]
    ) throws(StoreError) -> ScopeKeys {
        do throws(CryptoError) {
            return try ScopeKeys(
                scopeKey: scopeKey, storeID: catalog.store.storeID, scopeID: scopeID,
                library: library)
        } catch {
            throw StoreError(crypto: error, "deriving the scope's keys")
        }
    }

    private static func unknownScopeKey(_ what: String, cause: any Error) -> StoreError {
        StoreError(
            .wrongVault,
            """
            can't \(what): the vault doesn't know its scope key. Either these are not the \
            store's vaults (check --vaults), or somebody has planted a key
            """, cause: cause)
    }

    private static func scopeError(
        _ error: VaultError, _ what: String, _ record: ScopeRecord
    ) -> StoreError {
        // What doesn't unwrap, or not to a scope key, looks like a key that the vault doesn't know.
        if error.code == .unwrapFailed { return unknownScopeKey(what, cause: error) }
        guard error.code == .keyNotFound || error.code == .vaultNotFound else {
            return StoreError(vault: error, what)
        }
        return StoreError(
            .wrongVault,
            """
            can't \(what): these vaults don't have its key \(record.currentKey); \
            check --vaults, or bring the vault back
            """, cause: error)
    }

    /// The authentication code of a scope's row.
    func code(of record: ScopeRecord, keys: ScopeKeys) throws(StoreError) -> [UInt8] {
        try record.code(storeID: catalog.store.storeID, keys: keys, library: library)
    }
}

extension ScopeRecord {
    /// The authentication code that the row of a scope with these keys bears.
    func code(
        storeID: [UInt8], keys: ScopeKeys, library: CryptoLibrary
    ) throws(StoreError) -> [UInt8] {
        let message = binding(storeID: storeID).encoded()
        return try translated("authenticating the scope's row") { () throws(CryptoError) in
            try keys.recordKey.withBytes { key throws(CryptoError) in
                var context = try HMACSHA256(key: key, library: library)
                let code = try context.authenticate(message.span)
                return [UInt8](copying: code.span)
            }
        }
    }
}
