/// A moment as the Blob service tells it: 100 nanoseconds apart, from year 1 to year 9999.
public struct BlobTime: Hashable, Comparable, Sendable {
    private static let perSecond: Int64 = 10_000_000
    private static let secondsPerDay: Int64 = 86_400
    private static let secondBounds = -62_135_596_800...253_402_300_799 as ClosedRange<Int64>
    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Units of 100 ns since 1970.
    public let ticks: Int64

    /// The moment, or the first or the last that can be told.
    public init(ticks: Int64) {
        let bounds = Self.secondBounds
        self.ticks = min(
            max(ticks, bounds.lowerBound * Self.perSecond), bounds.upperBound * Self.perSecond)
    }

    /// Seconds since 1970; a time beyond what can be told is the last that can.
    public init(seconds: Int64) {
        let bounds = Self.secondBounds
        ticks = min(max(seconds, bounds.lowerBound), bounds.upperBound) * Self.perSecond
    }

    /// Seconds since 1970, rounded down.
    public var seconds: Int64 { Self.quotient(ticks, Self.perSecond) }

    /// Whether one is before another.
    public static func < (left: Self, right: Self) -> Bool { left.ticks < right.ticks }

    /// This much later, in seconds.
    public func adding(seconds: Int64) -> Self {
        let sum = self.seconds.addingReportingOverflow(seconds)
        let whole = Self(seconds: sum.overflow ? (seconds < 0 ? .min : .max) : sum.partialValue)
        return Self(ticks: whole.ticks + (ticks - self.seconds * Self.perSecond))
    }

    // MARK: As text

