internal import ArgumentParser
internal import FoundationEssentials

/// A moment in UTC: `2027-01-31T12:00:00Z`, with or without seconds, or a date alone.
struct TimeArgument: ExpressibleByArgument {
    /// Since 1970.
    let seconds: Int

    init?(argument: String) {
        let text =
            switch argument.utf8.count {
            case 10: argument + "T00:00:00Z"
            case 17 where argument.hasSuffix("Z"): String(argument.dropLast()) + ":00Z"
            default: argument
            }
        guard let date = try? Date(text, strategy: .iso8601) else { return nil }
        seconds = Int(date.timeIntervalSince1970)
    }
}
