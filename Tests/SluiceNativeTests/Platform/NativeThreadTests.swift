import SluiceNative
import Synchronization
import Testing

@Suite struct NativeThreadTests {
    private final class Trace: Sendable {
        let hasRun = Atomic<Bool>(false)
        let thread = Mutex<NativeThread?>(nil)
    }

    @Test func `joining waits for the end, and a second time not at all`() throws {
        let trace = Trace()
        let thread = try NativeThread.start {
            NativeThread.sleep(nanoseconds: 10_000_000)
            trace.hasRun.store(true, ordering: .sequentiallyConsistent)
        }
        thread.join()
        let hasRun = trace.hasRun.load(ordering: .sequentiallyConsistent)
        #expect(hasRun)
        thread.join()
    }

    @Test func `a thread doesn't wait for itself`() throws {
        let trace = Trace()
        let thread = try trace.thread.withLock { known in
            let started = try NativeThread.start {
                trace.thread.withLock { $0 }?.join()
                trace.hasRun.store(true, ordering: .sequentiallyConsistent)
            }
            known = started
            return started
        }
        thread.join()
        let hasRun = trace.hasRun.load(ordering: .sequentiallyConsistent)
        #expect(hasRun)
    }

    @Test func `what a thread that nobody joins was given goes with it`() throws {
        final class Token: Sendable {}
        var token: Token? = Token()
        weak let watched = token
        var thread: NativeThread? = try NativeThread.start { [token] in
            withExtendedLifetime(token) {}
        }
        token = nil
        thread = nil
        _ = thread
        var passCount = 0
        while watched != nil, passCount < 60_000 {
            NativeThread.sleep(nanoseconds: 1_000_000)
            passCount += 1
        }
        #expect(watched == nil)
    }
}
