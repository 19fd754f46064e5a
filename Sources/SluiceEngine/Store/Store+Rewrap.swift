internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// What a sweep goes through, and how fast.
public struct RewrapOptions: Sendable {
    /// Only what is wrapped under this version, 32 hex digits; nil for all that are not the current one.
    public var fromVersion: String?
    /// Only what objects need whose names begin with these bytes of UTF-8. Small objects share wrapped
    /// keys, so others may come along.
    public var prefix = ""
    /// Wrapped keys a second, at most; nil for as fast as it goes, on all cores. Each is one private and
    /// one public RSA operation.
    public var keysPerSecond: Double?
    /// Wrapped keys, at most.
    public var limit = Int.max

    /// Everything, as fast as it goes.
    public init() {}
}

/// What a sweep came to.
public struct RewrapReport: Sendable {
    /// Wrapped keys that were wrapped anew.
    public internal(set) var keyCount = 0
    /// Objects that need them.
    public internal(set) var objectCount = 0
    /// Their plaintext bytes.
    public internal(set) var byteCount = 0
    /// What was left as it was, for it could not be unwrapped.
    public internal(set) var failures: [TreeFailure] = []
    /// Objects that still need another version than the current one.
    public internal(set) var remainingObjectCount = 0
}

/// A row of `wrapped_keys`.
struct WrappedKeyRow: Sendable {
    let rowID: Int
    let keyRowID: Int
    let wrapped: WrappedKey
    let objectCount: Int
    let byteCount: Int
}

extension Store {
    /// Wraps data keys that are under older versions of the scope's key anew under the current one; no
    /// chunk and no object's row is touched.
    ///
    /// It may be interrupted anywhere, and run again goes on where it ended; it runs beside readers and
    /// writers, and what they change meanwhile it leaves to them. `progress` counts objects. Throws
    /// ``StoreError/Code/accessDenied`` if either version may not be used.
    @available(*, noasync)
    @discardableResult
    public func rewrap(
        _ options: RewrapOptions = RewrapOptions(), in scopeName: ScopeName = .default,
        progress: TreeProgressHandler? = nil
    ) throws(StoreError) -> RewrapReport {
        try rewrap(
            options, in: scopeName, progress: progress, cancellation: beginOperation())
    }

    func rewrap(
        _ options: RewrapOptions, in scopeName: ScopeName, progress: TreeProgressHandler?,
        cancellation: Cancellation
    ) throws(StoreError) -> RewrapReport {
        if let rate = options.keysPerSecond, !(rate > 0 && rate.isFinite) {
            throw StoreError(
                .invalidArgument, "a rate of \(rate) a second can't be had: it is more than 0")
        }
        // A change of the scope's setting elsewhere moves no epoch, so that the scope known here may be of
        // before: then what is to be swept would be taken for done.
        try scope(named: scopeName).distrust()
        let scope = try scope(named: scopeName)
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
                .invalidArgument,
                "\(scope.currentKey) is the version in use, and nothing newer is there to wrap under"
            )
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
        var scan = try TreeScan(options.prefix, in: scope, self)
        while let part = try scan.nextObjects() {
            for row in part.rows where try scan.object(row) != nil {
                rows.insert(row.wrappedKeyRowID)
            }
        }
        return rows
    }
}

/// A walk through the wrapped keys of a scope. While one page is being committed the next is being
/// wrapped.
private final class Sweep: Sendable {
    private let store: Store
    private let scope: Scope
    private let rows: Set<Int>?
    private let work: TreeWork
    private let pace: Pace?
    private let limit: Int
    private let pageCount: Int
    private let committing = WorkLine()
    private let outcome = Mutex(Outcome())

    private struct Outcome {
        var report = RewrapReport()
        var error: StoreError?
    }

    private struct Rewrapped: Sendable {
        let row: WrappedKeyRow
        let wrapped: WrappedKey
        /// The key, for the cache that it was found in: reads that need it go on as fast as before.
        let hotKey: DataKey?
    }

    /// Wrapped keys of a transaction: so many that its COMMIT is little beside them.
    private static let largestPageCount = 256

    init(
        _ store: Store, _ scope: Scope, _ options: RewrapOptions, rows: Set<Int>?, total: Int,
        _ progress: TreeProgressHandler?, _ cancellation: Cancellation
    ) {
        self.store = store
        self.scope = scope
        self.rows = rows
        work = TreeWork(
            progress, totals: rows == nil ? (objectCount: total, byteCount: 0) : nil, cancellation)
        pace = options.keysPerSecond.map { Pace(perSecond: $0) }
        limit = max(0, options.limit)
        // A slow sweep commits about four times a second.
        pageCount =
            options.keysPerSecond.map { Int(max(1, min(Double(Self.largestPageCount), $0 / 4))) }
            ?? Self.largestPageCount
    }

