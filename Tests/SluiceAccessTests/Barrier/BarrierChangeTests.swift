import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceAccess

@Suite struct BarrierChangeTests {
    private enum Failure: Error { case own }

    private let directory: BarrierDirectory

    init() throws { directory = try BarrierDirectory() }

    @Test func `the epoch is odd in a change, and two more after it`() throws {
        let barrier = try directory.open()
        #expect(barrier.epoch == 2)
        let (value, confirmation) = try barrier.change(waiting: .none) { barrier.epoch }
        #expect(value == 3)
        #expect(confirmation.epoch == 4)
        #expect(barrier.epoch == 4)
        #expect(confirmation.isConfirmed)
        #expect(confirmation.unconfirmedProcessIDs.isEmpty)
    }

    @Test func `a change that fails has everyone ask again, and passes its error on`() throws {
        let toy = try directory.gate()
        var passage = try ToyGate.passage("a")
        #expect(toy.release(&passage) == nil)
        do throws(ChangeError<Failure>) {
            _ = try toy.barrier.change(waiting: .none) { () throws(Failure) in throw .own }
            Issue.record("it did not fail")
        } catch {
            guard case .commit(.own) = error else { throw error }
        }
        #expect(toy.barrier.epoch == 4)
        toy.vault.allow(false)
        #expect(toy.release(&passage) == .accessDenied)
    }

    @Test func `confirming begins no epoch`() throws {
        let barrier = try directory.open()
        #expect(try barrier.confirm(waiting: .none).isConfirmed)
        #expect(barrier.epoch == 2)
    }

    @Test func `changes in several barriers of a directory are one after another`() throws {
        let barriers = try (0..<4).map { _ in try directory.open() }
        let inside = Atomic<Int>(0)
        let threads = try barriers.map { barrier in
            try NativeThread.start {
                for _ in 0..<50 {
                    #expect(throws: Never.self) {
                        try barrier.change(waiting: .none) {
                            let count = inside.add(1, ordering: .sequentiallyConsistent).newValue
                            #expect(count == 1)
                            #expect(barrier.epoch & 1 == 1)
                            inside.subtract(1, ordering: .sequentiallyConsistent)
                        }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(barriers[0].epoch == 2 + 2 * 200)
    }

    // release            | change
    // -------------------|--------------
    // takes a slot       |
    //                    | COMMIT, new epoch
    //                    | waits
    // leaves the slot    |
    //                    | returns
    @Test func `a change returns after the release that was under way`() throws {
        let toy = try directory.gate()
        let isInside = Atomic<Bool>(false)
        let hasLeft = Atomic<Bool>(false)
        let reader = try NativeThread.start {
            #expect(throws: Never.self) {
                var passage = try ToyGate.passage("a")
                let refusal = toy.release(&passage) {
                    isInside.store(true, ordering: .sequentiallyConsistent)
                    // Until the change has begun the new epoch, and a little longer.
                    #expect(eventually { toy.barrier.epoch == 4 })
                    NativeThread.sleep(nanoseconds: 20_000_000)
                    hasLeft.store(true, ordering: .sequentiallyConsistent)
                }
                #expect(refusal == nil)
            }
        }
        #expect(eventually { isInside.load(ordering: .sequentiallyConsistent) })
        let confirmation = try toy.change(toAllowed: false)
        let hasReturnedAfter = hasLeft.load(ordering: .sequentiallyConsistent)
        #expect(hasReturnedAfter)
        #expect(confirmation.isConfirmed)
        reader.join()
    }

    @Test func `a change that another one keeps waiting gives up as busy, uncommitted`() throws {
        // The other one is a stopped process's: it has the lock and does nothing.
        let barrier = try directory.open()
        let other = try Directory.open(directory.path).openFile("barrier", .readWrite)
        #expect(try other.tryLock(offset: 0, byteCount: 1, exclusive: true))
        do throws(ChangeError<Never>) {
            _ = try barrier.change(waiting: .seconds(0)) { Issue.record("it was committed") }
            Issue.record("it did not wait")
        } catch {
            switch error {
            case .barrier(let error): #expect(error.code == .busy)
            }
        }
        #expect(barrier.epoch == 2)
    }
}
