import Dispatch
import Sluice
import Synchronization
import Testing

@testable import SluiceEngine

@Suite struct CommitLanesTests {
    /// Operations that wait until they are let go.
    private final class Waiters: Sendable {
        let started = DispatchSemaphore(value: 0)
        let gate = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)

        func operation() {
            started.signal()
            gate.wait()
            ended.signal()
        }
    }

    private static let patience = DispatchTimeInterval.seconds(60)

    @Test func `as many wait at once as share a commit`() {
        let lanes = CommitLanes()
        let waiters = Waiters()
        for _ in 0..<64 { lanes.run { waiters.operation() } }
        for _ in 0..<64 {
            #expect(waiters.started.wait(timeout: .now() + Self.patience) == .success)
        }
        for _ in 0..<64 { waiters.gate.signal() }
        for _ in 0..<64 {
            #expect(waiters.ended.wait(timeout: .now() + Self.patience) == .success)
        }
    }

    @Test func `what finds no lane waits for one, and runs in its turn`() {
        let lanes = CommitLanes()
        let waiters = Waiters()
        for _ in 0..<64 { lanes.run { waiters.operation() } }
        for _ in 0..<64 { waiters.started.wait() }
        let order = Mutex<[Int]>([])
        let all = DispatchGroup()
        for index in 0..<100 {
            all.enter()
            lanes.run {
                order.withLock { $0.append(index) }
                all.leave()
            }
        }
        #expect(order.withLock { $0.isEmpty })
        // One lane gets free, and takes them one after another.
        waiters.gate.signal()
        #expect(all.wait(timeout: .now() + Self.patience) == .success)
        #expect(order.withLock { $0 } == Array(0..<100))
        for _ in 0..<63 { waiters.gate.signal() }
    }
}
