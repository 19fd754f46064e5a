internal import ArgumentParser
internal import SluiceNative

/// The `sluice` command.
@main
enum Main {
    static func main() {
        Signals.ignoreFailedWrites()
        ResourceLimits.withStack(run)
    }

    private static func run() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let isJSON = asksForJSON(arguments)
        var command: (any ParsableCommand)?
        do {
            try StandardStreams.takeClosed()
            try ResourceLimits.requireMemory()
            CryptoLibrary.initializeForCommand()
            try ArgumentText.requireUTF8()
            var parsed = try parse(arguments)
            command = parsed
            try parsed.run()
        } catch {
            let options = (command as? any GlobalCommand)?.global
            end(error, ErrorOutput(isJSON: isJSON, Advice(options)))
        }
    }

    /// The command that the arguments ask for.
    ///
    /// One that is named first is parsed by itself: it starts sooner if no other command's options are
    /// looked at. What it can't take, help included, is the root's to answer, which knows them all.
    private static func parse(_ arguments: [String]) throws -> any ParsableCommand {
        if let command = SluiceCommand.command(named: arguments.first),
            let parsed = try? command.parseAsRoot(Array(arguments.dropFirst())),
            type(of: parsed) == command
        {
            return parsed
        }
        try CommandName.check(arguments)
        return try SluiceCommand.parseAsRoot(arguments)
    }

    /// Prints what ended the command, be it help that was asked for, and exits accordingly.
    private static func end(_ error: any Error, _ output: ErrorOutput) -> Never {
        do throws(Failure) {
            guard Failure.isParsers(error) else { throw Failure(error) }
            guard SluiceCommand.exitCode(for: error) == .success else {
                throw Failure(usage: error, isJSON: output.isJSON)
            }
            // Help, the version or a completion script.
            try Output(isJSON: false).write(SluiceCommand.fullMessage(for: error) + "\n")
        } catch {
            output.report(error)
            SluiceCommand.exit(withError: ExitCode(error.exitCode))
        }
        SluiceCommand.exit()
    }

    /// Whether errors are to be JSON; asked before parsing, whose own errors are, too.
    private static func asksForJSON(_ arguments: [String]) -> Bool {
        arguments.prefix { $0 != "--" }.contains("--json")
    }
}
