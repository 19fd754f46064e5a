/// What was said of a ratio, as it is drawn: by its colour, which is the page's style of that name, and
/// by its shape.
enum Judgement: String, CaseIterable {
    case fine, regression, inconclusive, unjudged

    init(_ verdict: Verdict) {
        switch verdict {
        case .regression: self = .regression
        case .noRegression: self = .fine
        case .inconclusive: self = .inconclusive
        }
    }

    init(_ check: BoundCheck?) {
        switch check {
        case .notWithin: self = .regression
        case .within: self = .fine
        case .inconclusive: self = .inconclusive
        case nil: self = .unjudged
        }
    }

    var shape: SVG.Shape {
        switch self {
        case .fine: .circle
        case .regression: .triangle
        case .inconclusive: .diamond
        case .unjudged: .square
        }
    }
}
