/// A time in UTC, to the second.
struct Timestamp: CustomStringConvertible {
    let secondsSince1970: Int

    init(seconds: Int) {
        // A damaged vault may hold any number: beyond this, days times their seconds overflow.
        secondsSince1970 = min(max(seconds, -(1 << 53)), 1 << 53)
    }

    init(milliseconds: Int) {
        secondsSince1970 = Int((Double(milliseconds) / 1000).rounded(.down))
    }

    /// As ISO 8601 has it: `2026-01-31T12:34:56Z`.
    var description: String { text(separator: "T", zone: "Z") }

    /// For tables: `2026-01-31 12:34:56`.
    var inTable: String { text(separator: " ", zone: "") }

    private func text(separator: String, zone: String) -> String {
        let days = Int((Double(secondsSince1970) / 86_400).rounded(.down))
        let second = secondsSince1970 - days * 86_400
        let (year, month, day) = Self.date(daysSince1970: days)
        let parts = [second / 3600, second / 60 % 60, second % 60].map(Quantity.twoDigits)
        let date = "\(year)-\(Quantity.twoDigits(month))-\(Quantity.twoDigits(day))"
        return date + separator + parts.joined(separator: ":") + zone
    }

    /// The Gregorian date, by counting in eras of 400 years that begin on a first of March.
    private static func date(daysSince1970: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSince1970 + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
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
