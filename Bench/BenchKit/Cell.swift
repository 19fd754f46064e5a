/// A workload beside what it is held against. There is no cell without a reference.
public struct Cell: Sendable {
    /// What a cell is held against.
    public enum ReferenceKind: String, Codable, Sendable {
        /// What bounds the workload: it can come near, and hardly exceed it.
        case ceiling
        /// Other software that does the same job.
        case peer
    }

    /// What is measured; it gives the cell its name, summary and unit.
    public let workload: any Workload
    /// What it is held against.
    public let reference: any Workload
    /// What that means.
    public let referenceKind: ReferenceKind
    /// What the ratio to the reference must keep to, if anything.
    public let bound: Bound?
    /// How both are run for throughput.
    public let loop: ClosedLoop
    /// The rates at which both are run for latency, possibly none.
    public let openLoops: [OpenLoop]

    /// Describes a cell. Both workloads have the same unit.
    ///
    /// Throws `MeasurementError.unitsDiffer` if not.
    public init(
        _ workload: any Workload, against referenceKind: ReferenceKind, _ reference: any Workload,
        bound: Bound? = nil, loop: ClosedLoop, openLoops: [OpenLoop] = []
    ) throws(MeasurementError) {
        guard workload.unit == reference.unit else {
            throw .unitsDiffer(workload: workload.name, reference: reference.name)
        }
        self.workload = workload
        self.reference = reference
        self.referenceKind = referenceKind
        self.bound = bound
        self.loop = loop
        self.openLoops = openLoops
    }

    /// Sets both sides up, compares them, runs the open loops, and tears both down.
    ///
    /// Throws what a workload throws, or `MeasurementError`. `onBlock` is that of
    /// `Comparison.run`; once it has answered false, the open loops are left out.
    public func measure(
        _ comparison: Comparison, seed: UInt64,
        onBlock: (_ finishedCount: Int) -> Bool = { _ in true }
    ) throws -> CellResult {
        try Self.withSetUp(workload) {
            try Self.withSetUp(reference) {
                var goesOn = true
                let result = try comparison.run(
                    Side(workload, loop: loop), against: Side(reference, loop: loop), seed: seed,
                    onBlock: { finishedCount in
                        goesOn = onBlock(finishedCount)
                        return goesOn
                    })
                return CellResult(
                    cell: self, comparison: result,
                    openLoops: goesOn ? try openLoops.map { try measure($0, seed: seed) } : [])
            }
        }
    }

    /// Runs both sides twice, in the order A B B A.
    private func measure(_ loop: OpenLoop, seed: UInt64) throws -> OpenLoopResult {
        var run = try loop.run(workload, seed: seed)
        var referenceRun = try loop.run(reference, seed: seed)
        referenceRun.add(try loop.run(reference, seed: ~seed))
        run.add(try loop.run(workload, seed: ~seed))
        return OpenLoopResult(
            operationsPerSecond: loop.operationsPerSecond, callers: loop.callers,
            workload: OpenLoopResult.SideResult(run),
            reference: OpenLoopResult.SideResult(referenceRun))
    }

    /// Tears down whatever happens; the error of `body` counts for more than that of tearing down.
    private static func withSetUp<Success>(
        _ workload: any Workload, _ body: () throws -> Success
    ) throws -> Success {
        let result = Result {
            try workload.setUp()
            return try body()
        }
        let tornDown = Result { try workload.tearDown() }
        let success = try result.get()
        try tornDown.get()
        return success
    }
}
