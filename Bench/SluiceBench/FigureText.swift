internal import BenchKit

/// Numbers as people read them.
enum FigureText {
    /// A whole power of two of bytes, for names: `4KiB`, `1GiB`.
    static func size(_ byteCount: Int) -> String {
        for (shift, unit) in [(30, "GiB"), (20, "MiB"), (10, "KiB")]
        where byteCount >= 1 << shift && byteCount % (1 << shift) == 0 {
            return "\(byteCount >> shift)\(unit)"
        }
        return "\(byteCount)B"
    }

    /// A whole number with thousands apart: `1,000,000`.
    static func count(_ count: Int) -> String {
        var text = ""
        for (index, digit) in String(count).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// A rate: `3.21 GB/s`, `36.0 k/s`.
    static func rate(_ perSecond: Double, _ unit: WorkUnit) -> String {
        switch unit {
        case .bytes:
            scaled(perSecond, [(1e9, " GB/s"), (1e6, " MB/s"), (1e3, " kB/s"), (1, " B/s")])
        case .operations: scaled(perSecond, [(1e6, " M/s"), (1e3, " k/s"), (1, " /s")])
        }
    }

    /// A duration: `12.3 ms`.
    static func duration(nanoseconds: Double) -> String {
        scaled(nanoseconds, [(1e9, " s"), (1e6, " ms"), (1e3, " µs"), (1, " ns")])
    }

    /// An amount of memory: `25.4 MiB`.
    static func memory(_ byteCount: Double) -> String {
        scaled(byteCount, [(0x1p30, " GiB"), (0x1p20, " MiB"), (0x1p10, " KiB"), (1, " B")])
    }

    /// A ratio, with two decimals: `0.94`.
    static func ratio(_ ratio: Double) -> String { decimals(ratio, 2) }

    private static func scaled(_ value: Double, _ units: [(size: Double, name: String)]) -> String {
        let unit = units.first { value / $0.size >= 0.9995 } ?? units[units.count - 1]
        let scaled = value / unit.size
        return decimals(scaled, scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0) + unit.name
    }

    private static func decimals(_ value: Double, _ count: Int) -> String {
        let factor = [1, 10, 100][count]
        let whole = Int((value * Double(factor)).rounded())
        guard count > 0 else { return "\(whole)" }
        let fraction = String(whole % factor)
        let zeros = String(repeating: "0", count: count - fraction.count)
        return "\(whole / factor).\(zeros)\(fraction)"
    }
}
