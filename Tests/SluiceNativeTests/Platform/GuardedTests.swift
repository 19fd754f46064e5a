import SluiceNative
import Testing

@Suite struct GuardedTests {
    private final class Owned: Sendable {}

    private struct Refused: Error {}

    private final class Shared: Sendable {
        let count = Guarded(0)
    }

    @Test func `what threads do to the value is not lost`() async {
        let shared = Shared()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<10_000 { shared.count.withLock { $0 += 1 } } }
            }
        }
        #expect(shared.count.withLock { $0 } == 80_000)
    }

    @Test func `an error leaves the lock free, and what was changed`() throws {
        let guarded = Guarded(1)
        #expect(throws: Refused.self) {
            try guarded.withLock { value throws(Refused) in
                value = 2
                throw Refused()
            }
        }
        #expect(guarded.withLock { $0 } == 2)
    }

    @Test func `the value goes with it`() {
        weak var owned: Owned?
        do {
            let object = Owned()
            owned = object
            let guarded = Guarded<Owned?>(object)
            #expect(guarded.withLock { $0 != nil })
        }
        #expect(owned == nil)
    }
}