    /// Rewraps what is wrapped under the versions in these rows of `keys`.
    func run(under keyRowIDs: [Int]) throws(StoreError) -> RewrapReport {
        var budget = limit
        do throws(StoreError) {
            for keyRowID in keyRowIDs {
                var last = Int.min
                while budget > 0, outcome.withLock({ $0.error }) == nil {
                    let page = try nextPage(under: keyRowID, after: last)
                    guard let end = page.last else { break }
                    guard end.rowID > last else {
                        throw StoreError(
                            .damagedCatalog,
                            "the catalog's keys are out of order: run `sluice verify --repair`")
                    }
                    store.onMoment?(.pageRead)
                    last = end.rowID
                    let chosen = page.filter { rows?.contains($0.rowID) ?? true }.prefix(budget)
                    budget -= chosen.count
                    let rewrapped = wrapAnew(Array(chosen))
                    // One page at most waits to be committed.
                    committing.wait()
                    if !committing.add({ [self] in commit(rewrapped) }) { commit(rewrapped) }
                    store.onMoment?(.submitted)
                    _ = try work.finish()
                }
            }
        } catch {
            // What is wrapped is committed, whatever ends the rest.
            committing.wait()
            throw error
        }
        committing.wait()
        let outcome = outcome.withLock { $0 }
        if let error = outcome.error { throw error }
        var report = outcome.report
        report.failures = try work.finish().failures
        store.onMoment?(.swept)
        return report
    }

    private func nextPage(
        under keyRowID: Int, after rowID: Int
    ) throws(StoreError) -> [WrappedKeyRow] {
        let (scopeRowID, pageCount) = (scope.record.rowID, pageCount)
        return try store.catalog.read { reader throws(StoreError) in
            try reader.wrappedKeys(
                scope: scopeRowID, keyRowID: keyRowID, afterRow: rowID, limit: pageCount)
        }
    }

    /// Unwraps and wraps, on all cores if no pace is set.
    private func wrapAnew(_ page: [WrappedKeyRow]) -> [Rewrapped] {
        let results = Mutex<[Rewrapped]>([])
        let next = Atomic<Int>(0)
        Crew.run(threads: pace == nil ? min(store.workers.count, max(1, page.count)) : 1) {
            [self] in
            while work.goesOn {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard index < page.count else { return }
                let row = page[index]
                pace?.wait(work.cancellation)
                do throws(VaultError) {
                    let rewrapped = try wrapAnew(row)
                    results.withLock { $0.append(rewrapped) }
                } catch {
                    work.failed(
                        "wrapped key \(row.rowID), which \(row.objectCount) objects need",
                        StoreError(vault: error, "rewrap it"))
                }
            }
        }
        return results.withLock { $0 }
    }

    private func wrapAnew(_ row: WrappedKeyRow) throws(VaultError) -> Rewrapped {
        let current = scope.currentKey
        guard let known = store.keptDataKey(row.wrapped, under: row.keyRowID) else {
            let secret = try store.access.unwrap(row.wrapped)
            store.onMoment?(.unwrapped)
            let wrapped = try store.access.wrap(secret, under: current)
            store.onMoment?(.wrapped)
            return Rewrapped(row: row, wrapped: wrapped, hotKey: nil)
        }
        let wrapped = try store.access.wrap(known.secret, under: current)
        store.onMoment?(.wrapped)
        return Rewrapped(
            row: row, wrapped: wrapped, hotKey: DataKey(known.secret.copy(), wrapped: wrapped))
    }

    private func commit(_ page: [Rewrapped]) {
        guard !page.isEmpty, outcome.withLock({ $0.error }) == nil else { return }
        let scope = scope
        let moved: [Rewrapped]
        do throws(StoreError) {
            moved = try store.catalog.write { writer throws(StoreError) in
                var moved: [Rewrapped] = []
                for key in page
                where try writer.rewrap(key.row, to: key.wrapped, in: scope) {
                    moved.append(key)
                }
                return moved
            }
        } catch {
            outcome.withLock { $0.error = error }
            return
        }
        outcome.withLock { outcome in
            for row in moved.map(\.row) {
                var count = ObjectCount(
                    objectCount: outcome.report.objectCount, byteCount: outcome.report.byteCount)
                count.add(objects: row.objectCount, bytes: row.byteCount)
                outcome.report.keyCount += 1
                outcome.report.objectCount = count.objectCount
                outcome.report.byteCount = count.byteCount
            }
        }
        for key in moved {
            if let hotKey = key.hotKey {
                store.keepDataKey(
                    hotKey, inPlaceOf: key.row.wrapped, under: scope.record.currentKeyRowID)
            }
            work.done(objectCount: key.row.objectCount, byteCount: key.row.byteCount)
        }
        store.onMoment?(.counted)
    }
}

/// Lets so many things a second begin. Thread-safe.
private final class Pace: Sendable {
    private let nanosecondsEach: Double
    private let start = MonotonicClock.nowNanoseconds
    private let count = Atomic<Int>(0)

    init(perSecond: Double) {
        nanosecondsEach = 1e9 / max(perSecond, 0.001)
    }

    /// Waits for the next one's turn, or until the operation is cancelled.
    func wait(_ cancellation: Cancellation) {
        let index = count.wrappingAdd(1, ordering: .relaxed).oldValue
        let due = start + Int(Double(index) * nanosecondsEach)
        while !cancellation.isCancelled {
            let wait = due - MonotonicClock.nowNanoseconds
            guard wait > 0 else { return }
            NativeThread.sleep(nanoseconds: min(wait, 50_000_000))
        }
    }
}
