internal import BenchKit

/// One line of the table of results: a figure beside what bounds it.
struct ResultRow {
    var name: String
    var figure: String
    var reference: String
    var referenceFigure: String
    var ratio: String
    var interval: String
    var bound: String
    var verdict: String

    /// What a ratio of rates must keep to.
    static func text(_ bound: Bound) -> String {
        switch bound {
        case .atLeast(let ratio): "at least \(FigureText.ratio(ratio))"
        case .atMost(let ratio): "at most \(FigureText.ratio(ratio))"
        }
    }

    init(_ result: CellResult) {
        self.init(
            name: result.name, comparison: result.comparison,
            reference: "\(result.referenceKind.rawValue): \(result.referenceName)",
            bound: result.bound, check: result.boundCheck
        ) { FigureText.rate($0, result.unit) }
    }

    init(_ result: PairResult) {
        self.init(
            name: result.name, comparison: result.comparison,
            reference: "\(result.referenceKind.rawValue): \(result.referenceName)",
            bound: result.bound, check: result.boundCheck
        ) { rate in
            switch result.figure {
            case .rate: FigureText.rate(rate, .operations)
            case .medianLatency: FigureText.duration(nanoseconds: 1e9 / rate)
            }
        }
    }

    init(_ result: LimitResult) {
        name = result.name
        figure = result.quantity.text(result.value)
        reference = "floor: \(result.floorName)"
        referenceFigure = result.quantity.text(result.floorValue)
        ratio = ""
        interval = ""
        if let lower = result.lower, let upper = result.upper {
            interval = "\(result.quantity.text(lower)) to \(result.quantity.text(upper))"
        }
        bound = "at most \(result.quantity.text(Double(result.limit)))"
        verdict = result.boundCheck.rawValue
    }

    private init(
        name: String, comparison: ComparisonResult, reference: String, bound: Bound?,
        check: BoundCheck?, _ text: (Double) -> String
    ) {
        self.name = name
        figure = text(comparison.a.ratePerSecond)
        self.reference = reference
        referenceFigure = text(comparison.b.ratePerSecond)
        ratio = FigureText.ratio(comparison.ratio.estimate)
        interval = "too few blocks"
        if let lower = comparison.ratio.lower, let upper = comparison.ratio.upper {
            interval = "\(FigureText.ratio(lower)) to \(FigureText.ratio(upper))"
        }
        self.bound = bound.map(Self.text) ?? ""
        verdict = check?.rawValue ?? ""
    }
}

extension BenchReport {
    /// Every result beside its ceiling, in the order in which they were measured.
    var table: TextTable {
        let rows =
            report.cells.map { ResultRow($0) } + pairs.map { ResultRow($0) }
            + limits.map { ResultRow($0) }
        let byName = Dictionary(rows.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        var table = TextTable(columns: [
            ("cell", .left), ("result", .right), ("beside", .left), ("its result", .right),
            ("ratio", .right), ("95 % interval", .right), ("bound", .left), ("verdict", .left),
        ])
        for row in order.compactMap({ byName[$0] }) {
            table.append([
                row.name, row.figure, row.reference, row.referenceFigure, row.ratio, row.interval,
                row.bound, row.verdict,
            ])
        }
        return table
    }

    /// The results for a terminal.
    var plainText: String {
        let note =
            profile == .smoke ? "Smoke: small sizes, to which the bounds don't apply.\n\n" : ""
        let failed = failures.map { "\($0.name) could not be measured: \($0.reason)\n" }.joined()
        return
            "\(note)\(table.plainText)\(failed)\nA ratio is one of rates, or of the inverse of times.\n"
    }

    /// The results for a pull request, with latencies and the machine.
    var markdown: String {
        """
        ## sluice-bench, \(profile.rawValue)

        \(table.markdown)
        A ratio is one of rates, or of the inverse of times.

        \(failures.map { "- \($0.name) could not be measured: \($0.reason)\n" }.joined())
        \(report.markdown)
        """
    }
}
