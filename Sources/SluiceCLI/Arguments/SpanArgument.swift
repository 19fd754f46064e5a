internal import ArgumentParser
internal import Sluice

/// A span of whole seconds, written as their number or as ISO 8601 has it: `900`, `PT15M`, `P1D`.
struct SpanArgument {
    let seconds: Int

    /// Reads a span; for the parser's `transform`, which shows the error's reason.
    static func parse(_ text: String) throws -> SpanArgument {
        guard let argument = SpanArgument(argument: text) else {
            throw ValidationError("write it as seconds, as 900, or as PT15M, P1D or P7D")
        }
        return argument
    }

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
