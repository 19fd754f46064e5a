internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Wraps data keys that are under older versions of a scope's key anew. Thread-safe.
final class Rewrapper: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let dataKeys: DataKeys

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry, finder: ObjectFinder,
        dataKeys: DataKeys
    ) {
        self.dataKeys = dataKeys
        self.context = context
        self.cache = cache
        self.registry = registry
        self.finder = finder
    }

    func rewrap(
        _ options: RewrapOptions, in scopeName: ScopeName, progress: TreeProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> RewrapReport {
        if let rate = options.keysPerSecond, !(rate > 0 && rate.isFinite) {
            throw StoreError(
                .invalidArgument, "a rate of \(rate) wrapped keys a second is not above 0")
        }
        try context.checkWritable()
        // A change of the scope's setting elsewhere moves no epoch, so that the scope known here may be of
        // before: then what is to be swept would be taken for done.
        try registry.scope(named: scopeName).distrust()
        let scope = try registry.scope(named: scopeName)
        let sources = try sweptKeys(scope, options)
        let sweep = Sweep(
            self, scope, options, rows: try sweptRows(scope, options),
            total: sources.reduce(into: ObjectCount()) {
                $0.add(objects: $1.objectCount, bytes: 0)
            }.objectCount, progress, cancellation)
        var report = try sweep.run(sources.map(\.group))
        let current = KeyGroup(
            keyRowID: try currentKeyRowID(of: scope) ?? 0, scheme: scope.record.wrapping.scheme)
        report.remainingObjectCount = try catalog.keysInUse(ofScope: scope.record.rowID)
            .filter { $0.group != current }
            .reduce(into: ObjectCount()) { $0.add(objects: $1.objectCount, bytes: 0) }
            .objectCount
        return report
    }

    /// The row of `keys` that a scope's key is under now, authenticated; nil if the scope is gone.
    private func currentKeyRowID(of scope: Scope) throws(StoreError) -> Int? {
        let assumed = scope.record.currentKeyRowID
        let standing = try catalog.standing(
            ofScope: scope.record.rowID, under: assumed, as: scope.record.identityText)
        switch standing {
        case .same: return assumed
        case .other(nil): return nil
        case .other(let found?): return try scope.place(in: found, library: library).rowID
        }
    }

    /// What is to be swept, and how many objects need that: what isn't wrapped under the current version in the way that the
    /// scope says.
    private func sweptKeys(
        _ scope: Scope, _ options: RewrapOptions
    ) throws(StoreError) -> [(group: KeyGroup, objectCount: Int)] {
        let version = options.fromVersion?.lowercased()
        let counts = try catalog.keysInUse(ofScope: scope.record.rowID)
        let isCurrent = { (group: KeyGroup) in group == scope.record.keyGroup }
        let isMoving = counts.contains {
            $0.group.keyRowID == scope.record.currentKeyRowID && !isCurrent($0.group)
        }
        guard version == nil || version != scope.currentKey.version || isMoving else {
            throw StoreError(
                .invalidArgument, "\(scope.currentKey) is in use, and its key has no newer version",
                about: .key(scope.currentKey),
                remedies: [.make(.keyVersion(scope.currentKey.versionless))])
        }
        var sources: [(group: KeyGroup, objectCount: Int)] = []
        for count in counts where !isCurrent(count.group) {
            let key = try catalog.key(rowID: count.group.keyRowID)
            guard version == nil || key.version == version else { continue }
            sources.append(count)
        }
        return sources
    }

    /// The rows of the wrapped keys that objects below the prefix need; nil for all.
    private func sweptRows(
        _ scope: Scope, _ options: RewrapOptions
    ) throws(StoreError) -> Set<Int>? {
        guard !options.prefix.isEmpty else { return nil }
        var rows: Set<Int> = []
        for isOfVersions in [false, true] {
            var scan = try TreeScan(
                options.prefix, in: scope, finder, isOfVersions: isOfVersions)
            while let part = try scan.nextObjects() {
                for row in part.rows where try scan.object(row) != nil {
                    rows.insert(row.wrappedKeyRowID)
                }
            }
        }
        return rows
    }
}
