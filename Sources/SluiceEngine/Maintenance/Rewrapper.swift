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

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry, finder: ObjectFinder
    ) {
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
        var report = try sweep.run(under: sources.map(\.keyRowID))
        let library = library
        report.remainingObjectCount = try catalog.read { reader throws(StoreError) in
            let current = try reader.currentKey(of: scope, library: library)
            return try reader.keysInUse(ofScope: scope.record.rowID)
                .filter { $0.keyRowID != current?.rowID }
                .reduce(into: ObjectCount()) { $0.add(objects: $1.objectCount, bytes: 0) }
                .objectCount
        }
        return report
    }

    /// The versions to be swept, as rows of `keys`, and how many objects need each.
    private func sweptKeys(
        _ scope: Scope, _ options: RewrapOptions
    ) throws(StoreError) -> [(keyRowID: Int, objectCount: Int)] {
        let rowID = scope.record.rowID
        let version = options.fromVersion?.lowercased()
        let counts = try catalog.read { reader throws(StoreError) in
            try reader.keysInUse(ofScope: rowID)
        }
        guard version == nil || version != scope.currentKey.version else {
            throw StoreError(
                .invalidArgument, "\(scope.currentKey) is in use, and its key has no newer version",
                about: .key(scope.currentKey),
                remedies: [.make(.keyVersion(scope.currentKey.versionless))])
        }
        return try catalog.read { reader throws(StoreError) in
            var sources: [(keyRowID: Int, objectCount: Int)] = []
            for count in counts where count.keyRowID != scope.record.currentKeyRowID {
                let key = try reader.key(rowID: count.keyRowID)
                guard version == nil || key.version == version else { continue }
                sources.append((count.keyRowID, count.objectCount))
            }
            return sources
        }
    }

    /// The rows of the wrapped keys that objects below the prefix need; nil for all.
    private func sweptRows(
        _ scope: Scope, _ options: RewrapOptions
    ) throws(StoreError) -> Set<Int>? {
        guard !options.prefix.isEmpty else { return nil }
        var rows: Set<Int> = []
        var scan = try TreeScan(options.prefix, in: scope, finder)
        while let part = try scan.nextObjects() {
            for row in part.rows where try scan.object(row) != nil {
                rows.insert(row.wrappedKeyRowID)
            }
        }
        return rows
    }
}
