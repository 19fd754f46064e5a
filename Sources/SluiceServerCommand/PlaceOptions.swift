#if Service && Commands
internal import ArgumentParser
internal import Sluice
internal import SluiceNative
internal import SluiceServer

/// Where a server keeps what it has. Each option is a variable, too.
struct PlaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The home; as of the other commands. (SLUICE_HOME)", valueName: "dir"))
    var home: String?

    @Flag(help: "A new home on a free port, gone at the end. (SLUICE_EPHEMERAL)")
    var ephemeral = false

    @Option(
        help: ArgumentHelp(
            "The root key, if it isn't vaults/root.key. (SLUICE_ROOT_KEY)", valueName: "file"))
    var rootKey: String?

    @Flag(help: "Tokens for whoever asks on this machine, as in a VM. (SLUICE_IMDS)")
    var imds = false

    func validate() throws {
        guard home == nil || !ephemeral else {
            throw ValidationError("--home and --ephemeral exclude each other")
        }
    }

    /// The options of a server there.
    func serverOptions() throws -> ServerOptions {
        var options = ServerOptions(home: try serverHome())
        options.servesMachineIdentity = try imds || Self.variable("SLUICE_IMDS") != nil
        if let rootKey = try rootKey ?? Self.variable("SLUICE_ROOT_KEY") {
            options.rootKey = .file(path: rootKey)
        }
        options.proxyPassword = try Self.variable("SLUICE_PROXY_PASSWORD")
        return options
    }

    private func serverHome() throws -> ServerOptions.Home {
        if let home { return .directory(home) }
        if try ephemeral || Self.variable("SLUICE_EPHEMERAL") != nil { return .ephemeral }
        return .directory(try StoreLocation.defaultHome())
    }

    /// A variable; one that is empty counts as not set.
    static func variable(_ name: String) throws -> String? {
        try Environment.variable(name).flatMap { $0.isEmpty ? nil : $0 }
    }
}
#endif
