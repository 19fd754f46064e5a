internal import Dispatch
internal import Synchronization

/// Work that is done piece after piece, in the order in which it was handed in, in another thread that is there
/// as long as there is some. For any thread.
public final class WorkLine: Sendable {
    private struct State {
        var pieces: ArraySlice<@Sendable () -> Void> = []
        var isWorking = false
    }

    private let state = Mutex(State())
    private let pending = DispatchGroup()

    /// A line with no work.
    public init() {}

    /// Hands in a piece of work; false if no thread can be had: then it isn't done.
    public func add(_ piece: @escaping @Sendable () -> Void) -> Bool {
        pending.enter()
        let isFirst = state.withLock { state in
            state.pieces.append(piece)
            defer { state.isWorking = true }
            return !state.isWorking
        }
        guard isFirst else { return true }
        do throws(SystemError) {
            try Crew.start { [self] in work() }
            return true
        } catch {
            // Another's, handed in meanwhile, would wait as long as this.
            let dropped = state.withLock { state in
                defer { state = State() }
                return state.pieces.count
            }
            for _ in 0..<dropped { pending.leave() }
            return false
        }
    }

    /// Waits until all that was handed in is done.
    public func wait() {
        pending.wait()
    }

    private func work() {
        while let piece = next() {
            piece()
            pending.leave()
        }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            if let piece = state.pieces.popFirst() { return piece }
            state.pieces = []
            state.isWorking = false
            return nil
        }
    }
}
