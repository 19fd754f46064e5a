extension Report {
    /// The report as one page that needs nothing else: tables, and charts as inline SVG.
    public var html: String {
        let tables = Dictionary(
            sections.map { ($0.title, $0.table) }, uniquingKeysWith: { first, _ in first })
        let charts = throughputFigure + forestFigure
        let tableSections = sections.map { section in
            HTML.section(section.title, tables[section.title]?.html ?? "")
        }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(HTML.escaped(title))</title>
            <style>
            \(HTML.style)
            </style>
            </head>
            <body>
            <main>
            <h1>\(HTML.escaped(title))</h1>
            <p>\(HTML.escaped(summary))</p>
            \(sentences.map { "<p>\(HTML.escaped($0))</p>" }.joined(separator: "\n"))
            \(HTML.section("At a glance", charts, isGrid: true))
            \(tableSections.joined())
            \(HTML.section("Latencies by percentile", percentileFigures, isGrid: true))
            \(HTML.section("Runs in order", runOrderFigures, isGrid: true))
            \(HTML.section("Machine and software", machine.html))
            <section>
            <h2>To repeat it</h2>
            <code>\(HTML.escaped(ShellCommand.text(command)))</code>
            <p>The seed was \(seed), the beginning \(HTML.escaped(startedAt)).</p>
            </section>
            </main>
            </body>
            </html>

            """
    }

    private var title: String { "Benchmark: \(kind.rawValue), \(profile)" }

    private var summary: String {
        func count(_ verdicts: [Verdict]) -> String {
            [Verdict.regression, .noRegression, .inconclusive].map { verdict in
                "\(verdicts.count { $0 == verdict }) \(verdict.rawValue)"
            }.joined(separator: ", ")
        }
        if !trials.isEmpty { return "Cells: \(count(trials.map(\.overallVerdict)))." }
        if !findings.isEmpty { return "Cells: \(count(findings.map(\.verdict)))." }
        if !selfChecks.isEmpty {
            return "\(selfChecks.count { $0.isPassed }) of \(selfChecks.count) cells passed."
        }
        return "\(cells.count) cells measured, \(failures.count) that could not be."
    }

    // MARK: - Charts

    private var throughputFigure: String {
        guard !cells.isEmpty else { return "" }
        let kinds = Set(cells.map(\.referenceKind.rawValue)).sorted()
        let chart = CeilingChart(cells: cells)
        var keys: [(style: String, text: String)] = kinds.map { ($0, "held against a \($0)") }
        keys.append(("one", "100 %, as good as the reference"))
        if chart.hasBeyond { keys.append(Self.beyondKey) }
        return HTML.figure(chart.markup, title: "Beside its reference", keys: keys)
    }

    private static let beyondKey = (
        style: "beyond", text: "beyond the end of the axis, the value is above it"
    )

    private var forestFigure: String {
        if !trials.isEmpty {
            let rows = trials.map { trial in
                ForestChart.Row(
                    label: trial.name,
                    value:
                        "\(Figures.ratio(trial.ratio.estimate)) · \(trial.overallVerdict.rawValue)",
                    ratio: trial.ratio, limit: 1 - trial.limit,
                    judgement: Judgement(trial.overallVerdict))
            }
            return figure(
                of: ForestChart(rows: rows, title: "how many times better B is than A"),
                title: "B held against A", one: "no difference", limit: "limit of a regression",
                judgements: Self.verdictTexts)
        }
        guard !cells.isEmpty else { return "" }
        let found = Dictionary(
            findings.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let rows = cells.map { cell in
            let (finding, ratio) = (found[cell.name], cell.comparison.ratio)
            return ForestChart.Row(
                label: cell.name, value: "\(Figures.ratio(ratio.estimate)) · \(ratio.intervalText)",
                ratio: ratio, limit: finding?.limit ?? cell.bound?.leastRatio,
                judgement: finding.map { Judgement($0.verdict) } ?? Judgement(cell.boundCheck))
        }
        return figure(
            of: ForestChart(rows: rows, title: "ratio to the reference, with its interval"),
            title: "Ratios and intervals", one: "as good as the reference",
            limit: findings.isEmpty ? "bound" : "the baseline's lowest",
            judgements: findings.isEmpty ? Self.boundTexts : Self.verdictTexts)
    }

    /// A forest with what is in it explained, and nothing else.
    private func figure(
        of chart: ForestChart, title: String, one: String, limit: String,
        judgements: [Judgement: String]
    ) -> String {
        let made = Set(chart.rows.map(\.judgement))
        var keys = [(style: "one", text: one)]
        if chart.rows.contains(where: { $0.limit != nil }) { keys.append(("limit", limit)) }
        // Where nothing is judged there is nothing to tell apart.
        if made != [.unjudged] {
            for judgement in Judgement.allCases where made.contains(judgement) {
                keys.append((judgement.rawValue, judgements[judgement] ?? ""))
            }
        }
        if chart.hasBeyond { keys.append(Self.beyondKey) }
        return HTML.figure(chart.markup, title: title, keys: keys)
    }

    private static let verdictTexts: [Judgement: String] = [
        .fine: Verdict.noRegression.rawValue, .regression: Verdict.regression.rawValue,
        .inconclusive: Verdict.inconclusive.rawValue, .unjudged: "not judged",
    ]

    private static let boundTexts: [Judgement: String] = [
        .fine: BoundCheck.within.rawValue, .regression: BoundCheck.notWithin.rawValue,
        .inconclusive: BoundCheck.inconclusive.rawValue, .unjudged: "has no bound",
    ]

    private var percentileFigures: String {
        func figure(
            _ name: String, _ series: [(Block.Role, String, LatencySummary?)]
        ) -> String {
            // A curve of a few durations would show steps, not a distribution.
            let known = series.compactMap { role, text, latency in
                latency.flatMap { $0.count >= 100 ? (role, text, $0) : nil }
            }
            guard !known.isEmpty else { return "" }
            let chart = PercentileChart(series: known.map { ($0.0, $0.2) }, name: name)
            return HTML.figure(
                chart.markup, title: name, keys: known.map { ($0.0.style, $0.1) })
        }
        let ofCells = cells.map { cell in
            figure(
                "\(cell.name), \(cell.loadText)",
                [
                    (.a, cell.name, cell.comparison.a.latency),
                    (.b, cell.referenceName, cell.comparison.b.latency),
                ])
        }
        let ofTrials = trials.map { trial in
            figure(
                trial.name,
                [
                    (.a, "A", trial.a.latency), (.b, "B", trial.b.latency),
                    (.ceiling, trial.ceilingName, trial.ceiling.latency),
                ])
        }
        return (ofTrials + ofCells).joined()
    }

    private var runOrderFigures: String {
        let ofCells = cells.map { cell in
            HTML.figure(
                RunOrderChart(blocks: cell.comparison.blocks, name: cell.name).markup,
                title: cell.name, keys: [("a", cell.name), ("b", cell.referenceName)])
        }
        let ofTrials = trials.map { trial in
            HTML.figure(
                RunOrderChart(blocks: trial.blocks, name: trial.name).markup, title: trial.name,
                keys: [("a", "A"), ("b", "B"), ("c", trial.ceilingName)])
        }
        return (ofTrials + ofCells).joined()
    }
}
