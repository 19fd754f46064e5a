internal import Dispatch
internal import Synchronization

/// Threads that are busy beside what is timed, until they are stopped. Thread-safe.
final class BackgroundLoad: Sendable {
    private let group = DispatchGroup()
    private let stopped = Atomic(false)
    private let failure = Mutex<(any Error)?>(nil)

    /// Starts the threads; each calls `body` with its index, which is to return soon after ``goesOn``
    /// has become false.
    init(
        threads: Int, _ body: @escaping @Sendable (BackgroundLoad, _ index: Int) throws -> Void
    ) {
        for index in 0..<threads {
            DispatchQueue(label: "load \(index)").async(group: group) { [self] in
                do {
                    try body(self, index)
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
    }

    /// Whether the threads are to go on.
    var goesOn: Bool { !stopped.load(ordering: .relaxed) }

    /// Throws what a thread has failed with.
    func check() throws {
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// Has the threads return, which `wake` may hasten, and waits for them.
    ///
    /// Throws what a thread has failed with.
    func stop(_ wake: () -> Void = {}) throws {
        stopped.store(true, ordering: .relaxed)
        wake()
        group.wait()
        try check()
    }
}
