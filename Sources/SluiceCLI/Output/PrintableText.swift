/// Text that a terminal shows and doesn't obey, that has no lines but its own and hides nothing.
enum PrintableText {
    /// The text with what steers a terminal or can't be seen written as `\n`, `\t` or `\u{1b}`.
    static func escaped(_ text: String, keepingLines: Bool = false) -> String {
        // Most text is this plain, and listings are long.
        if text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) { return text }
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if !isHidden(scalar) || (keepingLines && scalar == "\n") {
                result.unicodeScalars.append(scalar)
            } else {
                result += scalar.escaped(asASCII: true)
            }
        }
        return result
    }

    /// Control characters, line and paragraph separators, and what a terminal doesn't show: marks of
    /// direction, of no width, tags, variation selectors, fillers. Two names that differ in one of these
    /// would look alike.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
