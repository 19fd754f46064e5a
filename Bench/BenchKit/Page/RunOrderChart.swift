/// Every run of a cell in the order in which it ran, each beside the median of its side: what moves
/// the ceiling too is the machine.
struct RunOrderChart {
    private static let left = 40.0
    private static let right = SVG.width - 10
    private static let top = 20.0
    private static let bottom = 142.0

    let blocks: [Block]
    let name: String

    var markup: String {
        var svg = SVG(height: Self.bottom + 40, label: "The runs of \(name) in order")
        let runs = blocks.flatMap(\.timings)
        let shares = Self.shares(of: runs)
        let horizontal = Axis(
            -0.5, Double(max(1, runs.count)) - 0.5, from: Self.left, to: Self.right)
        let vertical = Axis(
            min(95, (shares.min() ?? 100) * 0.98), max(105, (shares.max() ?? 100) * 1.02),
            from: Self.bottom, to: Self.top)
        for tick in vertical.ticks(atLeast: 22) {
            let y = vertical.place(tick)
            svg.line(Self.left, y, Self.right, y, "grid")
            svg.text(Self.left - 4, y + 4, Figures.decimals(tick, 0), .end, "tick")
        }
        svg.line(Self.left, vertical.place(100), Self.right, vertical.place(100), "one")
        shadeDropped(horizontal, in: &svg)
        for role in [Block.Role.ceiling, .b, .a] {
            let points = runs.indices.filter { runs[$0].role == role }.map {
                (x: horizontal.place(Double($0)), y: vertical.place(shares[$0]))
            }
            if role == .ceiling { svg.curve(points, "curve \(role.style)") }
            for point in points { svg.mark(point.x, point.y, role.shape, "mark \(role.style)") }
        }
        for tick in horizontal.ticks(atLeast: 40) where tick == tick.rounded() {
            svg.tick(
                horizontal.place(tick), Self.bottom + 14, Figures.decimals(tick + 1, 0))
        }
        svg.text(4, 12, "share of its side's median, %", .start, "title")
        svg.text(
            (Self.left + Self.right) / 2, Self.bottom + 32, "run in order", .middle, "title")
        return svg.markup
    }

    /// Each run's value as a percentage of the median of its side's.
    private static func shares(of runs: [Block.Timing]) -> [Double] {
        let medians = Dictionary(grouping: runs, by: \.role).mapValues {
            median(ofSorted: $0.map(\.value).sorted())
        }
        return runs.map { $0.value / (medians[$0.role] ?? $0.value) * 100 }
    }

    /// Blocks that don't count lie in the shade.
    private func shadeDropped(_ horizontal: Axis, in svg: inout SVG) {
        var first = 0
        for block in blocks {
            if block.isDropped {
                let start = horizontal.place(Double(first) - 0.5)
                let end = horizontal.place(Double(first + block.timings.count) - 0.5)
                svg.bar(
                    start, Self.top, width: end - start, height: Self.bottom - Self.top, "dropped")
            }
            first += block.timings.count
        }
    }
}
