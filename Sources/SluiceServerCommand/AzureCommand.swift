#if Service && Commands
internal import ArgumentParser
internal import SluiceNative
internal import SluiceServer
internal import UnixSignals

/// `sluice azure`.
struct AzureCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "azure", abstract: "Run a command that takes Sluice for the cloud.",
        usage: """
            sluice azure [--home <dir> | --ephemeral] -- COMMAND ARGUMENT...
            sluice azure env [<options>]
            sluice azure check
            """,
        discussion: """
            COMMAND finds a proxy, an authority to trust, and an administrator's secret in \
            its environment, and nothing that another cloud has left there. The home's \
            server is found or started; one that was started ends with the last command \
            that uses it. Exits as COMMAND does.

              sluice azure --ephemeral -- az group list
            """,
        subcommands: [AzureRunCommand.self, AzureEnvironmentCommand.self, AzureCheckCommand.self],
        defaultSubcommand: AzureRunCommand.self)
}

/// Whose environment.
struct ClientOptions: ParsableArguments {
    @Option(
        name: .customLong("as"),
        help: ArgumentHelp(
            "Whose administrator: customer or provider. (SLUICE_AS)", valueName: "tenant"))
    var tenant: String?

    @Option(help: ArgumentHelp("A name to reach without the proxy.", valueName: "name"))
    var direct: [String] = []

    /// The environment at a server.
    func environment(_ server: HomeServer) throws -> ClientEnvironment {
        let tenant = try tenant ?? PlaceOptions.variable("SLUICE_AS") ?? "customer"
        var environment = try server.environment(of: tenant)
        try environment.reachDirectly(direct)
        return environment
    }
}

/// `sluice azure -- COMMAND`.
struct AzureRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a command.", shouldDisplay: false)

    @OptionGroup var place: PlaceOptions
    @OptionGroup var client: ClientOptions
    @Argument(parsing: .postTerminator) var command: [String] = []

    func run() async throws {
        guard let name = command.first else {
            throw ValidationError(
                "name a command behind --, as in: sluice azure --ephemeral -- az group list")
        }
        guard let program = try Self.program(named: name) else {
            throw ServerError("there is no program '\(name)' on the PATH")
        }
        let server = try await HomeServer.use(place.serverOptions())
        let exitCode: Int32
        do {
            exitCode = try await run(program, at: server)
        } catch {
            await server.leave()
            throw error
        }
        await server.leave()
        guard exitCode == 0 else { throw ExitCode(exitCode) }
    }

    private func run(_ program: String, at server: HomeServer) async throws -> Int32 {
        var environment = try client.environment(server)
        try environment.writeConfiguration()
        // What a terminal sends, the child gets, too: when it ends is for it to say.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sighup, .sigint)
        let child = try ChildProcess.start(
            program, Array(command.dropFirst()), input: .standardInput,
            output: .standardOutput, errors: .standardError, ownGroup: false,
            environment: Self.withOwnPath(environment.applied(to: Environment.variables())))
        let watch = Task {
            for await signal in signals where signal != .sigint { child.terminate() }
        }
        defer { watch.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            do throws(SystemError) {
                try Crew.start {
                    continuation.resume(with: Result { try child.wait() })
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// A program as the command's own PATH has it.
    private static func program(named name: String) throws(SystemError) -> String? {
        let own = "/\(try ownDirectory())/\(name)"
        if !name.contains("/"), try FileSystem.exists(own) { return own }
        return try Environment.program(named: name)
    }

    private static func ownDirectory() throws(SystemError) -> String {
        try ProcessImage.path().split(separator: "/").dropLast().joined(separator: "/")
    }

    /// So that `sluice azure check` in the command is of this version.
    private static func withOwnPath(_ variables: [String]) throws(SystemError) -> [String] {
        let own = try ownDirectory()
        return variables.map { variable in
            variable.hasPrefix("PATH=") ? "PATH=/\(own):\(variable.dropFirst(5))" : variable
        }
    }
}

/// `sluice azure env`.
struct AzureEnvironmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "env", abstract: "Print the environment of a client of the home's server.",
        usage: "sluice azure env [<options>]",
        discussion: """
            The server must be running (`sluice serve`). What is printed has secrets.

              eval "$(sluice azure env)"
            """)

    @OptionGroup var place: PlaceOptions
    @OptionGroup var client: ClientOptions

    @Option(help: "sh, dotenv, docker or github.")
    var format = ClientEnvironment.Format.sh.rawValue

    @Flag(help: "What a client needs that goes without the proxy.")
    var endpoints = false

    func run() async throws {
        guard let format = ClientEnvironment.Format(rawValue: format) else {
            throw ValidationError(
                "--format is sh, dotenv, docker or github, and '\(format)' is none of them")
        }
        guard let server = try await HomeServer.find(place.serverOptions()) else {
            throw ServerError("no server of this home runs: start one by `sluice serve`")
        }
        var environment = try client.environment(server)
        try environment.writeConfiguration()
        let text =
            endpoints
            ? environment.endpoints.map { "\($0.name)=\($0.value)\n" }.joined()
            : environment.text(format)
        try File.standardOutput.write(Array(text.utf8).span)
        await server.leave()
    }
}

/// `sluice azure check`.
struct AzureCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Fail unless this home's server is what answers.",
        usage: "sluice azure check",
        discussion: """
            To begin every script with that is to run in `sluice azure -- SCRIPT`: it asks \
            management.azure.com by way of the proxy, and nothing else.
            """)

    func run() async throws {
        var variables: [String: String] = [:]
        for name in ["SLUICE_AZURE", "HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE"] {
            variables[name] = try Environment.variable(name)
        }
        try await ServerCheck.run(variables)
    }
}
#endif
