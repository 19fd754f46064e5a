import Sluice
import SluiceNative
import Synchronization
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct WorkersTests {
    /// What a tree with one large file needs: the thread that has it is one of several.
    @Test(.enabled(if: Processor.count > 1))
    func `workers on a large object are several, also within a tree`() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let workers = Workers(count: 2, library: library)
        let isTaken = Atomic<Bool>(false)
        let metCount = Atomic<Int>(0)
        Crew.run(threads: 2) {
            guard !isTaken.exchange(true, ordering: .relaxed) else { return }
            let arrivedCount = Atomic<Int>(0)
            // Each waits for the other, as long as a worker that is late could take.
            try? workers.run(atMost: 2, Halt(Cancellation())) { _ in
                arrivedCount.wrappingAdd(1, ordering: .relaxed)
                if eventually({ arrivedCount.load(ordering: .relaxed) == 2 }) {
                    metCount.wrappingAdd(1, ordering: .relaxed)
                }
            }
        }
        #expect(metCount.load(ordering: .relaxed) == 2)
    }
}
