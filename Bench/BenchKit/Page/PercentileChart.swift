internal import RealModule

/// Distributions of latencies as curves over percentiles, the tail stretched.
struct PercentileChart {
    private static let left = 52.0
    private static let right = SVG.width - 14
    private static let top = 20.0
    private static let bottom = 182.0
    /// Where the maximum stands: as if it were the percentile 99.997.
    private static let lastPlace = 4.5

    /// Each side's curve.
    let series: [(role: Block.Role, latency: LatencySummary)]
    let name: String

    var markup: String {
        var svg = SVG(height: Self.bottom + 40, label: "Latencies of \(name) by percentile")
        let values = series.flatMap { $0.latency.curve.map { max(1, Double($0.nanoseconds)) } }
        let horizontal = Axis(0, Self.lastPlace, from: Self.left, to: Self.right)
        let vertical = Axis(
            (values.min() ?? 1) / 1.2, (values.max() ?? 1) * 1.2, from: Self.bottom, to: Self.top,
            logarithmic: true)
        for tick in vertical.ticks(atLeast: 22) {
            let y = vertical.place(tick)
            svg.line(Self.left, y, Self.right, y, "grid")
            svg.text(Self.left - 4, y + 4, Self.text(tick), .end, "tick")
        }
        for (percentile, text) in [
            (0.0, "0"), (50, "50"), (90, "90"), (99, "99"), (99.9, "99.9"), (99.99, "99.99"),
            (100, "max"),
        ] {
            let x = horizontal.place(Self.place(percentile))
            svg.line(x, Self.top, x, Self.bottom, "grid")
            svg.tick(x, Self.bottom + 14, text)
        }
        for (role, latency) in series {
            let points = latency.curve.map { point in
                (
                    x: horizontal.place(Self.place(point.percentile)),
                    y: vertical.place(max(1, Double(point.nanoseconds)))
                )
            }
            svg.curve(points, "curve \(role.style)")
            for point in points where point.x > horizontal.place(0.3) {
                svg.mark(point.x, point.y, role.shape, "mark \(role.style)")
            }
        }
        svg.text(4, 12, "latency", .start, "title")
        svg.text(
            (Self.left + Self.right) / 2, Self.bottom + 32, "percentile", .middle, "title")
        return svg.markup
    }

    private static func place(_ percentile: Double) -> Double {
        percentile < 100 ? min(lastPlace, -.log10(1 - percentile / 100)) : lastPlace
    }

    private static func text(_ nanoseconds: Double) -> String {
        let text = Figures.duration(nanoseconds: nanoseconds)
        // `5.00 µs` is `5 µs` on an axis.
        return text.replacing(".00 ", with: " ").replacing(".0 ", with: " ")
    }
}

extension Block.Role {
    /// The class of everything that is drawn of this side.
    var style: String {
        switch self {
        case .a: "a"
        case .b: "b"
        case .ceiling: "c"
        }
    }
    /// The shape of its marks.
    var shape: SVG.Shape {
        switch self {
        case .a: .circle
        case .b: .square
        case .ceiling: .diamond
        }
    }
}
