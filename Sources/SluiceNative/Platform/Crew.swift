internal import Dispatch
internal import Synchronization

/// Threads that work beside their callers, and wait for a while for more when they have done.
///
/// Not Dispatch's: where no thread can be started, or no descriptor is left for its timers, Dispatch waits for
/// ever, or ends the process. For any thread.
public enum Crew {
    /// Runs `body` in up to `count` threads at once, the caller's among them, and returns when it has ended in
    /// each: in fewer if no more can be started, or enough work already.
    ///
    /// So `body` takes its work from wherever all of them find some, until there is none.
    public static func run(threads count: Int, _ body: @escaping @Sendable () -> Void) {
        let others = DispatchGroup()
        for _ in 1..<max(1, count) {
            guard state.withLock({ $0.takeHelper() }) else { break }
            others.enter()
            do throws(SystemError) {
                try start {
                    body()
                    state.withLock { $0.helperCount -= 1 }
                    others.leave()
                }
            } catch {
                state.withLock { $0.helperCount -= 1 }
                others.leave()
                break
            }
        }
        body()
        others.wait()
    }

    /// Runs `work` in another thread, at once.
    ///
    /// Throws `SystemError.isOutOfThreads` if none waits for work and none can be started.
    public static func start(_ work: @escaping @Sendable () -> Void) throws(SystemError) {
        if let member = state.withLock({ $0.takeIdle() }) {
            member.work.withLock { $0 = work }
            member.isWanted.signal()
            return
        }
        // By way of the member, who lets go of it: a thread keeps what it was started with to its end.
        let member = Member()
        member.work.withLock { $0 = work }
        _ = try NativeThread.start { live(member) }
    }

    // MARK: Members

    private final class Member: Sendable {
        let work = Mutex<(@Sendable () -> Void)?>(nil)
        let isWanted = DispatchSemaphore(value: 0)
    }

    private struct State {
        private var idle: [Member] = []
        private var generation = ForkGuard.generation
        var helperCount = 0

        /// Whoever calls works, too, and so more helpers than this only take turns at the processors. Twice as
        /// many as those, for what works on a tree may meet a large object.
        mutating func takeHelper() -> Bool {
            leaveParent()
            guard helperCount < 2 * Processor.count else { return false }
            helperCount += 1
            return true
        }

        mutating func takeIdle() -> Member? {
            leaveParent()
            return idle.popLast()
        }

        mutating func rest(_ member: Member) { idle.append(member) }

        /// Whether it was still waiting.
        mutating func remove(_ member: Member) -> Bool {
            let place = idle.firstIndex { $0 === member }
            if let place { idle.remove(at: place) }
            return place != nil
        }

        /// A forked child has none of its parent's threads.
        private mutating func leaveParent() {
            guard generation != ForkGuard.generation else { return }
            (idle, helperCount, generation) = ([], 0, ForkGuard.generation)
        }
    }

    private static let state = Guarded(State())
    private static let restSeconds = 5.0

    private static func live(_ member: Member) {
        repeat {
            // Let go of before the rest: what it holds may be a store.
            member.work.withLock { $0.take() }?()
            state.withLock { $0.rest(member) }
        } while isWanted(member)
    }

    private static func isWanted(_ member: Member) -> Bool {
        if member.isWanted.wait(timeout: .now() + restSeconds) == .success { return true }
        if state.withLock({ $0.remove(member) }) { return false }
        // Taken just now.
        member.isWanted.wait()
        return true
    }
}
