/// A word of a command line that a shell takes as it is meant.
enum ShellWord {
    /// The word, quoted where a shell would read something else into it. What a terminal would obey, or not show, is
    /// escaped, so that the line can be printed and pasted.
    static func quoted(_ word: String) -> String {
        if !word.isEmpty, word.utf8.allSatisfy(isPlain) { return word }
        let printable = PrintableText.escaped(word)
        guard printable != word else {
            return "'"
                + word.split(separator: "'", omittingEmptySubsequences: false)
                .joined(separator: "'\\''") + "'"
        }
        var text = "$'"
        for scalar in word.unicodeScalars {
            let character = String(scalar)
            if scalar == "'" || scalar == "\\" {
                text += "\\" + character
            } else if PrintableText.escaped(character) == character {
                text += character
            } else {
                text += character.utf8.map { "\\x" + hexadecimal($0) }.joined()
            }
        }
        return text + "'"
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    /// Whether a shell takes a byte for itself wherever it stands.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "@%+=:,./_-".utf8.contains(byte)
        }
    }
}
