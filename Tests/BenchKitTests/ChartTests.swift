import Foundation
import Testing

@testable import BenchKit

@Suite struct ChartTests {
    // MARK: What is drawn

    private struct Box {
        var left, top, right, bottom: Double

        func meets(_ other: Box) -> Bool {
            left < other.right && other.left < right && top < other.bottom && other.top < bottom
        }
    }

    private static func lines(in svg: String) throws -> [Box] {
        let pattern =
            /<line [^>]*x1="(-?[0-9.]+)" y1="(-?[0-9.]+)" x2="(-?[0-9.]+)" y2="(-?[0-9.]+)"/
        return try svg.matches(of: pattern).map { match in
            let places = try [match.output.1, match.output.2, match.output.3, match.output.4].map {
                try #require(Double($0))
            }
            return Box(
                left: min(places[0], places[2]) - 0.1, top: min(places[1], places[3]) - 0.1,
                right: max(places[0], places[2]) + 0.1, bottom: max(places[1], places[3]) + 0.1)
        }
    }

    private static func texts(in svg: String) throws -> [Box] {
        let pattern = /<text[^>]* x="(-?[0-9.]+)" y="([0-9.]+)" text-anchor="([a-z]+)">([^<]*)</
        return try svg.matches(of: pattern).map { match in
            let x = try #require(Double(match.output.1))
            let y = try #require(Double(match.output.2))
            let width = SVG.width(of: String(match.output.4))
            let left =
                switch match.output.3 {
                case "start": x
                case "end": x - width
                default: x - width / 2
                }
            return Box(left: left, top: y - 8, right: left + width, bottom: y + 2)
        }
    }

    /// No line runs through a text, no text through another, and none is cut by the edges.
    private static func expectLegible(_ svg: String) throws {
        let height = try #require(
            svg.firstMatch(of: /viewBox="0 0 360.0 ([0-9.]+)"/).map { $0.output.1 })
        let bottom = try #require(Double(height))
        let (lines, texts) = (try lines(in: svg), try texts(in: svg))
        #expect(!lines.isEmpty && !texts.isEmpty)
        for (index, text) in texts.enumerated() {
            #expect(text.left >= 0 && text.right <= SVG.width)
            #expect(text.top >= 0 && text.bottom <= bottom)
            #expect(!lines.contains { $0.meets(text) })
            #expect(!texts[..<index].contains { $0.meets(text) })
        }
    }

    private static func row(
        _ ratio: Double, _ judgement: Judgement = .fine, limit: Double? = nil
    ) -> ForestChart.Row {
        ForestChart.Row(
            label: "a-cell-that-has-quite-a-long-name-\(ratio)", value: "\(ratio)",
            ratio: RatioEstimate(
                logRatios: (0..<6).map { log(ratio) + 0.01 * Double($0) }, confidence: 0.95),
            limit: limit, judgement: judgement)
    }

    private static func cells(_ ratios: [Double]) throws -> [CellResult] {
        try ratios.map { try ReportTests.result("cell-\($0)-with-a-long-name", ratio: $0) }
    }

    // MARK: Tests

    @Test(
        arguments: [[1], [0.5, 0.99, 1.01], [0.2, 3, 150], [0.002, 2.86], [1.5, 40]] as [[Double]])
    func `texts lie where no line and no other text is, within the drawing`(ratios: [Double]) throws
    {
        try Self.expectLegible(CeilingChart(cells: Self.cells(ratios)).markup)
        let rows = ratios.map { Self.row($0, limit: 0.95) }
        try Self.expectLegible(ForestChart(rows: rows, title: "ratio").markup)
        var latency = LatencyRecorder()
        for ratio in ratios { latency.record(nanoseconds: UInt64(ratio * 1_000_000)) }
        let summary = try #require(latency.summary)
        try Self.expectLegible(
            PercentileChart(series: [(.a, summary)], name: "cell").markup)
        let cell = try #require(try Self.cells(ratios).first)
        try Self.expectLegible(RunOrderChart(blocks: cell.comparison.blocks, name: "cell").markup)
    }

    @Test func `a name that is too long for its value is cut`() throws {
        for (count, isCut) in [(5, false), (100, true)] {
            var svg = SVG(height: 20, label: "")
            svg.caption(12, String(repeating: "x", count: count), "the value")
            #expect(svg.markup.contains("x…<") == isCut)
            let texts = try Self.texts(in: svg.markup)
            #expect(texts.count == 2 && !texts[0].meets(texts[1]))
        }
    }

    @Test func `a bar that is longer than the axis ends in an arrow`() throws {
        let within = CeilingChart(cells: try Self.cells([0.5, 2.8]))
        #expect(!within.hasBeyond)
        #expect(!within.markup.contains("<path"))
        let beyond = CeilingChart(cells: try Self.cells([0.5, 153.5]))
        #expect(beyond.hasBeyond)
        #expect(beyond.markup.matches(of: /<g class="bar ceiling"[^>]*><path/).count == 1)
        #expect(beyond.markup.contains("15350 %<"))
    }

    @Test func `a ratio beyond the axis is an arrow on its side, and no mark`() {
        func chart(_ ratio: Double) -> ForestChart {
            ForestChart(rows: [Self.row(ratio)], title: "ratio")
        }
        let within = chart(90)
        #expect(!within.hasBeyond)
        #expect(within.markup.contains("class=\"mark fine\""))
        #expect(!within.markup.contains("class=\"arrow"))
        for ratio in [153.5, 0.001] {
            let beyond = chart(ratio)
            #expect(beyond.hasBeyond)
            #expect(!beyond.markup.contains("class=\"mark"))
            #expect(beyond.markup.contains(ratio > 1 ? "4.5L8 0z" : "4.5L-8 0z"))
            #expect(!beyond.markup.contains(ratio > 1 ? "4.5L-8 0z" : "4.5L8 0z"))
        }
    }

    @Test func `a limit beyond the axis isn't drawn at its end`() {
        let chart = ForestChart(rows: [Self.row(1, limit: 120)], title: "ratio")
        #expect(!chart.markup.contains("class=\"limit\""))
    }

    @Test func `a judgement is told by its shape too`() {
        let shapes = Judgement.allCases.map(\.shape)
        #expect(Set(shapes).count == shapes.count)
    }

    @Test func `the legend of a forest explains what is in it, and nothing else`() throws {
        var report = try ReportTests.report()
        report.cells = [
            try ReportTests.result("kept", ratio: 0.8, bound: .atLeast(ratio: 0.75)),
            try ReportTests.result("broken", ratio: 0.8, bound: .atLeast(ratio: 0.9)),
            try ReportTests.result("free", ratio: 150),
        ]
        for key in ["limit", "fine", "regression", "unjudged", "beyond"] {
            #expect(report.html.contains("class=\"key \(key)\""))
        }
        #expect(!report.html.contains("class=\"key inconclusive\""))
        report.cells = [try ReportTests.result("free", ratio: 0.8)]
        for key in ["limit", "fine", "unjudged", "beyond"] {
            #expect(!report.html.contains("class=\"key \(key)\""))
        }
        #expect(!report.html.contains("class=\"limit\""))
    }
}
