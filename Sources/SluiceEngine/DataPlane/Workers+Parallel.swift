internal import SluiceNative
internal import Synchronization

/// How the workers on one object learn that one of them failed. Thread-safe.
final class Halt: Sendable {
    private let isHalted = Atomic<Bool>(false)
    private let first = Mutex<StoreError?>(nil)
    private let cancellation: Cancellation

    init(_ cancellation: Cancellation) {
        self.cancellation = cancellation
    }

    /// Ends the work with `error`; the first one counts.
    func fail(_ error: StoreError) {
        first.withLock { $0 = $0 ?? error }
        isHalted.store(true, ordering: .relaxed)
    }

    /// Whether to begin another chunk.
    var goesOn: Bool {
        if isHalted.load(ordering: .relaxed) { return false }
        do throws(StoreError) {
            try cancellation.check()
            return true
        } catch {
            fail(error)
            return false
        }
    }

    /// Throws what ended the work, if anything did.
    func check() throws(StoreError) {
        if let error = first.withLock({ $0 }) { throw error }
    }
}

extension Workers {
    /// Runs `body` on up to `limit` workers at once; each takes its work from wherever they share
    /// it, until there is none or `halt` says so. Throws the first error.
    func run(
        atMost limit: Int, _ halt: Halt,
        _ body: @escaping @Sendable (inout Worker) throws(StoreError) -> Void
    ) throws(StoreError) {
        let workerCount = max(1, min(count, limit))
        if workerCount == 1 {
            attempt(halt, body)
        } else {
            Crew.run(threads: workerCount) { [self] in attempt(halt, body) }
        }
        try halt.check()
    }

    private func attempt(_ halt: Halt, _ body: (inout Worker) throws(StoreError) -> Void) {
        do throws(StoreError) {
            try withWorker(body)
        } catch {
            halt.fail(error)
        }
    }
}
