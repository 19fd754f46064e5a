#if Service && Commands
internal import ArgumentParser
internal import SluiceNative
internal import SluiceServer

/// The program `sluice-server`, which `sluice serve` and `sluice azure` become.
@main
struct ServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sluice", abstract: "Sluice as the Azure that clients know, on this machine.",
        discussion: """
            Sluice is not affiliated with or endorsed by Microsoft; what passes here is no \
            evidence of how Azure itself behaves.
            """,
        version: "sluice 0.1.0", subcommands: [ServeCommand.self, AzureCommand.self])

    static func main() async {
        Signals.ignoreFailedWrites()
        do {
            try StandardStreams.takeClosed()
            try requireOwnVersion()
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let error as ServerError {
            end(error.description)
        } catch let error as SystemError {
            end("\(error)")
        } catch {
            exit(withError: error)
        }
    }

    /// The command that becomes this says which version it is.
    private static func requireOwnVersion() throws {
        guard let other = try Environment.variable("SLUICE_VERSION"), other != configuration.version
        else { return }
        throw ServerError(
            "this sluice-server is \(configuration.version), and was started by \(other): build both from one checkout"
        )
    }

    private static func end(_ message: String) -> Never {
        try? File.standardError.write(Array("sluice: \(message)\n".utf8).span)
        exit(withError: ExitCode(69))
    }
}
#else
/// Without the traits Service and Commands there is nothing to run.
@main
enum Main {
    static func main() {}
}
#endif
