/// A drawing that is part of a page: everything that is seen of it, colours too, is the page's style.
struct SVG {
    /// How text is aligned at its place.
    enum Anchor: String {
        case start, middle, end
    }

    /// Wide enough for a small phone; a page may draw it larger.
    static let width = 360.0

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

    /// A mark whose shape tells sides apart as well as its colour does.
    mutating func mark(_ x: Double, _ y: Double, _ role: Block.Role, _ style: String) {
        let shape =
            switch role {
            case .a: #"<circle cx="0" cy="0" r="3"/>"#
            case .b: #"<rect x="-2.8" y="-2.8" width="5.6" height="5.6"/>"#
            case .ceiling: #"<path d="M0-4 4 0 0 4-4 0z"/>"#
            }
        elements.append(
            """
            <g class="\(style)" transform="translate(\(Self.text(x)) \(Self.text(y)))">\(shape)</g>
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
