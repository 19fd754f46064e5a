/// A drawing that is part of a page: everything that is seen of it, colours too, is the page's style.
struct SVG {
    /// How text is aligned at its place.
    enum Anchor: String {
        case start, middle, end
    }

    /// What a mark looks like, so that colours aren't needed to tell marks apart.
    enum Shape {
        case circle, square, diamond, triangle
    }

    /// Wide enough for a small phone; a page may draw it larger.
    static let width = 360.0

    /// About how wide a character is, rather more than less: a page takes whatever font there is.
    private static let characterWidth = 6.6

    private let height: Double
    private let label: String
    private var elements: [String] = []

    /// An empty drawing; `label` is what it shows, for those who can't see it.
    init(height: Double, label: String) {
        self.height = height
        self.label = label
    }

    mutating func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) {
        elements.append(
            """
            <line class="\(style)" x1="\(Self.text(x1))" y1="\(Self.text(y1))" \
            x2="\(Self.text(x2))" y2="\(Self.text(y2))"/>
            """)
    }

    mutating func bar(_ x: Double, _ y: Double, width: Double, height: Double, _ style: String) {
        elements.append(
            """
            <rect class="\(style)" x="\(Self.text(x))" y="\(Self.text(y))" \
            width="\(Self.text(max(0, width)))" height="\(Self.text(height))"/>
            """)
    }

    /// A curve through the points, which are in order.
    mutating func curve(_ points: [(x: Double, y: Double)], _ style: String) {
        let places = points.map { "\(Self.text($0.x)),\(Self.text($0.y))" }
        elements.append(
            #"<polyline class="\#(style)" points="\#(places.joined(separator: " "))"/>"#)
    }

    mutating func mark(_ x: Double, _ y: Double, _ shape: Shape, _ style: String) {
        let element =
            switch shape {
            case .circle: #"<circle cx="0" cy="0" r="3"/>"#
            case .square: #"<rect x="-2.8" y="-2.8" width="5.6" height="5.6"/>"#
            case .diamond: #"<path d="M0-4 4 0 0 4-4 0z"/>"#
            case .triangle: #"<path d="M-4-3.2H4L0 4z"/>"#
            }
        place(element, x, y, style)
    }

    /// An arrowhead whose base is at `x`: what it stands for lies further in its direction.
    mutating func arrow(_ x: Double, _ y: Double, toward end: Axis.End, _ style: String) {
        place(
            end == .low ? #"<path d="M0-4.5V4.5L-8 0z"/>"# : #"<path d="M0-4.5V4.5L8 0z"/>"#, x, y,
            style)
    }

    private mutating func place(_ element: String, _ x: Double, _ y: Double, _ style: String) {
        elements.append(
            """
            <g class="\(style)" transform="translate(\(Self.text(x)) \(Self.text(y)))">\(element)</g>
            """)
    }

    mutating func text(
        _ x: Double, _ y: Double, _ text: String, _ anchor: Anchor = .start, _ style: String = ""
    ) {
        let styled = style.isEmpty ? "" : #" class="\#(style)""#
        elements.append(
            """
            <text\(styled) x="\(Self.text(x))" y="\(Self.text(y))" \
            text-anchor="\(anchor.rawValue)">\(HTML.escaped(text))</text>
            """)
    }

    /// A label below an axis, under its tick, but never beyond the edges of the drawing.
    mutating func tick(_ x: Double, _ y: Double, _ text: String) {
        let half = Self.width(of: text) / 2
        let anchor: Anchor =
            x + half > Self.width ? .end : x - half < 0 ? .start : .middle
        self.text(x, y, text, anchor, "tick")
    }

    /// A name and a value at the two ends of a line; a name that is too long for that is cut.
    mutating func caption(_ y: Double, _ name: String, _ value: String) {
        let room = Self.width - 8 - Self.width(of: value + "  ")
        let count = Int(room / Self.characterWidth)
        text(4, y, name.count > count ? name.prefix(max(0, count - 1)) + "…" : name)
        text(Self.width - 4, y, value, .end, "value")
    }

    /// About how wide a text is, rather more than less.
    static func width(of text: String) -> Double { Double(text.count) * characterWidth }

    var markup: String {
        """
        <svg viewBox="0 0 \(Self.text(Self.width)) \(Self.text(height))" role="img" \
        aria-label="\(HTML.escaped(label))">
        \(elements.joined(separator: "\n"))
        </svg>
        """
    }

    private static func text(_ value: Double) -> String { Figures.decimals(value, 1) }
}
