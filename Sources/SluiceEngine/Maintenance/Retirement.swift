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
                .invalidArgument, "\(key) names no version, and versions are retired one at a time",
                about: .key(key), remedies: [.list(.keyVersions(key))])
        }
        if let forgotten { try forgetStore(at: forgotten, key, as: identity) }
        do throws(RetirementError<StoreError>) {
            return try keyService.retire(key, waiting: .seconds(seconds), as: identity) {
                () throws(StoreError) in
                try requireUnneeded(key, as: identity)
                onMoment?(.asked)
            }
        } catch {
            throw error.merged { StoreError(vault: $0, "retire \(key)") }
        }
    }

    /// Has the vault forget a store that is gone.
    private func forgetStore(
        at path: String, _ key: KeyIdentifier, as identity: Identity
    ) throws(StoreError) {
        let known = try registeredStores(of: key).filter { $0.path == path }
        guard !known.isEmpty else {
            throw StoreError(
                .invalidArgument, "the vault '\(key.vault)' knows no store in '\(path)'",
                about: .store(path),
                remedies: [.other("give the path as a refusal to retire the version has it")])
        }
        for store in known {
            let isThere = (try? withOtherStore(store, at: path) { _ in }) != nil
            guard path != context.registeredPath, !isThere else {
                throw StoreError(
                    .invalidArgument, "the store in '\(path)' is there, and is asked what it needs",
                    about: .store(path),
                    remedies: [.other("rewrap its objects, or remove it first")])
            }
            try translated("retire \(key)") { () throws(VaultError) in
                try keyService.forgetPlace(
                    path, ofStore: store.storeID, vault: key.vault, as: identity)
            }
        }
    }

    private func registeredStores(of key: KeyIdentifier) throws(StoreError) -> [RegisteredStore] {
        try translated("retire \(key)") { () throws(VaultError) in
            try keyService.registeredStores(vault: key.vault)
        }
    }

    /// What keeps a version from being retired, and what to do about it.
    private struct Need {
        let reason: String
        let remedies: [Remedy]
        var cause: StoreError?
    }

    /// Throws unless no store that the vault knows needs a key version, wherever it is; the error tells all needs.
    private func requireUnneeded(
        _ key: KeyIdentifier, as identity: Identity
    ) throws(StoreError) {
        let ownPath = context.registeredPath
        let newest = try? keyService.describe(
            key.versionless, as: identity, deadline: .none
        ).identifier
        var needs = try Self.needs(of: key, by: catalog, at: nil)
        for store in try registeredStores(of: key) {
            if store.storeID == catalog.store.storeID, store.path == ownPath { continue }
            needs += try self.needs(of: key, by: store)
        }
        guard !needs.isEmpty else { return }
        var remedies: [Remedy] = []
        for remedy in needs.flatMap(\.remedies) where !remedies.contains(remedy) {
            // There is a newer one, which the scope hasn't adopted yet.
            if remedy == .make(.keyVersion(key.versionless)), newest != nil, newest != key {
                continue
            }
            remedies.append(remedy)
        }
        throw StoreError(
            .stillNeeded,
            "\(key) was not retired: \(needs.map(\.reason).joined(separator: "; "))",
            about: .key(key), remedies: remedies, cause: needs.lazy.compactMap(\.cause).first)
    }

    /// What another store needs of a key version; that it can't be asked, if it can't be opened.
    private func needs(
        of key: KeyIdentifier, by store: RegisteredStore
    ) throws(StoreError) -> [Need] {
        let id = String(hexadecimal: store.storeID)
        guard let path = store.path else {
            return [
                Need(
                    reason: "the store \(id) was in memory, and can't be asked what it needs",
                    remedies: [.change(.disable(key))])
            ]
        }
        let answer: Result<[Need], StoreError>
        do throws(StoreError) {
            answer = try withOtherStore(store, at: path) { other in
                Result { () throws(StoreError) in
                    try Self.needs(of: key, by: other, at: path)
                }
            }
        } catch {
            return [
                Need(
                    reason:
                        "the store \(id), last opened in '\(path)', can't be asked what it needs "
                        + "(\(error.reason))",
                    remedies: [.putBack("that store"), .run(.forgetStore(path, retiring: key))],
                    cause: error)
            ]
        }
        return try answer.get()
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
            throw StoreError(
                .notFound, "another store is there now", about: .store(files.path))
        }
        return try body(other)
    }

    /// What the store of a catalog needs of a key version; `path` is its directory, unless it is the one in use.
    private static func needs(
        of key: KeyIdentifier, by catalog: any CatalogStore, at path: String?
    ) throws(StoreError) -> [Need] {
        // A power cut brings no row back that needs the version.
        try catalog.settle()
        let need = try catalog.need(of: key.description)
        let place = path.map { "the store in '\($0)'" } ?? "the store"
        var needs: [Need] = []
        if let scope = need.scopeName {
            let follow =
                need.isScopePinned
                ? Remedy.run(.followKey(scope: scope, key.versionless, store: path))
                : .run(.openScope(scope, store: path))
            needs.append(
                Need(
                    reason: need.isScopePinned
                        ? "the scope '\(scope)' of \(place) is pinned to it"
                        : "the scope '\(scope)' of \(place) has it in use",
                    remedies: [.make(.keyVersion(key.versionless)), follow]))
        }
        if need.dataKeyCount > 0 {
            let count = need.dataKeyCount == 1 ? "a data key" : "\(need.dataKeyCount) data keys"
            let remedy =
                need.dataKeyScope.map { Remedy.run(.rewrap(scope: $0, from: key, store: path)) }
                // They are of no scope that is there.
                ?? .run(.verify(store: path))
            needs.append(
                Need(
                    reason: "objects of \(place) have \(count) under it", remedies: [remedy]))
        }
        return needs
    }
}
