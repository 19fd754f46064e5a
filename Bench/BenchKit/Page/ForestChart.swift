/// Ratios with their intervals, one below the other, on a logarithmic axis.
struct ForestChart {
    /// One ratio.
    struct Row {
        var label: String
        /// What is said at the right end of the label's line: the ratio, because its mark may lie beyond
        /// the axis.
        var value: String
        var ratio: RatioEstimate
        /// What the ratio must not fall below, if that is known.
        var limit: Double?
        var judgement: Judgement

        /// The estimate, and its interval's ends.
        fileprivate var ratios: [Double] {
            [ratio.estimate, ratio.lower, ratio.upper].compactMap { $0 }
        }
    }

    /// What the longest axis holds: with a longer one, what is near 1 couldn't be read.
    private static let longest = 0.01...100.0

    let rows: [Row]
    let title: String

    /// Whether something lies beyond the axis and is an arrow.
    var hasBeyond: Bool { rows.flatMap(\.ratios).contains { axis.end(before: $0) != nil } }

    var markup: String {
        let strips = Strips(axis: axis, count: rows.count)
        var svg = strips.drawing(label: title)
        strips.drawGrid(
            axis.ticks(atLeast: 36).map { ($0, Self.text($0)) }, title: title, in: &svg)
        for (index, row) in rows.enumerated() { draw(row, index, strips, in: &svg) }
        return svg.markup
    }

    private var axis: Axis {
        let values = rows.flatMap { $0.ratios + [$0.limit].compactMap { $0 } }
        return Axis(
            max(Self.longest.lowerBound, min(0.95, (values.min() ?? 1) / 1.05)),
            min(Self.longest.upperBound, max(1.05, (values.max() ?? 1) * 1.05)), from: Strips.left,
            to: Strips.right, logarithmic: true)
    }

    private func draw(_ row: Row, _ index: Int, _ strips: Strips, in svg: inout SVG) {
        let (axis, middle) = (strips.axis, strips.middle(of: index))
        strips.drawCaption(row.label, row.value, index, in: &svg)
        strips.drawLine(at: 1, index, "one", in: &svg)
        if let limit = row.limit { strips.drawLine(at: limit, index, "limit", in: &svg) }
        let style = row.judgement.rawValue
        if let lower = row.ratio.lower, let upper = row.ratio.upper {
            svg.line(axis.place(lower), middle, axis.place(upper), middle, "interval \(style)")
            for end in [lower, upper]
            where !strips.drawArrow(beyond: end, index, "arrow \(style)", in: &svg) {
                let x = axis.place(end)
                svg.line(x, middle - 4, x, middle + 4, "interval \(style)")
            }
        }
        let estimate = row.ratio.estimate
        if !strips.drawArrow(beyond: estimate, index, "arrow \(style)", in: &svg) {
            svg.mark(axis.place(estimate), middle, row.judgement.shape, "mark \(style)")
        }
    }

    /// As few digits as it takes.
    private static func text(_ tick: Double) -> String {
        var text = Figures.decimals(tick, 2)
        while text.last == "0", text.contains(".") { text.removeLast() }
        if text.last == "." { text.removeLast() }
        return text
    }
}
