internal import ArgumentParser

/// A value that is spelled in a way of its own, which an error shows.
protocol SpelledArgument {
    /// How it is written, as an error advises: "write ".
    static var form: String { get }

    /// The value that is spelled so; nil if none is.
    init?(argument: String)
}

extension SpelledArgument {
    /// Reads a value; for the parser's `transform`, which shows the error's reason.
    static func parse(_ text: String) throws -> Self {
        guard let argument = Self(argument: text) else { throw ValidationError("write \(form)") }
        return argument
    }
}
