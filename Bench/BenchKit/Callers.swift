internal import Dispatch
internal import Synchronization

/// Nanoseconds of the monotonic clock, of which only differences mean something.
func nowNanoseconds() -> UInt64 {
    DispatchTime.now().uptimeNanoseconds
}

/// The state that the threads of one run share.
final class Callers<Tally: Sendable>: Sendable {
    private let tallies = Mutex<[Tally]>([])
    private let failure = Mutex<(any Error)?>(nil)
    private let stopped = Atomic(false)
    private let startNanoseconds = Atomic<UInt64>(0)
    private let operationCount = Atomic(0)

    /// Whether another caller has failed, so that going on is useless.
    var isStopped: Bool { stopped.load(ordering: .relaxed) }

    /// The instant at which all callers were let go.
    var start: UInt64 { startNanoseconds.load(ordering: .relaxed) }

    /// Whether one more operation is to be done, of `limit` that the callers do together.
    func takeOperation(of limit: Int) -> Bool {
        operationCount.wrappingAdd(1, ordering: .relaxed).oldValue < limit
    }

    /// Calls `body` on `count` threads that are let go together, each with its own operation of a run
    /// that has been prepared.
    ///
    /// Throws the first error of any caller, after all have returned.
    static func run(
        _ workload: any Workload, count: Int, seed: UInt64,
        _ body: @escaping @Sendable (TimedOperation, Callers) throws -> Tally
    ) throws -> [Tally] {
        precondition(count > 0, "a run needs a caller")
        let callers = Callers()
        let group = DispatchGroup()
        let ready = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        for index in 0..<count {
            // A serial queue each: concurrent ones share about as many threads as there are cores,
            // and callers who block must not keep others from starting.
            DispatchQueue(label: "caller \(index)").async(group: group) {
                callers.capture {
                    let caller = Caller(index: index, count: count, runSeed: seed)
                    let made = Result { try workload.makeOperation(for: caller) }
                    ready.signal()
                    gate.wait()
                    let operation = try made.get()
                    return try body(operation, callers)
                }
            }
        }
        for _ in 0..<count { ready.wait() }
        callers.startNanoseconds.store(nowNanoseconds(), ordering: .relaxed)
        for _ in 0..<count { gate.signal() }
        group.wait()
        if let error = callers.failure.withLock({ $0 }) { throw error }
        return callers.tallies.withLock { $0 }
    }

    private func capture(_ body: () throws -> Tally) {
        do {
            let tally = try body()
            tallies.withLock { $0.append(tally) }
        } catch {
            failure.withLock { $0 = $0 ?? error }
            stopped.store(true, ordering: .relaxed)
        }
    }
}
