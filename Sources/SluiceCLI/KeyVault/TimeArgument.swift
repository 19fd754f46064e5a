internal import ArgumentParser
internal import Sluice

/// A moment: `2027-01-31T12:00:00Z`, with or without seconds, in UTC or with an offset, or a date alone, which
/// means its midnight in UTC; an empty text takes a moment back.
///
/// It takes any text, and who has it must ask, so that what is wrong with one is said.
struct TimeArgument: ExpressibleByArgument {
    private let text: String

    var isEmpty: Bool { text.isEmpty }

    init(argument: String) { text = argument }

    /// What the text says; nil if it is empty.
    ///
    /// - Throws: A usage error that says what is wrong with it.
    func moment(of option: String) throws -> Int? {
        if text.isEmpty { return nil }
        var scanner = TimeScanner(text)
        do throws(TimeScanner.Mistake) {
            return try scanner.seconds()
        } catch {
            throw ValidationError(
                "\(option) can't be '\(text.prefix(60))': \(error.reason). Write it as "
                    + "2027-01-31T12:00:00Z, or 2027-01-31 for its midnight in UTC")
        }
    }
}

/// Reads a moment, strictly: every digit counts, and nothing may follow.
struct TimeScanner {
    /// Why a text is no moment.
    enum Mistake: Error {
        case form, date, time, zone, year

        var reason: String {
            switch self {
            case .form: "that is no date"
            case .date: "there is no such day"
            case .time: "there is no such time of day"
            case .zone: "it lacks the zone; a Z at the end means UTC"
            case .year: "times are from 1970 to 9999"
            }
        }
    }

    private var rest: Substring.UTF8View

    init(_ text: String) { rest = Substring(text).utf8 }

    /// Seconds since 1970.
    mutating func seconds() throws(Mistake) -> Int {
        let year = try number(digitCount: 4)
        try skip("-")
        let month = try number(digitCount: 2)
        try skip("-")
        let day = try number(digitCount: 2)
        guard let days = CalendarDay(year: year, month: month, day: day)?.daysSince1970 else {
            throw .date
        }
        var seconds = days * 86_400
        if !rest.isEmpty {
            try skip("T", or: "t")
            seconds += try timeOfDay()
            seconds -= try offset()
            guard rest.isEmpty else { throw .form }
        }
        guard seconds >= 0, seconds <= Self.lastSecond else { throw .year }
        return seconds
    }

    /// The end of the year 9999.
    private static let lastSecond = 253_402_300_799

    // MARK: Parts

    private mutating func timeOfDay() throws(Mistake) -> Int {
        let hour = try number(digitCount: 2)
        try skip(":")
        let minute = try number(digitCount: 2)
        var second = 0
        if rest.first == UInt8(ascii: ":") {
            try skip(":")
            second = try number(digitCount: 2)
        }
        // A leap second is none in UTC as clocks count it.
        guard hour < 24, minute < 60, second < 60 else { throw .time }
        return hour * 3600 + minute * 60 + second
    }

    private mutating func offset() throws(Mistake) -> Int {
        guard let sign = rest.popFirst() else { throw .zone }
        if sign == UInt8(ascii: "Z") || sign == UInt8(ascii: "z") { return 0 }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else { throw .form }
        let hours = try number(digitCount: 2)
        try skip(":")
        let minutes = try number(digitCount: 2)
        guard hours < 24, minutes < 60 else { throw .time }
        return (hours * 3600 + minutes * 60) * (sign == UInt8(ascii: "+") ? 1 : -1)
    }

    private mutating func number(digitCount: Int) throws(Mistake) -> Int {
        var number = 0
        for _ in 0..<digitCount {
            guard let byte = rest.popFirst(), (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            else { throw .form }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }

    private mutating func skip(_ character: Unicode.Scalar, or other: Unicode.Scalar? = nil)
        throws(Mistake)
    {
        guard let byte = rest.popFirst(), byte == character.value || byte == other?.value ?? 256
        else { throw .form }
    }
}

/// A day of the Gregorian calendar, of a year with four digits.
struct CalendarDay {
    /// Below zero before 1970.
    let daysSince1970: Int

    /// A day; nil if there is none like that.
    init?(year: Int, month: Int, day: Int) {
        guard (1...12).contains(month), day >= 1 else { return nil }
        let first = Self.days(year, month)
        let next = month == 12 ? Self.days(year + 1, 1) : Self.days(year, month + 1)
        guard day <= next - first else { return nil }
        daysSince1970 = first + day - 1
    }

    /// Days to the first of a month, in years that begin in March, so that a leap day is the last.
    private static func days(_ year: Int, _ month: Int) -> Int {
        let shiftedYear = month <= 2 ? year - 1 + 400 : year + 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        let leapDays = shiftedYear / 4 - shiftedYear / 100 + shiftedYear / 400
        return shiftedYear * 365 + leapDays + dayOfYear - 719_468 - 146_097
    }
}
