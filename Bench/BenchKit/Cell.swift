/// A workload beside what it is held against. There is no cell without a reference.
public struct Cell: Sendable {
    /// What a cell is held against.
    public enum ReferenceKind: String, Codable, Sendable {
        /// What bounds the workload: it can come near, and hardly exceed it.
        case ceiling
        /// Other software that does the same job.
        case peer
        /// The least that the machine takes for anything of the kind.
        case floor
    }

    /// What it takes to set a workload up, when each run of a trial has a process of its own.
    public enum SetUpCost: Sendable {
        /// Little: the processes of all runs of a block are made ready before the first of them runs, so that
        /// the runs follow each other at once.
        case light
        /// Room or memory: one process is there at a time.
        case heavy
        /// So long that one process does it once, for all of its runs.
        case once
    }

    /// What is measured; its workload gives the cell its name, summary and unit.
    public let subject: Subject
    /// What it is held against.
    public let reference: Subject
    /// What that means.
    public let referenceKind: ReferenceKind
    /// What is read off the runs of both.
    public let figure: Figure
    /// What the result must keep to, if anything.
    public private(set) var bound: Bound?
    /// How many blocks there are, where that isn't for the run to say.
    public let blockCount: Int?
    /// How exact counts are taken, if they are.
    public let counting: Counting?
    /// What setting up takes.
    public let setUpCost: SetUpCost
    /// Into how many slices a trial cuts each run. Those of a block's runs take turns: a disturbance that is
    /// shorter than a run, as many are, disturbs all of them then. For runs whose length is a time.
    public let sliceCount: Int

    /// The name of what is measured.
    public var name: String { subject.workload.name }
    /// What that is.
    public var summary: String { subject.workload.summary }
    /// What its work is counted in.
    public var unit: WorkUnit { subject.workload.unit }

    /// The same, with nothing that its result must keep to.
    public var withoutBound: Cell {
        var cell = self
        cell.bound = nil
        return cell
    }

    /// Describes a cell. Both workloads have the same unit; without a loop of its own the reference
    /// is run as the workload is.
    ///
    /// Throws `MeasurementError.unitsDiffer` if the units do.
    public init(
        _ workload: any Workload, against referenceKind: ReferenceKind, _ reference: any Workload,
        figure: Figure = .rate, bound: Bound? = nil, loop: Loop, referenceLoop: Loop? = nil,
        blockCount: Int? = nil, counting: Counting? = nil, setUpCost: SetUpCost = .light,
        sliceCount: Int = 1
    ) throws(MeasurementError) {
        guard workload.unit == reference.unit else {
            throw .unitsDiffer(workload: workload.name, reference: reference.name)
        }
        precondition(
            sliceCount == 1 || setUpCost != .heavy, "a process can't wait for its next slice")
        subject = Subject(workload, loop)
        self.reference = Subject(reference, referenceLoop ?? loop)
        self.referenceKind = referenceKind
        self.figure = figure
        self.bound = bound
        self.blockCount = blockCount
        self.counting = counting
        self.setUpCost = setUpCost
        self.sliceCount = sliceCount
    }

    /// Sets both sides up, counts, compares them, and tears both down.
    ///
    /// The reference need not have been set up for the workload, nor the other way round. Throws what
    /// a workload throws, or `MeasurementError`. `onBlock` is that of `Comparison.run`.
    public func measure(
        _ comparison: Comparison, seed: UInt64,
        onBlock: (_ finishedCount: Int) -> Bool = { _ in true }
    ) throws -> CellResult {
        try subject.withSetUp {
            try reference.withSetUp {
                let counts = try counting?.count(subject.workload, seed: seed)
                let found = try comparison.run(
                    Side(subject), against: Side(reference), figure: figure, seed: seed,
                    onBlock: onBlock)
                return CellResult(cell: self, comparison: found, counts: counts)
            }
        }
    }
}
