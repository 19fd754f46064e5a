internal import SluiceNative
internal import Synchronization

/// The thread that tells of new epochs, in this process: started when somebody first wants to know.
final class BarrierWatcher: Sendable {
    private struct State {
        var callbacks: [UInt64: @Sendable (UInt64) -> Void] = [:]
        var nextID: UInt64 = 0
        var thread: NativeThread?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let memory: SharedMemory
    private let pollNanoseconds: Int

    /// Watches the epoch of a barrier's memory. A change wakes the thread; it looks every so many
    /// nanoseconds for one whose maker died before it woke anybody.
    init(_ memory: SharedMemory, pollNanoseconds: Int = 1_000_000_000) {
        self.memory = memory
        self.pollNanoseconds = pollNanoseconds
    }

    /// Wakes all watchers of all processes.
    func announce() {
        memory.increment32(at: BarrierLayout.futexOffset)
        memory.wakeAll(at: BarrierLayout.futexOffset)
    }

    /// Calls `callback` in the watching thread after each change from now on; gives its number.
    func add(_ callback: @escaping @Sendable (UInt64) -> Void) throws(SystemError) -> UInt64 {
        try state.withLock { state throws(SystemError) in
            if state.thread == nil, !state.isStopped {
                // Seen before it starts: it tells of every change after this.
                let seen = (futex: futex, epoch: epoch)
                state.thread = try NativeThread.start { [self] in
                    run(since: seen.futex, seen.epoch)
                }
            }
            state.nextID += 1
            state.callbacks[state.nextID] = callback
            return state.nextID
        }
    }

    func remove(_ id: UInt64) {
        _ = state.withLock { $0.callbacks.removeValue(forKey: id) }
    }

    /// Ends the thread, and returns when it has ended, unless called in it.
    func stop() {
        let thread = state.withLock { state in
            state.isStopped = true
            state.callbacks = [:]
            return state.thread.take()
        }
        guard let thread else { return }
        announce()
        thread.join()
    }

    // MARK: Inside

    private var futex: UInt32 { memory.load32(at: BarrierLayout.futexOffset) }

    private var epoch: UInt64 { memory.load64(at: BarrierLayout.epochOffset) }

    private func run(since futex: UInt32, _ epoch: UInt64) {
        var (seenFutex, seenEpoch) = (futex, epoch)
        while true {
            memory.wait(
                at: BarrierLayout.futexOffset, while: seenFutex,
                nanoseconds: pollNanoseconds)
            // The futex first: a change after this ends the next wait at once.
            seenFutex = self.futex
            let epoch = self.epoch
            let callbacks = state.withLock { state in
                state.isStopped ? nil : Array(state.callbacks.values)
            }
            guard let callbacks else { return }
            // An odd epoch that lasts may hide a COMMIT at any time.
            guard epoch != seenEpoch || epoch & 1 == 1 else { continue }
            seenEpoch = epoch
            for callback in callbacks { callback(epoch) }
        }
    }
}
