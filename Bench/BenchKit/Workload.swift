/// What an amount of work is counted in.
public enum WorkUnit: String, Codable, Sendable {
    /// Bytes, shown as decimal kB, MB and GB.
    case bytes
    /// Whole operations.
    case operations
}

/// Something that can be timed: a side of a comparison.
///
/// This is the seam through which any store is measured. A runner calls `setUp` once, then for every
/// run `prepareRun` and, on each caller's thread, `makeOperation`, which are untimed; the operations
/// that were made are what is timed; `finishRun` ends the run, even one that failed; `tearDown` comes
/// last, even after a `setUp` that failed.
public protocol Workload: Sendable {
    /// A short name that says what is done and to how much.
    var name: String { get }
    /// One sentence on what is measured, and under which conditions.
    var summary: String { get }
    /// What operations return amounts of. Both sides of a comparison share it.
    var unit: WorkUnit { get }

    /// Makes what all runs need: directories, data, open handles.
    func setUp() throws
    /// Brings back the state that a run starts from, as by emptying a directory.
    func prepareRun() throws
    /// Makes what one caller repeats during one run, with buffers of its own.
    func makeOperation(for caller: Caller) throws -> TimedOperation
    /// Ends what `prepareRun` began, as a load in the background.
    ///
    /// What it returns are durations that the workload measured itself during the run: in a closed
    /// loop they count in the place of those of whole operations.
    func finishRun() throws -> LatencyRecorder?
    /// Removes what `setUp` made.
    func tearDown() throws
}

extension Workload {
    /// Does nothing.
    public func setUp() throws {}
    /// Does nothing.
    public func prepareRun() throws {}
    /// Does nothing; the durations of operations count.
    public func finishRun() throws -> LatencyRecorder? { nil }
    /// Does nothing.
    public func tearDown() throws {}

    /// Prepares a run, calls `body`, and finishes the run whatever happens; the error of `body` counts
    /// for more than that of finishing.
    func withRun<Success>(
        _ body: () throws -> Success
    ) throws -> (success: Success, ownLatency: LatencyRecorder?) {
        let result = Result {
            try prepareRun()
            return try body()
        }
        let finished = Result { try finishRun() }
        return (try result.get(), try finished.get())
    }
}

/// One timed operation; it returns the work it did in the workload's unit, above 0.
///
/// It is made and called on one thread, so it may own mutable buffers. Reading the clock costs about
/// 30 ns an operation: shorter work should be done many times in one call.
public typealias TimedOperation = () throws -> Int

/// One of the threads that call a workload during a run.
public struct Caller: Sendable {
    /// Which caller this is, in `0..<count`.
    public let index: Int
    /// How many callers there are.
    public let count: Int
    /// The seed of the run; matching runs of the two sides of a comparison have the same.
    public let runSeed: UInt64

    /// Describes a caller, in `0..<count`.
    public init(index: Int, count: Int, runSeed: UInt64) {
        precondition((0..<count).contains(index), "a caller is one of those there are")
        self.index = index
        self.count = count
        self.runSeed = runSeed
    }

    /// A generator of this caller's own for this run.
    public func random() -> Xoshiro256 {
        Xoshiro256(seed: runSeed, stream: UInt64(index))
    }
}

/// What a measurement that is broken, rather than slow, is refused for.
public enum MeasurementError: Error, Equatable, CustomStringConvertible {
    /// A run of the named workload took no time or did no work.
    case nothingMeasured(workload: String)
    /// Each block was dropped, or the first had not been finished.
    case noUsableBlock(workload: String)
    /// The two sides of a comparison count their work in different units.
    case unitsDiffer(workload: String, reference: String)

    /// What happened, for people.
    public var description: String {
        switch self {
        case .nothingMeasured(let workload): "a run of \(workload) did no work or took no time"
        case .noUsableBlock(let workload):
            "no block of \(workload) counts, for the host took processor time away during all of "
                + "them: measure again when it is less busy"
        case .unitsDiffer(let workload, let reference):
            "\(workload) and \(reference) count their work in different units"
        }
    }
}
