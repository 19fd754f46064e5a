/// How much of what stands beside it each cell reached: a bar a cell, the reference at 100 %.
struct CeilingChart {
    /// The longest axis: with a longer one, what is near 100 % couldn't be read.
    private static let mostRatio = 3.0

    let cells: [CellResult]

    /// Whether a bar ends in an arrow.
    var hasBeyond: Bool { ratios.contains { axis.end(before: $0) != nil } }

    var markup: String {
        let strips = Strips(axis: axis, count: cells.count)
        var svg = strips.drawing(label: "The share of its reference that each cell reached")
        strips.drawGrid(
            axis.ticks(atLeast: 44).map { ($0, Figures.decimals($0 * 100, 0)) },
            title: "share of the ceiling, peer or floor beside it, %", in: &svg)
        for (index, cell) in cells.enumerated() {
            let ratio = cell.comparison.ratio.estimate
            let kind = cell.referenceKind.rawValue
            strips.drawCaption(
                cell.name,
                "\(cell.figure.text(cell.comparison.a.value, cell.unit)) · \(Figures.percentage(ratio))",
                index, in: &svg)
            svg.bar(
                Strips.left, strips.middle(of: index) - 4, width: axis.place(ratio) - Strips.left,
                height: 8, "bar \(kind)")
            strips.drawArrow(beyond: ratio, index, "bar \(kind)", in: &svg)
            strips.drawLine(at: 1, index, "one", in: &svg)
        }
        return svg.markup
    }

    private var ratios: [Double] { cells.map(\.comparison.ratio.estimate) }

    private var axis: Axis {
        let largest = ratios.max() ?? 1
        return Axis(
            0, min(max(1.05, largest * 1.05), Self.mostRatio), from: Strips.left, to: Strips.right)
    }
}
