internal import SluiceFormat
internal import SluiceNative
public import SluiceVault

/// Disabling a key version that nothing needs any more.
extension Store {
    /// Disables a key version once no object and no scope of any store that is registered with its vault
    /// needs it.
    ///
    /// First the version stops wrapping, behind the barrier, so that no put in flight can come to need
    /// it; then the census of every registered store is taken; then the version is disabled. If anything
    /// needs it, it may wrap again as before.
    ///
    /// - Parameters:
    ///   - key: A version.
    ///   - seconds: How long to wait until every process has confirmed.
    /// - Throws: ``StoreError/Code/stillNeeded`` with the count and the command that helps, also for a
    ///   store that can't be reached; ``StoreError/Code/busy`` if a process doesn't confirm;
    ///   ``StoreError/Code/accessDenied``.
    @available(*, noasync)
    @discardableResult
    public func retireKeyVersion(
        _ key: KeyIdentifier, waitingSeconds seconds: Double = 5, as identity: Identity = .owner
    ) throws(StoreError) -> AccessChange<KeyBundle> {
        try checkOpen()
        guard key.version != nil else {
            throw StoreError(
                .invalidArgument, "\(key) has no version: versions are retired one at a time")
        }
        let operations = try retiring(key) { () throws(VaultError) in
            try vaults.key(key, as: identity).key.keyOperations
        }
        func update(_ changes: KeyChanges) throws(StoreError) -> AccessChange<KeyBundle> {
            try retiring(key) { () throws(VaultError) in
                try vaults.updateKey(key, changes, waiting: .seconds(seconds), as: identity)
            }
        }
        let stopped = try update(
            KeyChanges(operations: operations.filter { $0 != .wrapKey && $0 != .encrypt }))
        do throws(StoreError) {
            guard stopped.isConfirmed else {
                throw StoreError(
                    .busy,
                    """
                    \(key) was not retired: a process has not confirmed that it wraps no more under \
                    it; `sluice barrier` waits again
                    """)
            }
            try requireUnneeded(key)
        } catch {
            _ = try update(KeyChanges(operations: operations))
            throw error
        }
        return try update(KeyChanges(isEnabled: false, operations: operations))
    }

    private func retiring<Value>(
        _ key: KeyIdentifier, _ body: () throws(VaultError) -> Value
    ) throws(StoreError) -> Value {
        do throws(VaultError) {
            return try body()
        } catch {
            throw StoreError(vault: error, "retire \(key)")
        }
    }

    /// Throws unless no registered store needs a key version.
    private func requireUnneeded(_ key: KeyIdentifier) throws(StoreError) {
        try Self.requireUnneeded(key, by: catalog, at: registeredPath)
        let stores = try retiring(key) { () throws(VaultError) in
            try vaults.registeredStores(vault: key.vault)
        }
        for store in stores where store.storeID != catalog.store.storeID {
            let place = store.path ?? "memory"
            guard let path = store.path, let other = try? otherCatalog(path),
                other.store.storeID == store.storeID
            else {
                throw StoreError(
                    .stillNeeded,
                    """
                    \(key) was not retired: the store \(String(hexadecimal: store.storeID)) in \
                    \(place) is registered with its vault and can't be reached to see what it needs; \
                    bring it back, or disable the version yourself
                    """)
            }
            defer { other.close() }
            try Self.requireUnneeded(key, by: other, at: path)
        }
    }

    private func otherCatalog(_ path: String) throws(StoreError) -> Catalog {
        let files = try StoreFiles(path, create: false)
        return try Catalog(
            path: files.catalogPath, in: files.directory, lock: StoreLock(file: files.lock),
            reserve: files.reserve(byteCount: 0),
            durability: .full, library: library, creating: nil, vaults: vaults,
            seams: StoreSeams())
    }

    private static func requireUnneeded(
        _ key: KeyIdentifier, by catalog: Catalog, at path: String?
    ) throws(StoreError) {
        let need = try catalog.read { reader throws(StoreError) in
            try reader.need(of: key.description)
        }
        let store = path.map { " --store '\($0)'" } ?? ""
        if let scope = need.scopeName {
            throw StoreError(
                .stillNeeded,
                """
                \(key) was not retired: the scope '\(scope)' of the store in \(path ?? "memory") has \
                it in use; rotate the key first (`sluice keyvault key rotate`), then open the scope
                """)
        }
        guard need.objectCount == 0 else {
            let objects = need.objectCount == 1 ? "one object" : "\(need.objectCount) objects"
            let scope = need.objectScope.map { $0 == "default" ? "" : " --scope \($0)" } ?? ""
            throw StoreError(
                .stillNeeded,
                """
                \(key) was not retired: still needed by \(objects) of the store in \
                \(path ?? "memory"); `sluice rewrap\(store)\(scope) --from \(key.version ?? "")` wraps \
                the keys anew
                """)
        }
    }
}
