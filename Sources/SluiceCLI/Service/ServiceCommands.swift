internal import ArgumentParser

/// `sluice serve`, which `sluice-server` carries out.
struct ServeCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", _superCommandName: SluiceCommand.name,
        abstract: "Serve the Azure that clients know, on this machine.",
        usage: "sluice serve [<options>]")

    @OptionGroup var global: GlobalOptions
    @Argument(parsing: .captureForPassthrough, help: .hidden) var arguments: [String] = []

    func run() throws {
        try ServerProgram.become("serve")
    }
}

/// `sluice azure`, which `sluice-server` carries out.
struct AzureCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "azure", _superCommandName: SluiceCommand.name,
        abstract: "Run a command that takes Sluice for the cloud.",
        usage: "sluice azure [<options>] -- COMMAND ARGUMENT...")

    @OptionGroup var global: GlobalOptions
    @Argument(parsing: .captureForPassthrough, help: .hidden) var arguments: [String] = []

    func run() throws {
        try ServerProgram.become("azure")
    }
}
