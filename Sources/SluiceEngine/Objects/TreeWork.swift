internal import Synchronization

/// The shared state of several threads that work through a tree: what is next, what was done.
/// Thread-safe.
final class TreeWork: Sendable {
    private struct State {
        var report = TreeReport()
        var fatal: StoreError?
    }

    private let state = Mutex(State())
    private let handler: TreeProgressHandler?
    private let totals: (objectCount: Int, byteCount: Int)?
    let cancellation: Cancellation

    init(
        _ handler: TreeProgressHandler?, totals: (objectCount: Int, byteCount: Int)?,
        _ cancellation: Cancellation
    ) {
        self.handler = handler
        self.totals = totals
        self.cancellation = cancellation
    }

    /// Notes objects that are done.
    func done(objectCount: Int = 1, byteCount: Int) {
        state.withLock { state in
            state.report.objectCount = state.report.objectCount.addingClamped(objectCount)
            state.report.byteCount = state.report.byteCount.addingClamped(byteCount)
            handler?(
                TreeProgress(
                    objectCount: state.report.objectCount, byteCount: state.report.byteCount,
                    totalObjectCount: totals?.objectCount, totalByteCount: totals?.byteCount))
        }
    }

    /// Notes an object that would be done, if this were no dry run.
    func planned(_ name: ObjectName, byteCount: Int) {
        state.withLock { $0.report.plannedNames.append(name) }
        done(byteCount: byteCount)
    }

    /// Notes that what was to be removed stays, for something was left out.
    func keepsOthers() {
        state.withLock { $0.report.keepsOthers = true }
    }

    /// Notes something that is there unchanged.
    func unchanged() {
        state.withLock { state in
            state.report.unchangedCount = state.report.unchangedCount.addingClamped(1)
        }
    }

    /// Notes a path below the directory that was removed.
    func removed(_ path: String) {
        state.withLock { $0.report.removedPaths.append(path) }
    }

    /// Whether nothing was left out by now.
    var isWhole: Bool { state.withLock { $0.report.failures.isEmpty && $0.fatal == nil } }

    /// Notes something that is left out. What would fail for everything else, too, ends the work.
    func failed(_ subject: String, _ error: StoreError) {
        let endsAll: Set<StoreError.Code> = [
            .cancelled, .closed, .noSpace, .outcomeUnknown, .accessDenied, .vaultUnavailable,
            .wrongVault, .damagedCatalog,
        ]
        state.withLock { state in
            if endsAll.contains(error.code) {
                state.fatal = state.fatal ?? error
            } else {
                state.report.failures.append(TreeFailure(subject: subject, error: error))
            }
        }
    }

    /// Ends the work.
    func end(_ error: StoreError) {
        state.withLock { $0.fatal = $0.fatal ?? error }
    }

    /// Whether to go on.
    var goesOn: Bool {
        if cancellation.isCancelled { return false }
        return state.withLock { $0.fatal == nil }
    }

    /// What was done, or what ended the work.
    func finish() throws(StoreError) -> TreeReport {
        try cancellation.check()
        var (report, fatal) = state.withLock { ($0.report, $0.fatal) }
        if let fatal { throw fatal }
        report.plannedNames.sort()
        return report
    }
}
