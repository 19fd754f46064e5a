/// Numbers as people read them: three significant digits and a unit.
enum Figures {
    /// A rate, as `3.21 GB/s` or `36.0 k/s`.
    static func rate(_ perSecond: Double, _ unit: WorkUnit) -> String {
        switch unit {
        case .bytes:
            scaled(perSecond, [(1e9, " GB/s"), (1e6, " MB/s"), (1e3, " kB/s"), (1, " B/s")])
        case .operations:
            scaled(perSecond, [(1e9, " G/s"), (1e6, " M/s"), (1e3, " k/s"), (1, " /s")])
        }
    }

    /// A duration, as `12.3 µs`.
    static func duration(nanoseconds: UInt64) -> String {
        scaled(Double(nanoseconds), [(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1, " ns")])
    }

    /// A ratio as a percentage, as `87.4 %`.
    static func percentage(_ ratio: Double) -> String {
        threeDigits(ratio * 100) + " %"
    }

    /// In the largest unit of which there is at least one, or the last.
    private static func scaled(_ value: Double, _ units: [(size: Double, name: String)]) -> String {
        // 999.5 rounds to 1000, which is 1.00 of the next unit.
        let unit = units.first { value / $0.size >= 0.9995 } ?? units[units.count - 1]
        return threeDigits(value / unit.size) + unit.name
    }

    /// Three significant digits, no exponent, and at most two decimals.
    private static func threeDigits(_ value: Double) -> String {
        let decimals = abs(value) < 9.995 ? 2 : abs(value) < 99.95 ? 1 : 0
        let factor = [1.0, 10, 100][decimals]
        let rounded = (value * factor).rounded()
        // `description` of a whole quotient ends in ".0", and of others has the digits that it needs.
        var text = (rounded / factor).description
        guard decimals > 0 else { return String(text.prefix { $0 != "." }) }
        let written = text.drop { $0 != "." }.count - 1
        text += String(repeating: "0", count: max(0, decimals - written))
        return text
    }
}
