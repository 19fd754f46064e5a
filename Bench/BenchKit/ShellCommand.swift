/// A command line as a shell takes it.
enum ShellCommand {
    /// The arguments on a line that a POSIX shell takes apart into just these.
    static func text(_ arguments: [String]) -> String {
        arguments.map(quoted).joined(separator: " ")
    }

    private static func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy {
            $0.isLetter || $0.isNumber || "-_./=:,".contains($0)
        }
        return isPlain && !argument.isEmpty
            ? argument : "'\(argument.replacing("'", with: "'\\''"))'"
    }
}
