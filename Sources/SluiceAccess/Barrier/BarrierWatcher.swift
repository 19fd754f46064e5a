internal import SluiceNative
internal import Synchronization

/// The thread that tells of new epochs, in this process: started when somebody first wants to know.
final class BarrierWatcher: Sendable {
    private struct State {
        var callbacks: [UInt64: @Sendable (UInt64) -> Void] = [:]
        var looks: [UInt64: @Sendable () -> Bool] = [:]
        var nextID: UInt64 = 0
        var thread: NativeThread?
        var isStopped = false
    }

    private let state = Mutex(State())
    private let memory: SharedMemory
    private let pollNanoseconds: Int

    /// Every second: so long may a file be another one before whoever reads finds out.
    static let pollNanoseconds = 1_000_000_000

    /// Watches the epoch of a barrier's memory. A change wakes the thread; it looks every so many
    /// nanoseconds for one whose maker died before it woke anybody, and for files that were exchanged.
    init(_ memory: SharedMemory, pollNanoseconds: Int = BarrierWatcher.pollNanoseconds) {
        self.memory = memory
        self.pollNanoseconds = pollNanoseconds
    }

    /// Wakes all watchers of all processes; who doesn't sleep yet sleeps on if the memory can't be written.
    func announce() {
        if memory.isWritable { memory.increment32(at: BarrierLayout.futexOffset) }
        memory.wakeAll(at: BarrierLayout.futexOffset)
    }

    /// Starts the thread, unless it runs already, or is never to again.
    func start() throws(SystemError) {
        try state.withLock { state throws(SystemError) in try start(&state) }
    }

    /// Has the barrier's file looked at from now on. Without a thread to do it, it is looked at only when the epoch
    /// has moved.
    func watch() { try? start() }

    private func start(_ state: inout State) throws(SystemError) {
        guard state.thread == nil, !state.isStopped else { return }
        // Seen before it starts: it tells of every change after this.
        let seen = (futex: futex, epoch: epoch)
        state.thread = try NativeThread.start { [self] in run(since: seen.futex, seen.epoch) }
    }

    /// Calls `callback` in the watching thread after each change from now on; gives its number.
    func add(_ callback: @escaping @Sendable (UInt64) -> Void) throws(SystemError) -> UInt64 {
        try state.withLock { state throws(SystemError) in
            try start(&state)
            state.nextID += 1
            state.callbacks[state.nextID] = callback
            return state.nextID
        }
    }

    /// Calls `look` in the watching thread, once there is one, every second and after each change; where it
    /// says so, the callbacks are called as after a change. Gives its number.
    func add(look: @escaping @Sendable () -> Bool) -> UInt64 {
        state.withLock { state in
            state.nextID += 1
            state.looks[state.nextID] = look
            return state.nextID
        }
    }

    func remove(_ id: UInt64) {
        // Dropped outside of the lock: what they hold may end with them.
        _ = state.withLock { state in
            (state.callbacks.removeValue(forKey: id), state.looks.removeValue(forKey: id))
        }
    }

    /// Ends the thread, and returns when it has ended, unless called in it.
    func stop() {
        let thread = state.withLock { state in
            state.isStopped = true
            state.callbacks = [:]
            state.looks = [:]
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
            let looks = state.withLock { Array($0.looks.values) }
            var isToTell = false
            for look in looks where look() { isToTell = true }
            let epoch = self.epoch
            let callbacks = state.withLock { state in
                state.isStopped ? nil : Array(state.callbacks.values)
            }
            guard let callbacks else { return }
            // An odd epoch that lasts may hide a COMMIT at any time.
            guard epoch != seenEpoch || epoch & 1 == 1 || isToTell else { continue }
            seenEpoch = epoch
            for callback in callbacks { callback(epoch) }
        }
    }
}
