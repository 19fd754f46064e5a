public import SluiceAccess

/// A span of time as ISO 8601 writes it: `P90D`, `P18M`, `P1Y6M`, `PT12H`.
///
/// Years and months are those of the calendar (UTC): a month after January 31 is the last of February.
public struct CalendarDuration: Hashable, Sendable {
    /// Months, years among them.
    public let monthCount: Int
    /// Seconds, weeks and days among them.
    public let seconds: Int

    /// Reads a duration of whole years, months, weeks, days, hours, minutes and seconds, longer than
    /// nothing and at most 100 years.
    ///
    /// - Throws: `invalidArgument`.
    public init(parsing text: String) throws(VaultError) {
        guard let parsed = Self.parse(text), parsed != (0, 0), parsed.months <= 1200,
            parsed.seconds <= 100 * 366 * 86_400
        else {
            throw VaultError(
                .invalidArgument,
                "'\(text.prefix(80))' is not a duration as in ISO 8601, such as P90D, P18M or P2Y")
        }
        (monthCount, seconds) = parsed
    }

    /// A number of days, at least one.
    public static func days(_ count: Int) -> CalendarDuration {
        precondition((1...36_600).contains(count), "a duration is of 1 to 36,600 days")
        return CalendarDuration(monthCount: 0, seconds: count * 86_400)
    }

    private init(monthCount: Int, seconds: Int) {
        self.monthCount = monthCount
        self.seconds = seconds
    }

    /// A moment, in seconds since 1970, so much later.
    package func added(toSeconds moment: Int) -> Int { shifted(moment, by: 1) }

    /// A moment, in seconds since 1970, so much earlier.
    package func subtracted(fromSeconds moment: Int) -> Int { shifted(moment, by: -1) }
}

extension CalendarDuration: CustomStringConvertible {
    /// The duration as ISO 8601 writes it.
    public var description: String {
        func part(_ count: Int, _ unit: String) -> String { count == 0 ? "" : "\(count)\(unit)" }
        let date =
            part(monthCount / 12, "Y") + part(monthCount % 12, "M") + part(seconds / 86_400, "D")
        let time =
            part(seconds / 3600 % 24, "H") + part(seconds / 60 % 60, "M") + part(seconds % 60, "S")
        return "P" + date + (time.isEmpty ? "" : "T" + time)
    }
}

extension CalendarDuration: Codable {
    /// Reads the duration's text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        do {
            try self.init(parsing: text)
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: error.message)
        }
    }

    /// Writes the duration's text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

// MARK: Private

extension CalendarDuration {
    /// Months and seconds; nil if the text is no duration. Units come in order, each once.
    private static func parse(_ text: String) -> (months: Int, seconds: Int)? {
        var rest = Substring(text)
        guard rest.popFirst() == "P" else { return nil }
        let halves = rest.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard let date = halves.first.flatMap({ parts($0, "YMWD") }) else { return nil }
        var time: [Character: Int] = [:]
        if halves.count == 2 {
            guard !halves[1].isEmpty, let parsed = parts(halves[1], "HMS") else { return nil }
            time = parsed
        }
        func count(_ part: Int?) -> Int { part ?? 0 }
        let days = count(date["W"]) * 7 + count(date["D"])
        let seconds = (days * 24 + count(time["H"])) * 3600 + count(time["M"]) * 60
        return (count(date["Y"]) * 12 + count(date["M"]), seconds + count(time["S"]))
    }

    /// Numbers by their units, which must be some of `units`, in that order.
    private static func parts(_ text: Substring, _ units: String) -> [Character: Int]? {
        var units = Substring(units)
        var digits = ""
        var parts: [Character: Int] = [:]
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                // More digits are of no use, and might overflow.
                guard digits.count <= 10 else { return nil }
            } else {
                guard let place = units.firstIndex(of: character), let number = Int(digits) else {
                    return nil
                }
                units = units[units.index(after: place)...]
                parts[character] = number
                digits = ""
            }
        }
        return digits.isEmpty ? parts : nil
    }

    /// The database may hold any number: one that means no moment is taken for one in the farthest future or
    /// past, 285 million years off, where nothing overflows.
    private static func plausible(_ moment: Int) -> Int {
        min(max(moment, -(1 << 53)), 1 << 53)
    }

    private func shifted(_ moment: Int, by sign: Int) -> Int {
        let moment = Self.plausible(moment)
        let days = Int((Double(moment) / 86_400).rounded(.down))
        var (year, month, day) = Self.date(daysSince1970: days)
        let months = year * 12 + month - 1 + sign * monthCount
        year = Self.quotient(months, 12)
        month = months - year * 12 + 1
        day = min(day, Self.dayCount(year: year, month: month))
        let shiftedDays = Self.days(year: year, month: month, day: day)
        return shiftedDays * 86_400 + (moment - days * 86_400) + sign * seconds
    }

    /// A moment in UTC, for messages: `2027-01-31 12:00:00 UTC`.
    package static func text(ofSeconds moment: Int) -> String {
        let moment = plausible(moment)
        let days = Int((Double(moment) / 86_400).rounded(.down))
        let second = moment - days * 86_400
        let (year, month, day) = date(daysSince1970: days)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(year)-\(two(month))-\(two(day)) "
            + "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60)) UTC"
    }

    private static func dayCount(year: Int, month: Int) -> Int {
        days(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1)
            - days(year: year, month: month, day: 1)
    }

    /// The quotient, rounded down, for a positive divisor.
    private static func quotient(_ number: Int, _ divisor: Int) -> Int {
        (number >= 0 ? number : number - divisor + 1) / divisor
    }

    /// Days since 1970 of a Gregorian date, in eras of 400 years that begin on a first of
    /// March.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = quotient(shiftedYear, 400)
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func date(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = quotient(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let day = dayOfYear - (153 * shifted + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}
