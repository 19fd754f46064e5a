/// The rows of a chart along one axis: each a strip of plot, below its caption. No line of the plot
/// leaves the strips, so none runs through a text; what lies beyond the axis has an arrow beside them.
struct Strips {
    /// Where the axis begins; left of it is room for an arrow.
    static let left = 14.0
    /// Where it ends.
    static let right = SVG.width - 14

    private static let rowHeight = 36.0
    private static let top = 17.0
    private static let height = 15.0

    let axis: Axis
    let count: Int

    /// An empty drawing that has room for the rows, the ticks and the title below them.
    func drawing(label: String) -> SVG { SVG(height: bottom + 38, label: label) }

    /// The height at which a row's marks are.
    func middle(of index: Int) -> Double { y(index) + Self.top + Self.height / 2 }

    /// Draws the strips with lines at the ticks, and what stands below the last.
    func drawGrid(_ ticks: [(value: Double, text: String)], title: String, in svg: inout SVG) {
        for index in 0..<count {
            svg.bar(
                Self.left, y(index) + Self.top, width: Self.right - Self.left, height: Self.height,
                "strip")
            for tick in ticks { drawLine(at: tick.value, index, "grid", in: &svg) }
        }
        for tick in ticks { svg.tick(axis.place(tick.value), bottom + 12, tick.text) }
        svg.text(SVG.width / 2, bottom + 30, title, .middle, "title")
    }

    /// Draws a line across a row, if the axis has the value.
    func drawLine(at value: Double, _ index: Int, _ style: String, in svg: inout SVG) {
        guard axis.end(before: value) == nil else { return }
        let (x, y) = (axis.place(value), y(index) + Self.top)
        svg.line(x, y, x, y + Self.height, style)
    }

    /// Draws an arrow beside a row, if the value lies beyond the axis. Whether it does is returned.
    @discardableResult
    func drawArrow(beyond value: Double, _ index: Int, _ style: String, in svg: inout SVG) -> Bool {
        guard let end = axis.end(before: value) else { return false }
        let x = end == .low ? Self.left - 2 : Self.right + 2
        svg.arrow(x, middle(of: index), toward: end, style)
        return true
    }

    /// Writes what a row is, and its value, above its strip.
    func drawCaption(_ name: String, _ value: String, _ index: Int, in svg: inout SVG) {
        svg.caption(y(index) + 12, name, value)
    }

    private var bottom: Double { y(count) }

    private func y(_ index: Int) -> Double { Double(index) * Self.rowHeight }
}
