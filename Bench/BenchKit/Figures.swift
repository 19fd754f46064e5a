/// Numbers as people read them: three significant digits and a unit.
public enum Figures {
    /// A rate, as `3.21 GB/s` or `36.0 k/s`.
    public static func rate(_ perSecond: Double, _ unit: WorkUnit) -> String {
        switch unit {
        case .bytes:
            scaled(perSecond, [(1e9, " GB/s"), (1e6, " MB/s"), (1e3, " kB/s"), (1, " B/s")])
        case .operations:
            scaled(perSecond, [(1e9, " G/s"), (1e6, " M/s"), (1e3, " k/s"), (1, " /s")])
        }
    }

    /// A duration, as `12.3 µs`.
    public static func duration(nanoseconds: Double) -> String {
        scaled(nanoseconds, [(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1, " ns")])
    }

    /// An amount of memory, as `25.4 MiB`.
    public static func memory(byteCount: Double) -> String {
        scaled(byteCount, [(0x1p30, " GiB"), (0x1p20, " MiB"), (0x1p10, " KiB"), (1, " B")])
    }

    /// A ratio as a percentage, as `87.4 %`.
    public static func percentage(_ ratio: Double) -> String {
        threeDigits(ratio * 100) + " %"
    }

    /// A ratio, as `0.94` or `12.3`; a small one is a percentage, of which more can be told.
    public static func ratio(_ ratio: Double) -> String {
        abs(ratio) < 0.00995 ? percentage(ratio) : threeDigits(ratio)
    }

    /// A whole power of two of bytes, for names: `4KiB`, `1GiB`.
    public static func size(_ byteCount: Int) -> String {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
        where byteCount >= 1 << shift && byteCount % (1 << shift) == 0 {
            return "\(byteCount >> shift)\(unit)"
        }
        return "\(byteCount)B"
    }

    /// A whole number with thousands apart: `1,000,000`.
    public static func count(_ count: Int) -> String {
        var text = ""
        for (index, digit) in String(count.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (count < 0 ? "-" : "") + String(text.reversed())
    }

    /// With so many decimals, 0 to 2, and no exponent.
    static func decimals(_ value: Double, _ count: Int) -> String {
        let factor = [1.0, 10, 100][count]
        let rounded = (value * factor).rounded()
        // `description` of a whole quotient ends in ".0", and of others has the digits that it needs.
        var text = (rounded / factor).description
        guard count > 0 else { return String(text.prefix { $0 != "." }) }
        let written = text.drop { $0 != "." }.count - 1
        text += String(repeating: "0", count: max(0, count - written))
        return text
    }

    // MARK: - Scaling

    /// In the largest unit of which there is at least one, or the last.
    private static func scaled(_ value: Double, _ units: [(size: Double, name: String)]) -> String {
        // 999.5 rounds to 1000, which is 1.00 of the next unit.
        let unit = units.first { value / $0.size >= 0.9995 } ?? units[units.count - 1]
        return threeDigits(value / unit.size) + unit.name
    }

    /// Three significant digits, no exponent, and at most two decimals.
    private static func threeDigits(_ value: Double) -> String {
        decimals(value, abs(value) < 9.995 ? 2 : abs(value) < 99.95 ? 1 : 0)
    }
}
