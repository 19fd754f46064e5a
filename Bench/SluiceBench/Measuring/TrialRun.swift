internal import BenchKit

/// Tries two command lines against each other, cell by cell and look by look.
struct TrialRun {
    /// The command lines of the two sides.
    struct Commands {
        var a: String
        var b: String
        /// How much longer B's operations are made: to see whether that is noticed.
        var delayOfB = 0.0
    }

    private let cells: [Cell]
    private let commands: Commands
    private let conditions: Conditions
    private let options: MeasuringOptions
    private let files: ReportFiles?
    private var family: TrialFamily
    private var members: [(cell: Cell, index: Int)] = []
    /// What has been found so far.
    private(set) var report: Report

    /// Prepares a trial; `report` is added to, and written after each cell.
    init(
        _ cells: [Cell], _ commands: Commands, plan: TrialPlan, report: Report,
        _ conditions: Conditions, _ options: MeasuringOptions, files: ReportFiles?
    ) {
        self.cells = cells
        self.commands = commands
        self.conditions = conditions
        self.options = options
        self.files = files
        self.report = report
        self.report.plan = plan
        family = TrialFamily(plan)
    }

    /// Takes the looks; one cell that can't be measured doesn't keep the others from it.
    mutating func measure() throws {
        let progress = ProgressLine(stepCount: cells.count)
        defer { progress?.finish() }
        for lookIndex in family.plan.looks.indices where !conditions.interruption.isRequested {
            if lookIndex == 0 {
                for cell in cells where !conditions.interruption.isRequested {
                    begin(cell, progress)
                    try write()
                }
            } else {
                let undecided = members.filter { family.undecided.contains($0.index) }
                progress?.add(stepCount: undecided.count)
                for (cell, index) in undecided where !conditions.interruption.isRequested {
                    attempt(cell, index, look: lookIndex, progress)
                    try write()
                }
            }
            // After Ctrl-C the blocks are fewer than were declared, so there is no look.
            if !conditions.interruption.isRequested { family.look(lookIndex) }
            if family.undecided.isEmpty { break }
        }
        if conditions.interruption.isRequested {
            report.notes.append("Interrupted: what wasn't decided by then is inconclusive.")
        }
        try write()
    }

    // MARK: Cells

    private mutating func begin(_ cell: Cell, _ progress: ProgressLine?) {
        let index = family.add(Trial(cell, seed: conditions.seed))
        members.append((cell, index))
        attempt(cell, index, look: 0, progress)
    }

    private mutating func attempt(
        _ cell: Cell, _ index: Int, look lookIndex: Int, _ progress: ProgressLine?
    ) {
        progress?.begin(cell.name)
        do {
            try extend(cell, index, look: lookIndex, progress)
        } catch {
            if !conditions.interruption.isRequested {
                report.failures.append(CellFailure(name: cell.name, reason: "\(error)"))
                members.removeAll { $0.index == index }
            }
        }
        progress?.endStep()
    }

    private mutating func extend(
        _ cell: Cell, _ index: Int, look lookIndex: Int, _ progress: ProgressLine?
    ) throws {
        let a = side(commands.a, cell)
        let b = side(commands.b, cell, delay: commands.delayOfB)
        // The ceiling is always this command's own, so that it is the same for both.
        let own = try "'\(Checkout.ownDirectory())/sluice-bench'"
        let ceiling = WorkerSide(
            command: own, cell, reference: true, setUpCost: .once, conditions, options)
        let result = Result {
            if report.sides == nil {
                report.sides = TrialFingerprints(a: try a.describe(), b: try b.describe())
            }
            if lookIndex == 0, let before = try a.count(seed: conditions.seed),
                let now = try b.count(seed: conditions.seed)
            {
                family.note(now.changes(from: before), at: index)
            }
            let (plan, conditions) = (family.plan, conditions)
            let (first, last) = (
                lookIndex == 0 ? 0 : plan.looks[lookIndex - 1].blockCount,
                plan.looks[lookIndex].blockCount
            )
            try family.withTrial(index) { trial in
                try trial.extend(
                    to: last, TrialSides(a: a.side, b: b.side, ceiling: ceiling.side),
                    stolenFractionLimit: plan.stolenFractionLimit,
                    onBlock: { finishedCount in
                        progress?.update(Double(finishedCount - first) / Double(last - first))
                        return !conditions.interruption.isRequested
                    })
            }
        }
        // All of them, whatever happened to one.
        let ends = [a, b, ceiling].map { side in Result { try side.end() } }
        try result.get()
        for end in ends { try end.get() }
    }

    private func side(_ command: String, _ cell: Cell, delay: Double = 0) -> WorkerSide {
        WorkerSide(
            command: command, cell, delay: delay, setUpCost: cell.setUpCost, conditions,
            options)
    }

    private mutating func write() throws {
        report.trials = family.results
        try files?.write(report)
    }
}
