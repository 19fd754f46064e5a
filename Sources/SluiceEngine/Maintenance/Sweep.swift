internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// A walk through the wrapped keys of a scope. While one page is being committed the next is being
/// wrapped.
final class Sweep: Sendable {
    private let rewrapper: Rewrapper
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
        let key: RewrappedKey
        /// The key, for the cache that it was found in: reads that need it go on as fast as before.
        let hotKey: DataKey?
    }

    /// Wrapped keys of a transaction: so many that its COMMIT is little beside them.
    private static let largestPageCount = 256

    init(
        _ rewrapper: Rewrapper, _ scope: Scope, _ options: RewrapOptions, rows: Set<Int>?,
        total: Int,
        _ progress: TreeProgressHandler?, _ cancellation: Cancellation
    ) {
        self.rewrapper = rewrapper
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

    /// Rewraps what is wrapped in these ways.
    func run(_ groups: [KeyGroup]) throws(StoreError) -> RewrapReport {
        var budget = limit
        do throws(StoreError) {
            for group in groups {
                var last = Int.min
                while budget > 0, outcome.withLock({ $0.error }) == nil {
                    let page = try nextPage(of: group, after: last)
                    guard let end = page.last else { break }
                    guard end.rowID > last else {
                        throw StoreError(
                            .damagedCatalog, "the catalog's keys are out of order",
                            remedies: [.run(.repair(store: nil))])
                    }
                    rewrapper.onMoment?(.pageRead)
                    last = end.rowID
                    let chosen = page.filter { rows?.contains($0.rowID) ?? true }.prefix(budget)
                    budget -= chosen.count
                    let rewrapped = wrapAnew(Array(chosen))
                    // One page at most waits to be committed.
                    committing.wait()
                    if !committing.add({ [self] in commit(rewrapped) }) { commit(rewrapped) }
                    rewrapper.onMoment?(.submitted)
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
        rewrapper.onMoment?(.swept)
        return report
    }

    private func nextPage(
        of group: KeyGroup, after rowID: Int
    ) throws(StoreError) -> [WrappedKeyRow] {
        try rewrapper.catalog.wrappedKeys(
            scope: scope.record.rowID, in: group, afterRow: rowID, limit: pageCount)
    }

    /// Unwraps and wraps, on all cores if no pace is set.
    private func wrapAnew(_ page: [WrappedKeyRow]) -> [Rewrapped] {
        let results = Mutex<[Rewrapped]>([])
        let next = Atomic<Int>(0)
        Crew.run(threads: pace == nil ? min(rewrapper.workers.count, max(1, page.count)) : 1) {
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
        guard
            let known = rewrapper.cache.keptDataKey(
                row.wrapped, under: row.keyRowID, in: scope)
        else {
            let unwrapped = try rewrapper.dataKeys.unwrap(
                row.wrapped, under: row.keyRowID, in: scope)
            rewrapper.onMoment?(.unwrapped)
            let wrapped = try rewrapper.dataKeys.wrap(unwrapped.secret, in: scope)
            rewrapper.onMoment?(.wrapped)
            return Rewrapped(key: rewrapped(row, wrapped), hotKey: nil)
        }
        let wrapped = try rewrapper.dataKeys.wrap(known.secret, in: scope)
        rewrapper.onMoment?(.wrapped)
        return Rewrapped(
            key: rewrapped(row, wrapped),
            hotKey: DataKey(known.secret.copy(), wrapped: wrapped))
    }

    private func rewrapped(_ row: WrappedKeyRow, _ wrapped: WrappedKey) -> RewrappedKey {
        RewrappedKey(row: row, wrapped: wrapped, identity: scope.identity(for: row.wrapped.key))
    }

    private func commit(_ page: [Rewrapped]) {
        guard !page.isEmpty, outcome.withLock({ $0.error }) == nil else { return }
        let moved: [Rewrapped]
        do throws(StoreError) {
            let answer = try rewrapper.catalog.rewrap(
                RewrapOperation(keys: page.map(\.key), scope: scope.use(for: .wrapKey)))
            let isDone = try scope.rewrapped(answer, library: rewrapper.library)
            moved = zip(page, isDone).filter(\.1).map(\.0)
        } catch {
            outcome.withLock { $0.error = error }
            return
        }
        outcome.withLock { outcome in
            for row in moved.map(\.key.row) {
                var count = ObjectCount(
                    objectCount: outcome.report.objectCount, byteCount: outcome.report.byteCount)
                count.add(objects: row.objectCount, bytes: row.byteCount)
                outcome.report.keyCount += 1
                outcome.report.objectCount = count.objectCount
                outcome.report.byteCount = count.byteCount
            }
        }
        for rewrapped in moved {
            let row = rewrapped.key.row
            if let hotKey = rewrapped.hotKey {
                rewrapper.cache.keepDataKey(hotKey, inPlaceOf: row.wrapped, in: scope)
            }
            work.done(objectCount: row.objectCount, byteCount: row.byteCount)
        }
        rewrapper.onMoment?(.counted)
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
