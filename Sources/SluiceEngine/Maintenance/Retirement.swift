internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Disables key versions that nothing needs any more. Thread-safe.
final class Retirement: Sendable, StoreComponent {
    let context: StoreContext

    init(context: StoreContext) {
        self.context = context
    }

    /// See ``Store/retireKeyVersion(_:forgetting:waitingSeconds:as:)``.
    @discardableResult
    func retire(
        _ key: KeyIdentifier, forgetting forgotten: String?,
        waitingSeconds seconds: Double,
        as identity: Identity
    ) throws(StoreError) -> AccessChange<KeyDescription> {
        try context.checkOpen()
        guard key.version != nil else {
            throw StoreError(
                .invalidArgument, "\(key) has no version: versions are retired one at a time")
        }
        if let forgotten { try forgetStore(at: forgotten, key, as: identity) }
        do throws(RetirementError<StoreError>) {
            return try keyService.retire(key, waiting: .seconds(seconds), as: identity) {
                () throws(StoreError) in
                try requireUnneeded(key)
                onMoment?(.asked)
            }
        } catch {
            throw error.merged { StoreError(vault: $0, "retire \(key)") }
        }
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

    /// Has the vault forget a store that is gone.
    private func forgetStore(
        at path: String, _ key: KeyIdentifier, as identity: Identity
    ) throws(StoreError) {
        let known = try registeredStores(of: key).filter { $0.path == path }
        guard !known.isEmpty else {
            throw StoreError(
                .invalidArgument,
                "the vault '\(key.vault)' knows no store in '\(path)': give the path as `key retire` shows it"
            )
        }
        for store in known {
            let isThere = (try? withOtherStore(store, at: path) { _ in }) != nil
            guard path != context.registeredPath, !isThere else {
                throw StoreError(
                    .invalidArgument,
                    "the store in '\(path)' is there, so it is asked: rewrap its objects, or remove it first"
                )
            }
            try retiring(key) { () throws(VaultError) in
                try keyService.forgetPlace(
                    path, ofStore: store.storeID, vault: key.vault, as: identity)
            }
        }
    }

    private func registeredStores(of key: KeyIdentifier) throws(StoreError) -> [RegisteredStore] {
        try retiring(key) { () throws(VaultError) in
            try keyService.registeredStores(vault: key.vault)
        }
    }

    /// Throws unless no store that the vault knows needs a key version, wherever it is.
    private func requireUnneeded(_ key: KeyIdentifier) throws(StoreError) {
        let ownPath = context.registeredPath
        try Self.requireUnneeded(key, by: catalog, at: ownPath)
        for store in try registeredStores(of: key) {
            if store.storeID == catalog.store.storeID, store.path == ownPath { continue }
            guard let path = store.path else { throw Self.unreachable(store, "memory", key, nil) }
            let outcome: Result<Void, StoreError>
            do throws(StoreError) {
                outcome = try withOtherStore(store, at: path) { other in
                    Result { () throws(StoreError) in
                        try Self.requireUnneeded(key, by: other, at: path)
                    }
                }
            } catch {
                throw Self.unreachable(store, path, key, error)
            }
            try outcome.get()
        }
    }

    private static func unreachable(
        _ store: RegisteredStore, _ place: String, _ key: KeyIdentifier, _ error: StoreError?
    ) -> StoreError {
        let reason = error.map { ": \($0.message)" } ?? ""
        let remedy =
            store.path.map { path in
                """
                bring it back; or, if it is gone for good or was moved, `sluice keyvault key retire \
                --id \(key) --forget-store '\(path)'`
                """
            } ?? "disable the version yourself, with `sluice keyvault key set-attributes`"
        return StoreError(
            .stillNeeded,
            """
            \(key) was not retired: the store \(String(hexadecimal: store.storeID)), last opened in \
            \(place), can't be asked what it needs\(reason). What to do: \(remedy)
            """, cause: error)
    }

    /// Lends the catalog of a store, if it is still in the place where it was.
    private func withOtherStore<Value>(
        _ store: RegisteredStore, at path: String,
        _ body: (any CatalogStore) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let files = try StoreFiles(path, create: false)
        defer { files.leave() }
        let seams = StoreSeams()
        let other = try SQLiteCatalog(
            path: files.catalogPath, in: files.directory, isWritable: files.isWritable,
            lock: StoreLock(files), reserve: files.reserve(byteCount: 0), durability: .full,
            creating: nil, permit: KeyPermit(keyService, seams: seams),
            checkpointFrameCount: seams.checkpointFrameCount)
        defer { other.close() }
        guard other.store.storeID == store.storeID else {
            throw StoreError(.notFound, "another store is there now")
        }
        return try body(other)
    }

    private static func requireUnneeded(
        _ key: KeyIdentifier, by catalog: any CatalogStore, at path: String?
    ) throws(StoreError) {
        // A power cut brings no row back that needs the version.
        try catalog.settle()
        let need = try catalog.need(of: key.description)
        let place = path ?? "memory"
        let store = path.map { " --store '\($0)'" } ?? ""
        if let scope = need.scopeName {
            throw StoreError(
                .stillNeeded,
                """
                \(key) was not retired: the scope '\(scope)' of the store in \(place) has it in use; \
                rotate the key first (`sluice keyvault key rotate --id \(key.versionless)`), then open the \
                scope (`sluice\(store) --scope \(scope) ls`)
                """)
        }
        guard need.dataKeyCount == 0 else {
            let count = need.dataKeyCount == 1 ? "a data key" : "\(need.dataKeyCount) data keys"
            let remedy =
                need.dataKeyScope.map { scope in
                    let option = scope == "default" ? "" : " --scope \(scope)"
                    return
                        "`sluice rewrap\(store)\(option) --from \(key.version ?? "")` wraps them anew"
                } ?? "they are of no scope that is there: `sluice verify\(store)` says more"
            throw StoreError(
                .stillNeeded,
                """
                \(key) was not retired: objects of the store in \(place) have \(count) under it; \
                \(remedy)
                """)
        }
    }
}
