import SluiceNative
import Synchronization
import TestSupport
import Testing

@Suite struct CrewTests {
    @Test(arguments: [1, 2, 3, 200])
    func `all work is done when it returns, in however many threads`(threads: Int) {
        let done = Atomic(0)
        let next = Atomic(0)
        for _ in 0..<50 {
            next.store(0, ordering: .relaxed)
            done.store(0, ordering: .relaxed)
            Crew.run(threads: threads) {
                while next.wrappingAdd(1, ordering: .relaxed).oldValue < 100 {
                    done.wrappingAdd(1, ordering: .relaxed)
                }
            }
            #expect(done.load(ordering: .relaxed) == 100)
        }
    }

    @Test func `work within work is done`() {
        let done = Atomic(0)
        Crew.run(threads: 2) {
            Crew.run(threads: 4) {
                Crew.run(threads: 8) { done.wrappingAdd(1, ordering: .relaxed) }
            }
        }
        #expect(done.load(ordering: .relaxed) >= 1)
    }

    @Test func `a line does its work in order, one piece at a time`() {
        let line = WorkLine()
        let seen = Mutex<[Int]>([])
        for _ in 0..<20 {
            seen.withLock { $0 = [] }
            for number in 0..<100 {
                #expect(line.add { seen.withLock { $0.append(number) } })
            }
            line.wait()
            #expect(seen.withLock { $0 } == Array(0..<100))
        }
    }

    @Test func `what a piece holds is let go of when it is done`() {
        final class Held: Sendable {}
        weak var held: Held?
        let line = WorkLine()
        do {
            let object = Held()
            held = object
            _ = line.add { withExtendedLifetime(object) {} }
        }
        line.wait()
        #expect(eventually { held == nil })
    }
}
