internal import ArgumentParser
internal import SluiceNative

/// The `sluice` command.
@main
enum Main {
    static func main() {
        Signals.ignoreBrokenPipes()
        CryptoLibrary.initializeForCommand()
        let arguments = Array(CommandLine.arguments.dropFirst())
        let isJSON = asksForJSON(arguments)
        do {
            try ArgumentText.requireUTF8(arguments)
            var command = try SluiceCommand.parseAsRoot(arguments)
            try command.run()
        } catch {
            end(error, isJSON: isJSON)
        }
    }

    /// Prints what ended the command, be it help that was asked for, and exits accordingly.
    private static func end(_ error: any Error, isJSON: Bool) -> Never {
        do throws(Failure) {
            guard Failure.isParsers(error) else { throw Failure(error) }
            guard SluiceCommand.exitCode(for: error) == .success else {
                throw Failure(usage: error, isJSON: isJSON)
            }
            // Help, the version or a completion script.
            try Output(isJSON: false).write(SluiceCommand.fullMessage(for: error) + "\n")
        } catch {
            ErrorOutput(isJSON: isJSON).report(error)
            SluiceCommand.exit(withError: ExitCode(error.exitCode))
        }
        SluiceCommand.exit()
    }

    /// Whether errors are to be JSON; asked before parsing, whose own errors are, too.
    private static func asksForJSON(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }
}
