import Dispatch
import Foundation
import Synchronization
import Testing

@testable import SluiceNative

@Suite struct SignalsTests {
    @Test func `each signal calls back on a thread of its own`() throws {
        let received = Mutex<[Int32]>([])
        let arrived = DispatchSemaphore(value: 0)
        // On a thread that ends, because the signals stay blocked in the one that asks.
        let waiting = Mutex<pthread_t?>(nil)
        let started = DispatchSemaphore(value: 0)
        Thread {
            do {
                let thread = try Signals.startWaiting(for: [SIGINT, SIGTERM]) { number in
                    if let number { received.withLock { $0.append(number) } }
                    arrived.signal()
                    return false
                }
                waiting.withLock { $0 = thread }
            } catch {
                Issue.record(error)
            }
            started.signal()
        }.start()
        started.wait()
        let thread = try #require(waiting.withLock { $0 })
        for number in [SIGTERM, SIGINT, SIGTERM] {
            // To that thread alone: the others of a test process don't block it.
            try #require(pthread_kill(thread, number) == 0)
            try #require(arrived.wait(timeout: .now() + .seconds(10)) == .success)
        }
        #expect(received.withLock { $0 } == [SIGTERM, SIGINT, SIGTERM])
    }

    @Test func `a signal that is ignored already stays ignored`() {
        #expect(Signals.unignored([SIGUSR1, SIGUSR2]) == [SIGUSR1, SIGUSR2])
        signal(SIGUSR2, SIG_IGN)
        defer { signal(SIGUSR2, SIG_DFL) }
        #expect(Signals.unignored([SIGUSR1, SIGUSR2]) == [SIGUSR1])
    }
}
