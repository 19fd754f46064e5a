internal import Sluice

/// A span of whole seconds, written as their number or as ISO 8601 has it: `900`, `PT15M`, `P1D`.
struct SpanArgument: SpelledArgument {
    let seconds: Int

    static let form = "it as seconds, as 900, or as PT15M, P1D or P7D"

    init?(argument: String) {
        if argument.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            guard let seconds = Int(argument) else { return nil }
            self.seconds = seconds
        } else {
            // Months and years have no fixed length.
            guard let duration = try? CalendarDuration(parsing: argument), duration.monthCount == 0
            else { return nil }
            seconds = duration.seconds
        }
    }
}
