internal import SluiceAccess
internal import SluiceNative
internal import SluiceVault
internal import TestSupport

/// A process of readers: each thread releases through the gate, and stamps each release inside its slot.
struct Reader {
    let directoryPath: String
    let threadCount: Int
    let fault: BarrierFault?

    /// Returns when the run is over, or a log is full.
    func run() throws {
        let barrier = try ReadBarrier.open(directoryPath: directoryPath, hook: fault)
        let vault = try ToyVault(directoryPath: directoryPath)
        let log = try ReleaseLog(
            path: "\(directoryPath)/\(Environment.processID).releases.stamps")
        let threads = try (0..<threadCount).map { _ in
            let passage = Held(try ToyVault.passage())
            return try NativeThread.start {
                Self.read(BarrierGate(barrier, vault), passage, vault.board, log)
            }
        }
        for thread in threads { thread.join() }
    }

    /// Carries a passage into a thread.
    private final class Held: Sendable {
        let first: Grant
        init(_ passage: borrowing Passage) { first = passage.first }
    }

    private static func read(
        _ gate: BarrierGate<ToyVault>, _ held: Held, _ board: Board, _ log: ReleaseLog
    ) {
        var passage = Passage(held.first)
        var hasRoom = true
        var count = 0
        while hasRoom, !board.isOver {
            count += 1
            // Most releases are short; some last until a change is sure to wait for them.
            let nanoseconds = count % 64 == 0 ? 100_000 : 3_000
            do throws(GateError<Never>) {
                hasRoom = try gate.release(&passage) { () throws(Never) in
                    let end = MonotonicClock.nowNanoseconds + nanoseconds
                    while MonotonicClock.nowNanoseconds < end {}
                    return log.append(MonotonicClock.nowNanoseconds)
                }
                board.countRead()
            } catch {
                NativeThread.sleep(nanoseconds: 50_000)
            }
        }
    }
}
