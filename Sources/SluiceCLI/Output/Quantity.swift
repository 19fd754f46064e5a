/// Figures for people.
enum Quantity {
    /// `0 B`, `1023 B`, `1.0 KiB`, `12.3 GiB`.
    static func bytes(_ byteCount: Int) -> String {
        guard byteCount >= 1024 else { return "\(byteCount) B" }
        var tenths = (Double(byteCount) / 1024 * 10).rounded()
        var index = 0
        while tenths >= 10_240, index < units.count - 1 {
            tenths = (Double(byteCount) / Double(1 << (10 * (index + 2))) * 10).rounded()
            index += 1
        }
        let whole = Int(tenths)
        return "\(whole / 10).\(whole % 10) \(units[index])"
    }

    /// `1 object`, `1,234 objects`.
    static func count(_ count: Int, _ noun: String) -> String {
        "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
    }

    /// `0:07`, `12:34`, `1:02:03`.
    static func duration(seconds: Int) -> String {
        let minutes = seconds / 60
        let tail = twoDigits(seconds % 60)
        return minutes < 60
            ? "\(minutes):\(tail)" : "\(minutes / 60):\(twoDigits(minutes % 60)):\(tail)"
    }

    /// Two digits of a number below 100.
    static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// `1,234`.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var text = number < 0 ? "-" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return text
    }

    private static let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
}
