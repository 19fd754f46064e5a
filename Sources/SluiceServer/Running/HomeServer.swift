#if Service
internal import NIOCore
internal import Sluice
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST

/// The server of a home in the eyes of a command that uses it: one that was there, one that was started for it and
/// for those that come while it runs, or one of the command's own. For any thread.
public final class HomeServer: Sendable {
    private enum Source: Sendable {
        /// In this process.
        case own(Server)
        /// In another, which stays while the file is open.
        case other(HomeDirectory, HomeState, host: String, port: Int, use: File)
    }

    private let source: Source

    private init(_ source: Source) { self.source = source }

    /// How long a server that is started may take until it listens.
    private static let startSeconds = 30

    /// The home's server, which is started if none runs. Throws ``ServerError``.
    public static func use(_ options: ServerOptions) async throws -> HomeServer {
        guard case .directory(let path) = options.home else {
            return HomeServer(.own(try await Server.start(options)))
        }
        let home = try HomeDirectory(path)
        let use = try home.use()
        let start = try home.lockStart()
        defer { withExtendedLifetime(start) {} }
        if let found = try await find(home, options, use) { return found }
        try await startServer(home, options)
        guard let found = try await find(home, options, use) else {
            throw ServerError(
                "the server of '\(path)' was started and isn't found: see whether another runs there"
            )
        }
        return found
    }

    /// The home's server; nil if none runs.
    public static func find(_ options: ServerOptions) async throws -> HomeServer? {
        guard case .directory(let path) = options.home else {
            throw ServerError("an ephemeral home is its server's alone: name one by --home")
        }
        let home = try HomeDirectory(path)
        return try await find(home, options, home.use())
    }

    private static func find(
        _ home: HomeDirectory, _ options: ServerOptions, _ use: File
    ) async throws -> HomeServer? {
        guard ControlPlane.isThere(home.path), let bytes = try home.read("server.json"),
            let note = try? JSONReader.read(bytes), let host = note["host"]?.string,
            let port = note["port"]?.integer,
            let authority = Authority(host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)")
        else { return nil }
        // What is told there may be of a server that was killed, and the port somebody else's by now.
        guard
            let nonce = try? await ServerCheck.nonceAnswered(
                by: authority, trusting: home.authorityPath)
        else { return nil }
        let library = try CryptoLibrary.load(requireFIPS: false)
        let state = try ControlPlane.state(
            of: home.path, rootKey: options.rootKey, library: library)
        guard state.nonce == nonce else { return nil }
        return HomeServer(.other(home, state, host: host, port: port, use: use))
    }

    private static func startServer(_ home: HomeDirectory, _ options: ServerOptions) async throws {
        let file = "\(home.service)/ready.json"
        if try FileSystem.exists(file) {
            try Directory.openGuarded(home.service).unlink("ready.json")
        }
        var arguments = ["serve", "--home", home.path, "--while-used", "--ready-file", file]
        if options.servesMachineIdentity { arguments.append("--imds") }
        if case .file(let path?) = options.rootKey { arguments += ["--root-key", path] }
        let log = try Directory.openGuarded(home.service).openFileForAppending("server.log")
        let server = try ChildProcess.start(ProcessImage.path(), arguments, errors: log)
        for _ in 0..<startSeconds * 100 {
            if try FileSystem.exists(file) { return }
            if try server.exitCodeIfEnded() != nil { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        server.terminate()
        throw ServerError("the server doesn't start: \(home.service)/server.log says why")
    }

    /// What a client's environment is to have. Throws ``ServerError``.
    public func environment(of tenant: String) throws(ServerError) -> ClientEnvironment {
        switch source {
        case .own(let server): return try server.environment(of: tenant)
        case .other(let home, let state, let host, let port, _):
            guard let tenant = state.tenant(tenant) else {
                throw ServerError("there is no tenant '\(tenant)': name customer or provider")
            }
            return ClientEnvironment(home, state, tenant, host: host, port: port)
        }
    }

    /// Uses it no more.
    public func leave() async {
        if case .own(let server) = source { await server.stop() }
    }
}
#endif
