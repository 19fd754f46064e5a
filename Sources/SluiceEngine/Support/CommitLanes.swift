internal import Dispatch
internal import Synchronization

/// Threads for asynchronous operations that mostly wait for a commit.
///
/// A concurrent queue has about as many threads as there are processors. Two that wait would be all
/// that a commit gathers, however many tasks put at once; here up to 64 wait, and share it. Lanes are
/// made as they are needed and have a thread while they are in use. Operations beyond the limit wait
/// their turn, first come first served. Thread-safe.
final class CommitLanes: Sendable {
    private struct State {
        var idle: [DispatchQueue] = []
        var madeCount = 0
        var backlog: ArraySlice<@Sendable () -> Void> = []
    }

    /// As many as the callers whose puts one commit gathers at best.
    private static let limit = 64

    private let state = Mutex(State())

    /// Runs `operation` soon, in a thread of its own.
    func run(_ operation: @escaping @Sendable () -> Void) {
        let lane: DispatchQueue? = state.withLock { state in
            if let lane = state.idle.popLast() { return lane }
            guard state.madeCount < Self.limit else {
                state.backlog.append(operation)
                return nil
            }
            state.madeCount += 1
            // A serial queue: it gets a thread even if all others wait.
            return DispatchQueue(label: "sluice.commit.\(state.madeCount)")
        }
        guard let lane else { return }
        lane.async { [self] in
            operation()
            while let next = next(orLeave: lane) { next() }
        }
    }

    private func next(orLeave lane: DispatchQueue) -> (@Sendable () -> Void)? {
        state.withLock { state in
            if let next = state.backlog.popFirst() { return next }
            state.backlog = []
            state.idle.append(lane)
            return nil
        }
    }
}
