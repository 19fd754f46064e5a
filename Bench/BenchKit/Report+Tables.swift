extension Report {
    /// The results for a terminal, each beside its reference.
    public var plainText: String {
        "Throughput\n\n" + throughput.plainText + "\nLatency\n\n" + latency.plainText
    }

    /// The results for a pull request, each beside its reference.
    public var markdown: String {
        """
        ### Throughput

        \(throughput.markdown)
        ### Latency

        \(latency.markdown)
        ### Machine

        \(machine.markdown)
        `\(command.joined(separator: " "))` with the seed \(seed), begun \(startedAt)

        """
    }

    // MARK: - Tables

    private var throughput: TextTable {
        var table = TextTable(columns: [
            ("cell", .left), ("rate", .right), ("against", .left), ("its rate", .right),
            ("reached", .right), ("interval", .right), ("blocks", .right), ("bound", .left),
        ])
        for cell in cells {
            let comparison = cell.comparison
            table.append([
                cell.name, Figures.rate(comparison.a.ratePerSecond, cell.unit),
                "\(cell.referenceKind.rawValue): \(cell.referenceName)",
                Figures.rate(comparison.b.ratePerSecond, cell.unit),
                Figures.percentage(comparison.ratio.estimate),
                comparison.ratio.intervalText,
                "\(comparison.ratio.blockCount) of \(comparison.blocks.count)", cell.boundText,
            ])
        }
        return table
    }

    private var latency: TextTable {
        var table = TextTable(columns: [
            ("cell", .left), ("load", .left), ("p50", .right), ("p90", .right), ("p99", .right),
            ("p99.9", .right), ("max", .right), ("unstarted", .right),
        ])
        for cell in cells {
            let referenceName = "  \(cell.referenceKind.rawValue): \(cell.referenceName)"
            let closed = "\(cell.callers) in a closed loop"
            table.append([cell.name, closed] + cell.comparison.a.latency.columns + [""])
            table.append([referenceName, closed] + cell.comparison.b.latency.columns + [""])
            for loop in cell.openLoops {
                let rate = Figures.rate(loop.operationsPerSecond, .operations)
                let open = "\(rate) arriving"
                for (name, side) in [(cell.name, loop.workload), (referenceName, loop.reference)] {
                    table.append([name, open] + side.latency.columns + ["\(side.unstartedCount)"])
                }
            }
        }
        return table
    }

    private var machine: TextTable {
        var table = TextTable(columns: [("", .left), ("", .left)])
        table.append(["processor", "\(fingerprint.processorCount) × \(fingerprint.processor)"])
        table.append(["memory", "\(fingerprint.memoryByteCount / 1_048_576) MiB"])
        table.append(["kernel", fingerprint.kernel])
        table.append(["operating system", fingerprint.operatingSystem])
        table.append(["file system", fingerprint.fileSystem])
        for (key, value) in fingerprint.extra.sorted(by: { $0.key < $1.key }) {
            table.append([key, value])
        }
        return table
    }
}

// MARK: - Cells of the tables

extension RatioEstimate {
    /// The interval with its confidence, as `95.0 %: 81.2 % to 88.0 %`.
    fileprivate var intervalText: String {
        guard let lower, let upper else { return "too few blocks" }
        let ends = "\(Figures.percentage(lower)) to \(Figures.percentage(upper))"
        return "\(Figures.percentage(confidence)): \(ends)"
    }
}

extension CellResult {
    fileprivate var boundText: String {
        guard let bound, let boundCheck else { return "" }
        let limit =
            switch bound {
            case .atLeast(let ratio): "at least \(Figures.percentage(ratio))"
            case .atMost(let ratio): "at most \(Figures.percentage(ratio))"
            }
        return "\(boundCheck.rawValue) (\(limit))"
    }
}

extension LatencySummary? {
    /// p50, p90, p99, p99.9 and the maximum.
    fileprivate var columns: [String] {
        guard let self else { return [String](repeating: "none", count: 5) }
        return [
            self.p50Nanoseconds, self.p90Nanoseconds, self.p99Nanoseconds, self.p999Nanoseconds,
            self.maxNanoseconds,
        ].map(Figures.duration)
    }
}
