/// Ratios with their intervals, one below the other, on a logarithmic axis.
struct ForestChart {
    /// One ratio.
    struct Row {
        var label: String
        /// What is said at the right end of the label's line.
        var value: String
        var ratio: RatioEstimate
        /// What the ratio must not fall below, if that is known.
        var limit: Double?
        var style: String
    }

    private static let left = 12.0
    private static let right = SVG.width - 12
    private static let rowHeight = 34.0

    let rows: [Row]
    let title: String

    var markup: String {
        let bottom = Double(rows.count) * Self.rowHeight
        var svg = SVG(height: bottom + 42, label: title)
        let values = rows.flatMap { row in
            [row.ratio.estimate, row.ratio.lower, row.ratio.upper, row.limit].compactMap { $0 }
        }
        let axis = Axis(
            max(0.01, min(0.95, (values.min() ?? 1) / 1.05)),
            min(100, max(1.05, (values.max() ?? 1) * 1.05)), from: Self.left, to: Self.right,
            logarithmic: true)
        for tick in axis.ticks(atLeast: 36) {
            let x = axis.place(tick)
            svg.line(x, 0, x, bottom, "grid")
            svg.text(x, bottom + 14, Self.text(tick), .middle, "tick")
        }
        svg.line(axis.place(1), 0, axis.place(1), bottom, "one")
        for (index, row) in rows.enumerated() {
            draw(row, at: Double(index) * Self.rowHeight, axis, in: &svg)
        }
        svg.text(SVG.width / 2, bottom + 32, title, .middle, "title")
        return svg.markup
    }

    private func draw(_ row: Row, at y: Double, _ axis: Axis, in svg: inout SVG) {
        svg.text(4, y + 12, row.label)
        svg.text(SVG.width - 4, y + 12, row.value, .end, "value")
        let middle = y + 23
        if let limit = row.limit {
            let x = axis.place(limit)
            svg.line(x, middle - 7, x, middle + 7, "limit")
        }
        if let lower = row.ratio.lower, let upper = row.ratio.upper {
            svg.line(axis.place(lower), middle, axis.place(upper), middle, "interval \(row.style)")
            for end in [lower, upper] {
                let x = axis.place(end)
                svg.line(x, middle - 4, x, middle + 4, "interval \(row.style)")
            }
        }
        svg.mark(axis.place(row.ratio.estimate), middle, .b, "mark \(row.style)")
    }

    /// As few digits as it takes.
    private static func text(_ tick: Double) -> String {
        var text = Figures.decimals(tick, 2)
        while text.last == "0", text.contains(".") { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}
