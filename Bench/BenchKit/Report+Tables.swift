extension Report {
    /// The results for a terminal, each beside its ceiling.
    public var plainText: String {
        sections.map { "\($0.title)\n\n\($0.table.plainText)\n" }.joined()
            + sentences.map { "\($0)\n" }.joined()
    }

    /// The results for a pull request, with latencies and the machine.
    public var markdown: String {
        let parts = (sections + [Section("Machine", machine)]).map {
            "### \($0.title)\n\n\($0.table.markdown)\n"
        }
        return """
            ## \(kind.rawValue), \(profile)

            \(parts.joined())
            \(sentences.map { "- \($0)\n" }.joined())
            ```sh
            \(ShellCommand.text(command))
            ```

            The seed was \(seed), the beginning \(startedAt).

            """
    }

    // MARK: - Sections

    /// A table with its title.
    struct Section {
        let title: String
        let table: TextTable

        init(_ title: String, _ table: TextTable) {
            self.title = title
            self.table = table
        }
    }

    /// The tables that have rows.
    var sections: [Section] {
        [
            Section("Verdicts: B held against A", trialTable),
            Section("Verdicts: held against the baseline", findingTable),
            Section("Trials whose outcome is known", selfCheckTable),
            Section("Results, each beside its reference", cellTable),
            Section("Latencies", latencyTable), Section("Exact counts", countTable),
        ].filter { !$0.table.isEmpty }
    }

    /// What is said below the tables.
    var sentences: [String] {
        let about =
            "A ratio above 1 is the better: of rates, or the inverse of durations and of memory."
        return [about] + notes
            + failures.map { "\($0.name) could not be measured: \($0.reason)" }
    }

    private var cellTable: TextTable {
        let hasBounds = cells.contains { $0.bound != nil }
        var columns: [(title: String, alignment: TextTable.Alignment)] = [
            ("cell", .left), ("result", .right), ("beside", .left), ("its result", .right),
            ("ratio", .right), ("95 % interval", .right), ("blocks", .right),
        ]
        if hasBounds {
            columns.append(("bound", .left))
            columns.append(("verdict", .left))
        }
        var table = TextTable(columns: columns)
        for cell in cells {
            let comparison = cell.comparison
            let judgement = [
                cell.bound?.text(cell.figure, cell.unit) ?? "", cell.boundCheck?.rawValue ?? "",
            ]
            let texts = [
                cell.name, cell.figure.text(comparison.a.value, cell.unit),
                "\(cell.referenceKind.rawValue): \(cell.referenceName)",
                cell.figure.text(comparison.b.value, cell.unit),
                Figures.percentage(comparison.ratio.estimate), comparison.ratio.intervalText,
                "\(comparison.ratio.blockCount) of \(comparison.blocks.count)",
            ]
            table.append(hasBounds ? texts + judgement : texts)
        }
        return table
    }

    private var trialTable: TextTable {
        var table = TextTable(columns: [
            ("cell", .left), ("verdict", .left), ("B / A", .right), ("interval", .right),
            ("limit", .right), ("noise", .right), ("A", .right), ("B", .right),
            ("ceiling", .right), ("A reached", .right), ("B reached", .right), ("blocks", .right),
        ])
        for trial in trials {
            func text(_ side: SideResult) -> String { trial.figure.text(side.value, trial.unit) }
            table.append([
                trial.name, trial.verdictText, Figures.ratio(trial.ratio.estimate),
                trial.ratio.intervalText, "-\(Figures.percentage(trial.limit))",
                Figures.percentage(trial.noiseFloor), text(trial.a), text(trial.b),
                text(trial.ceiling), trial.reachedText(trial.a), trial.reachedText(trial.b),
                "\(trial.ratio.blockCount) of \(trial.blocks.count)",
            ])
        }
        return table
    }

    private var findingTable: TextTable {
        var table = TextTable(columns: [
            ("cell", .left), ("verdict", .left), ("ratio", .right), ("interval", .right),
            ("baseline's lowest", .right), ("counts", .left),
        ])
        for finding in findings {
            let counts = finding.countChanges.map(\.text).joined(separator: ", ")
            table.append([
                finding.name, finding.verdict.rawValue, Figures.ratio(finding.ratio.estimate),
                finding.ratio.intervalText, Figures.ratio(finding.limit),
                !finding.areCountsComparable
                    ? "not comparable" : counts.isEmpty ? "unchanged" : counts,
            ])
        }
        return table
    }

    private var selfCheckTable: TextTable {
        var table = TextTable(columns: [
            ("cell", .left), ("trials", .left), ("regression", .right), ("no regression", .right),
            ("inconclusive", .right), ("blocks a trial", .right), ("passed", .left),
        ])
        for check in selfChecks {
            for (name, tally) in [("of equals", check.equal), ("10 % slower", check.delayed)] {
                table.append([
                    check.name, "\(tally.trialCount) \(name)", "\(tally.regressionCount)",
                    "\(tally.noRegressionCount)", "\(tally.inconclusiveCount)",
                    "\(tally.blockCount / max(1, tally.trialCount))",
                    check.isPassed ? "yes" : "no",
                ])
            }
        }
        return table
    }

    private var latencyTable: TextTable {
        var table = TextTable(columns: [
            ("cell", .left), ("load", .left), ("p50", .right), ("p90", .right), ("p99", .right),
            ("p99.9", .right), ("max", .right), ("unstarted", .right),
        ])
        for cell in cells {
            let reference = "  \(cell.referenceKind.rawValue): \(cell.referenceName)"
            let sides = [(cell.name, cell.comparison.a), (reference, cell.comparison.b)]
            for (name, side) in sides { append(name, cell.loadText, side, to: &table) }
        }
        for trial in trials {
            for (name, side) in [("A", trial.a), ("B", trial.b)] {
                append("\(trial.name) \(name)", "", side, to: &table)
            }
        }
        return table
    }

    private func append(
        _ name: String, _ load: String, _ side: SideResult, to table: inout TextTable
    ) {
        guard let latency = side.latency, latency.count > 1 else { return }
        let durations = [
            latency.p50Nanoseconds, latency.p90Nanoseconds, latency.p99Nanoseconds,
            latency.p999Nanoseconds, latency.maxNanoseconds,
        ].map { Figures.duration(nanoseconds: Double($0)) }
        table.append([name, load] + durations + ["\(side.unstartedCount)"])
    }

    private var countTable: TextTable {
        var table = TextTable(columns: [
            ("cell", .left), ("operations", .right), ("count", .left), ("total", .right),
        ])
        for cell in cells {
            for (name, range) in (cell.counts?.counts ?? [:]).sorted(by: { $0.key < $1.key }) {
                let text =
                    range.exact.map { Figures.count($0) }
                    ?? "\(Figures.count(range.least)) to \(Figures.count(range.most)), not exact"
                table.append([cell.name, "\(cell.counts?.operationCount ?? 0)", name, text])
            }
        }
        return table
    }

    /// The fingerprint; in a trial also what differs between its sides.
    var machine: TextTable {
        var table = TextTable(columns: [("", .left), ("", .left)])
        for (name, value) in fingerprint.lines { table.append([name, value]) }
        for (name, value) in fingerprint.subject.sorted(by: { $0.key < $1.key }) {
            table.append([name, value])
        }
        if let sides {
            for (side, fingerprint) in [("A", sides.a), ("B", sides.b)] {
                let all = fingerprint.lines + fingerprint.subject.map { ($0.key, $0.value) }
                for (name, value) in all.sorted(by: { $0.name < $1.name })
                where differsBetweenSides(name) {
                    table.append(["\(side): \(name)", value])
                }
            }
        }
        return table
    }

    private func differsBetweenSides(_ name: String) -> Bool {
        guard let sides else { return false }
        return sides.a.differences(from: sides.b).contains { $0.name == name }
            || sides.a.subject[name] != sides.b.subject[name]
    }
}

// MARK: - Cells of the tables

extension TrialResult {
    /// The verdict with what it rests on, if that is a count.
    var verdictText: String {
        countChanges.isEmpty
            ? verdict.rawValue
            : "\(overallVerdict.rawValue) (\(countChanges.map(\.text).joined(separator: ", ")))"
    }

    /// The share of the ceiling that a side reached.
    fileprivate func reachedText(_ side: SideResult) -> String {
        let ratio = figure == .rate ? side.value / ceiling.value : ceiling.value / side.value
        return Figures.percentage(ratio)
    }
}

extension CountChange {
    fileprivate var text: String {
        "\(name): \(Figures.count(before)), now \(Figures.count(now))"
    }
}

extension CellResult {
    /// Who calls, and when.
    var loadText: String {
        guard let arrivalsPerSecond else { return "\(callers) in a closed loop" }
        return "\(Figures.rate(arrivalsPerSecond, .operations)) arriving, \(callers) serving"
    }
}
