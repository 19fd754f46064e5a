import BenchKit
import Synchronization

// The example of the article Benchmarks, word for word; a test compares the two.

// BEGIN EXAMPLE
final class DictionaryPut: Workload {
    let name = "put-dictionary"
    let summary = "Put 4 KiB into a dictionary behind a lock."
    let unit = WorkUnit.operations
    private let objects = Mutex<[Int: [UInt8]]>([:])

    func prepareRun() {
        objects.withLock { $0 = [:] }
    }

    func makeOperation(for caller: Caller) -> TimedOperation {
        let bytes = DataPattern.random.bytes(count: 4096, seed: caller.runSeed)
        var index = caller.index
        return { [self] in
            objects.withLock { $0[index] = bytes }
            index += caller.count
            return 1
        }
    }
}

func measureDictionary(
    against yours: any Workload, _ comparison: Comparison = Comparison(blockCount: 12)
) throws -> CellResult {
    let loop = Loop.closed(ClosedLoop(callers: 2, length: .nanoseconds(50_000_000)))
    let cell = try Cell(yours, against: .ceiling, DictionaryPut(), loop: loop)
    return try cell.measure(comparison, seed: 1)
}
// END EXAMPLE
