/// Times as the service writes them.
public enum Timestamp {
    /// A moment as `2026-11-30T21:00:00.000Z` (ISO 8601, UTC).
    public static func text(milliseconds: Int) -> String {
        let moment = CivilMoment(milliseconds: milliseconds)
        let date = "\(moment.year)-\(two(moment.month))-\(two(moment.day))"
        let thousandths = "\(1000 + moment.millisecond)".dropFirst()
        return
            "\(date)T\(two(moment.hour)):\(two(moment.minute)):\(two(moment.second)).\(thousandths)Z"
    }

    /// A moment as `Mon, 30 Nov 2026 21:00:00 GMT` (RFC 9110 section 5.6.7).
    public static func httpDate(milliseconds: Int) -> String {
        let moment = CivilMoment(milliseconds: milliseconds)
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        return
            "\(days[moment.dayOfWeek]), \(two(moment.day)) \(months[moment.month - 1]) \(moment.year) "
            + "\(two(moment.hour)):\(two(moment.minute)):\(two(moment.second)) GMT"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// A moment after 1970 in the parts of a calendar, in UTC.
private struct CivilMoment {
    var year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, millisecond = 0
    /// From Thursday, which 1970-01-01 was.
    var dayOfWeek = 0

    init(milliseconds: Int) {
        let (days, rest) = max(milliseconds, 0).quotientAndRemainder(dividingBy: 86_400_000)
        (hour, minute, second, millisecond) = (
            rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60, rest % 1000
        )
        dayOfWeek = days % 7
        // In years that begin in March, a leap day comes last, and 400 of them have the same days.
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }
}
