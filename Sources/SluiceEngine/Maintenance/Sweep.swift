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
        let row: WrappedKeyRow
        let wrapped: WrappedKey
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
        under keyRowID: Int, after rowID: Int
    ) throws(StoreError) -> [WrappedKeyRow] {
        let (scopeRowID, pageCount) = (scope.record.rowID, pageCount)
        return try rewrapper.catalog.read { reader throws(StoreError) in
            try reader.wrappedKeys(
                scope: scopeRowID, keyRowID: keyRowID, afterRow: rowID, limit: pageCount)
        }
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
        let current = scope.currentKey
        guard
            let known = rewrapper.cache.keptDataKey(
                row.wrapped, under: row.keyRowID, in: scope)
        else {
            let secret = try rewrapper.access.unwrap(row.wrapped, as: scope.identity)
            rewrapper.onMoment?(.unwrapped)
            let wrapped = try rewrapper.access.wrap(secret, under: current, as: scope.identity)
            rewrapper.onMoment?(.wrapped)
            return Rewrapped(row: row, wrapped: wrapped, hotKey: nil)
        }
        let wrapped = try rewrapper.access.wrap(known.secret, under: current, as: scope.identity)
        rewrapper.onMoment?(.wrapped)
        return Rewrapped(
            row: row, wrapped: wrapped, hotKey: DataKey(known.secret.copy(), wrapped: wrapped))
    }

    private func commit(_ page: [Rewrapped]) {
        guard !page.isEmpty, outcome.withLock({ $0.error }) == nil else { return }
        let scope = scope
        let moved: [Rewrapped]
        do throws(StoreError) {
            moved = try rewrapper.catalog.write { writer throws(StoreError) in
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
                rewrapper.cache.keepDataKey(hotKey, inPlaceOf: key.row.wrapped, in: scope)
            }
            work.done(objectCount: key.row.objectCount, byteCount: key.row.byteCount)
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
