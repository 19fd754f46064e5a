internal import SluiceFormat
internal import SluiceNative
public import SluiceVault

extension Store {
    /// Makes a scope whose objects are sealed under `key`, or under the platform's key if it is nil.
    ///
    /// A key without a version follows the vault's newest; one with a version is pinned. The key is
    /// tried first. Throws ``StoreError/Code/alreadyExists``, ``StoreError/Code/vaultUnavailable``,
    /// ``StoreError/Code/accessDenied``.
    @available(*, noasync)
    @discardableResult
    public func createScope(
        _ name: ScopeName, key: KeyIdentifier? = nil
    ) throws(StoreError) -> ScopeInfo {
        try checkOpen()
        try makeScope(name, key: key)
        return try scope(name)
    }

    /// Every scope, in order of names.
    @available(*, noasync)
    public func scopes() throws(StoreError) -> [ScopeInfo] {
        try checkOpen()
        return try catalog.read { reader throws(StoreError) in
            var scopes: [ScopeInfo] = []
            for record in try reader.scopes() {
                scopes.append(
                    ScopeInfo(
                        name: record.name, keySetting: record.keySetting,
                        rewrapMode: record.rewrapMode, pollSeconds: record.pollSeconds,
                        currentKey: record.currentKey,
                        createdMilliseconds: record.createdMilliseconds,
                        census: try reader.census(scope: record.rowID)))
            }
            return scopes
        }
    }

    /// One scope; ``StoreError/Code/notFound`` if there is none of that name.
    @available(*, noasync)
    public func scope(_ name: ScopeName) throws(StoreError) -> ScopeInfo {
        guard let scope = try scopes().first(where: { $0.name == name }) else {
            throw Self.missingScope(name)
        }
        return scope
    }

    /// The store at a glance; needs no key.
    @available(*, noasync)
    public func status() throws(StoreError) -> StoreStatus {
        let scopes = try scopes()
        let garbageCount = try catalog.read { reader throws(StoreError) in
            try reader.garbage().count
        }
        return StoreStatus(
            storeID: FileBlobBackend.hex(catalog.store.storeID),
            formatVersion: catalog.store.formatVersion, scopes: scopes,
            garbageCount: garbageCount)
    }

    // MARK: Keys

    /// The scope that a put goes to: the default one is made, under the platform's key, when it is
    /// first needed.
    func scopeForPut(_ name: ScopeName) throws(StoreError) -> Scope {
        if name == .default, try findScope(name) == nil {
            do throws(StoreError) {
                try makeScope(name, key: nil)
            } catch {
                // Another process was first.
                guard error.code == .alreadyExists else { throw error }
            }
        }
        return try scope(named: name)
    }

    private func makeScope(_ name: ScopeName, key: KeyIdentifier?) throws(StoreError) {
        let scopeID = try library.identifier()
        let scopeKey = try library.freshKey()
        let storeID = catalog.store.storeID
        let keys = try translated("deriving the scope's keys") { () throws(CryptoError) in
            try ScopeKeys(
                scopeKey: scopeKey, storeID: storeID, scopeID: scopeID, library: library)
        }
        var record: ScopeRecord
        do throws(VaultError) {
            let setting: KeyIdentifier
            if let key { setting = key } else { setting = try vaults.platformKey().versionless }
            let current = try vaults.describe(setting, as: Self.identity, deadline: .none)
                .identifier
            let wrapped = try scopeKey.withBytes { bytes throws(VaultError) in
                try vaults.wrap(bytes, under: current, as: Self.identity, deadline: .none)
            }
            // What can be wrapped must be unwrappable, or the scope could never be read.
            _ = try vaults.unwrap(wrapped.bytes, under: current, as: Self.identity, deadline: .none)
            try vaults.registerAnchor(
                keys.commitment, store: storeID, scope: scopeID, under: current)
            record = ScopeRecord(
                rowID: 0, scopeID: scopeID, name: name, keySetting: setting,
                rewrapMode: .onRewrite, pollSeconds: 0,
                polledMilliseconds: clock.nowMilliseconds(), currentKey: current,
                currentKeyRowID: 0, scheme: wrapped.scheme, wrappedKey: wrapped.bytes,
                commitment: keys.commitment,
                createdMilliseconds: WallClock.nowMilliseconds, code: [])
        } catch {
            throw StoreError(vault: error, "make the scope '\(name)'")
        }
        record.code = try code(of: record, keys: keys)
        let complete = record
        try catalog.write { writer throws(StoreError) in try writer.insert(complete) }
    }

    /// Unwraps a scope's key and checks the row, the commitment and the vault's anchor against it.
    func openScope(_ record: ScopeRecord) throws(StoreError) -> Scope {
        let storeID = catalog.store.storeID
        let what = "open the scope '\(record.name)'"
        let keys: ScopeKeys
        let anchor: [UInt8]?
        do throws(VaultError) {
            let scopeKey = try vaults.unwrap(
                record.wrappedKey, under: record.currentKey, as: Self.identity, deadline: .none)
            anchor = try vaults.anchor(
                store: storeID, scope: record.scopeID, under: record.currentKey)
            guard scopeKey.byteCount == Format.keyByteCount else {
                throw VaultError(.unwrapFailed, "the scope key has a wrong length")
            }
            do throws(CryptoError) {
                keys = try ScopeKeys(
                    scopeKey: scopeKey, storeID: storeID, scopeID: record.scopeID,
                    library: library)
            } catch {
                throw VaultError(.cryptography, "deriving the scope's keys: \(error)")
            }
        } catch {
            if error.code == .keyNotFound || error.code == .vaultNotFound {
                throw StoreError(
                    .wrongVault,
                    """
                    can't \(what): these vaults don't have its key \(record.currentKey); \
                    check --vaults, or bring the vault back
                    """, cause: error)
            }
            throw StoreError(vault: error, what)
        }
        let commitment = keys.commitment
        guard let anchor, constantTimeEqual(anchor.span, commitment.span) else {
            throw StoreError(
                .wrongVault,
                """
                can't \(what): the vault doesn't know its scope key. Either these are not the \
                store's vaults (check --vaults), or somebody has planted a key
                """)
        }
        let expected = try code(of: record, keys: keys)
        guard constantTimeEqual(record.commitment.span, commitment.span),
            constantTimeEqual(expected.span, record.code.span)
        else {
            throw StoreError(
                .integrity, "the row of the scope '\(record.name)' was altered; restore a backup")
        }
        return Scope(
            storeID: storeID, record: record, keys: keys, library: library,
            sessionLimit: 64, objectsPerDataKey: objectsPerDataKey)
    }

    /// Whom the store is towards its vaults: their owner.
    static let identity = Identity.owner

    private func code(of record: ScopeRecord, keys: ScopeKeys) throws(StoreError) -> [UInt8] {
        let message = record.binding(storeID: catalog.store.storeID).encoded()
        return try translated("authenticating the scope's row") { () throws(CryptoError) in
            try keys.recordKey.withBytes { key throws(CryptoError) in
                var context = try HMACSHA256(key: key, library: library)
                let code = try context.authenticate(message.span)
                return [UInt8](copying: code.span)
            }
        }
    }

    // MARK: Recovery

    /// Settles what puts that were interrupted by a crash left behind.
    func recover() throws(StoreError) {
        try blobs.recover { objectID throws(StoreError) in
            try catalog.write { writer throws(StoreError) in
                try writer.hasBlob(objectID: objectID) ? .keep : .remove
            }
        }
        let hasGarbage = try catalog.read { reader throws(StoreError) in
            try !reader.garbage().isEmpty
        }
        if hasGarbage { reaper.schedule() }
    }
}
