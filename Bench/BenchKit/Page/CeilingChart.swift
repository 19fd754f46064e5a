/// How much of what stands beside it each cell reached: a bar a cell, the reference at 100 %.
struct CeilingChart {
    private static let left = 4.0
    private static let right = SVG.width - 8
    private static let rowHeight = 34.0

    let cells: [CellResult]

    var markup: String {
        let bottom = Double(cells.count) * Self.rowHeight
        var svg = SVG(
            height: bottom + 42, label: "The share of its reference that each cell reached")
        let largest = cells.map(\.comparison.ratio.estimate).max() ?? 1
        let axis = Axis(0, min(max(1.05, largest * 1.05), 3), from: Self.left, to: Self.right)
        for tick in axis.ticks(atLeast: 44) {
            let x = axis.place(tick)
            svg.line(x, 0, x, bottom, "grid")
            svg.text(x, bottom + 14, Figures.decimals(tick * 100, 0), .middle, "tick")
        }
        svg.line(axis.place(1), 0, axis.place(1), bottom, "one")
        for (index, cell) in cells.enumerated() {
            let y = Double(index) * Self.rowHeight
            let ratio = cell.comparison.ratio.estimate
            let value = cell.figure.text(cell.comparison.a.value, cell.unit)
            svg.text(Self.left, y + 12, cell.name)
            svg.text(
                Self.right, y + 12, "\(value) · \(Figures.percentage(ratio))", .end, "value")
            svg.bar(
                Self.left, y + 17, width: axis.place(ratio) - Self.left, height: 10,
                "bar \(cell.referenceKind.rawValue)")
        }
        svg.text(
            SVG.width / 2, bottom + 32, "share of the ceiling, peer or floor beside it, %", .middle,
            "title")
        return svg.markup
    }
}
