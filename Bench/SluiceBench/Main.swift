internal import ArgumentParser
internal import SluiceNative

/// The `sluice-bench` command.
@main
enum Main {
    static func main() {
        do {
            try StandardStreams.takeClosed()
            Signals.ignoreFailedWrites()
            let arguments = Array(CommandLine.arguments.dropFirst())
            guard Environment.argumentsAreUTF8() else { throw BenchError.notUTF8 }
            try requireCommand(arguments)
            var command = try SluiceBench.parseAsRoot(arguments)
            try command.run()
        } catch {
            end(error)
        }
    }

    /// The parser would call the first option of a command that isn't there unknown.
    private static func requireCommand(_ arguments: [String]) throws(BenchError) {
        let words = arguments.first == "help" ? arguments.dropFirst() : arguments[...]
        guard let name = words.first, !name.hasPrefix("-"), name != "help" else { return }
        let commands = SluiceBench.configuration.subcommands.map { $0.configuration }
        guard !commands.contains(where: { $0.commandName == name }) else { return }
        throw .noSuchCommand(
            name, all: commands.filter(\.shouldDisplay).compactMap(\.commandName))
    }

    /// Prints what ended the command, be it help that was asked for, and exits accordingly.
    private static func end(_ error: any Error) -> Never {
        // Whoever closed the pipe knows.
        if (error as? SystemError)?.isBrokenPipe == true {
            SluiceBench.exit(withError: ExitReason.error.exitCode)
        }
        let text = SluiceBench.fullMessage(for: error)
        let exitCode = SluiceBench.exitCode(for: error)
        guard exitCode == .success else {
            if !text.isEmpty { Console.note(text) }
            SluiceBench.exit(withError: exitCode)
        }
        do {
            // Help or a completion script.
            try Console.print(text)
        } catch {
            end(error)
        }
        SluiceBench.exit()
    }
}