    /// `Tue, 01 Dec 2026 08:49:37 GMT`: of headers and listings (RFC 1123), to the second.
    public var http: String {
        var bytes: [UInt8] = []
        appendHTTP(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `2026-12-01T08:49:37.1234567Z`: of snapshots and errors, to 100 ns.
    public var exact: String { iso(fraction: true) }

    /// `2026-12-01T08:49:37Z`: of keys, to the second.
    public var plain: String { iso(fraction: false) }

    /// Appends ``http`` to bytes, and makes nothing else: a listing has thousands.
    func appendHTTP(to bytes: inout [UInt8]) {
        let days = Self.quotient(seconds, Self.secondsPerDay)
        let (year, month, day) = Self.date(day: days)
        bytes.append(contentsOf: Self.weekdays[Int(Self.remainder(days, 7))].utf8)
        bytes.append(UInt8(ascii: ","))
        bytes.append(UInt8(ascii: " "))
        Self.append(day, 2, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: Self.months[Int(month - 1)].utf8)
        bytes.append(UInt8(ascii: " "))
        Self.append(year, 4, to: &bytes)
        bytes.append(UInt8(ascii: " "))
        appendClock(to: &bytes)
        bytes.append(contentsOf: " GMT".utf8)
    }

    private func iso(fraction: Bool) -> String {
        var bytes: [UInt8] = []
        let (year, month, day) = Self.date(day: Self.quotient(seconds, Self.secondsPerDay))
        Self.append(year, 4, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(month, 2, to: &bytes)
        bytes.append(UInt8(ascii: "-"))
        Self.append(day, 2, to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        appendClock(to: &bytes)
        if fraction {
            bytes.append(UInt8(ascii: "."))
            Self.append(ticks - seconds * Self.perSecond, 7, to: &bytes)
        }
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }

    private func appendClock(to bytes: inout [UInt8]) {
        let second = Self.remainder(seconds, Self.secondsPerDay)
        Self.append(second / 3600, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(second / 60 % 60, 2, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        Self.append(second % 60, 2, to: &bytes)
    }

    private static func append(_ number: Int64, _ digitCount: Int, to bytes: inout [UInt8]) {
        var unit: Int64 = 1
        for _ in 1..<digitCount { unit *= 10 }
        while unit > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
    }

    // MARK: From text

    /// A header's date: RFC 1123 (`Tue, 01 Dec 2026 08:49:37 GMT`), and the two older forms of HTTP.
    public init?(http text: String) {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split { $0 == " " || $0 == "," || $0 == "-" }
        let clock: Substring?
        let date: (day: Substring, month: Substring, year: Substring)
        switch words.count {
        case 6 where words[5] == "GMT" || words[5] == "UTC":
            (date, clock) = ((words[1], words[2], words[3]), words[4])
        case 5: (date, clock) = ((words[2], words[1], words[4]), words[3])
        default: return nil
        }
        guard let month = Self.months.firstIndex(where: { date.month == $0 }),
            let day = Self.number(date.day, 1...2), var year = Self.number(date.year, 2...4),
            let clock, let second = Self.clock(clock), date.year.utf8.count != 3
        else { return nil }
        if date.year.utf8.count == 2 { year += year < 70 ? 2000 : 1900 }
        self.init(year: year, month: Int64(month) + 1, day: day, ticks: second)
    }

    /// A date in the forms of ISO 8601 that the service takes: a day, with hours and minutes, seconds, and up to seven
    /// digits of a second; in UTC.
    public init?(iso text: String) {
        guard text.utf8.count <= 40 else { return nil }
        let sides = text.split(separator: "T", omittingEmptySubsequences: false)
        let date = sides[0].split(separator: "-", omittingEmptySubsequences: false)
        guard sides.count <= 2, date.count == 3, let year = Self.number(date[0], 4...4),
            let month = Self.number(date[1], 2...2), let day = Self.number(date[2], 2...2)
        else { return nil }
        var ticks: Int64 = 0
        if sides.count == 2 {
            guard let clock = Self.withoutZone(sides[1]), let second = Self.clock(clock) else {
                return nil
            }
            ticks = second
        }
        self.init(year: year, month: month, day: day, ticks: ticks)
    }

    private init?(year: Int64, month: Int64, day: Int64, ticks: Int64) {
        guard year >= 1, (1...12).contains(month), day >= 1,
            let number = Self.day(year: year, month: month, day: day),
            Self.date(day: number) == (year, month, day)
        else { return nil }
        self.init(ticks: number * Self.secondsPerDay * Self.perSecond + ticks)
    }

    private static func withoutZone(_ text: Substring) -> Substring? {
        if text.hasSuffix("Z") { return text.dropLast() }
        return text.hasSuffix("+00:00") ? text.dropLast(6) : nil
    }

    private static func clock(_ text: Substring) -> Int64? {
        let sides = text.split(separator: ".", omittingEmptySubsequences: false)
        let parts = sides[0].split(separator: ":", omittingEmptySubsequences: false)
        guard sides.count <= 2, parts.count == 3 || (parts.count == 2 && sides.count == 1),
            let hour = number(parts[0], 2...2), let minute = number(parts[1], 2...2), hour < 24,
            minute < 60
        else { return nil }
        var ticks = (hour * 60 + minute) * 60 * perSecond
        if parts.count == 3 {
            guard let second = number(parts[2], 2...2), second < 60 else { return nil }
            ticks += second * perSecond
        }
        if sides.count == 2 {
            guard var fraction = number(sides[1], 1...7) else { return nil }
            for _ in sides[1].utf8.count..<7 { fraction *= 10 }
            ticks += fraction
        }
        return ticks
    }

    private static func number(_ text: Substring, _ length: ClosedRange<Int>) -> Int64? {
        guard length.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int64(text)
    }

    // MARK: The calendar

    private static func quotient(_ left: Int64, _ right: Int64) -> Int64 {
        left >= 0 ? left / right : (left + 1) / right - 1
    }

    private static func remainder(_ left: Int64, _ right: Int64) -> Int64 {
        left - quotient(left, right) * right
    }

    /// Days since 1970 of a date of the Gregorian calendar, whose year is taken to begin in March, so that the day that
    /// some years have more is the last.
    private static func day(year: Int64, month: Int64, day: Int64) -> Int64? {
        guard year <= 9999 else { return nil }
        let march = month > 2 ? month - 3 : month + 9
        let year = month > 2 ? year : year - 1
        return quotient(1461 * year, 4) - quotient(year, 100) + quotient(year, 400)
            + (153 * march + 2) / 5 + day - 719_469
    }

    private static func date(day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let since = day + 719_468
        let era = quotient(since, 146_097)
        let inEra = since - era * 146_097
        let year = (inEra - inEra / 1460 + inEra / 36_524 - inEra / 146_096) / 365
        let inYear = inEra - (365 * year + year / 4 - year / 100)
        let march = (5 * inYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (
            year + era * 400 + (month <= 2 ? 1 : 0), month, inYear - (153 * march + 2) / 5 + 1
        )
    }
}
