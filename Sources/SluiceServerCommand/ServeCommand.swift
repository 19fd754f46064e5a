#if Service && Commands
internal import ArgumentParser
internal import Logging
internal import ServiceLifecycle
internal import SluiceNative
internal import SluiceServer
internal import UnixSignals

/// `sluice serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the Azure that clients know, until SIGTERM.",
        discussion: """
            Clients reach it by the environment that `sluice azure env` prints, or run as \
            `sluice azure -- COMMAND`. A name that isn't emulated gets 403 and never \
            leaves the machine. SIGTERM and Ctrl-C let requests that are under way end \
            within 10 s.
            """)

    @OptionGroup var place: PlaceOptions

    @Option(help: ArgumentHelp("What to listen on. (SLUICE_LISTEN)", valueName: "host:port"))
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "A file that is there when requests are taken. (SLUICE_READY_FILE)", valueName: "file"))
    var readyFile: String?

    @Flag(help: "Log each request, without secrets, to standard error. (SLUICE_LOG)")
    var log = false

    @Flag(name: .customLong("json"), help: "Print where it listens as JSON.")
    var isJSON = false

    @Flag(help: ArgumentHelp("End with the last command that uses it.", visibility: .hidden))
    var whileUsed = false

    func run() async throws {
        var options = try place.serverOptions()
        let isEphemeral = options.home == .ephemeral
        let named = try listen ?? PlaceOptions.variable("SLUICE_LISTEN")
        let address = named ?? (isEphemeral || whileUsed ? "127.0.0.1:0" : "127.0.0.1:8443")
        guard let end = address.lastIndex(of: ":"), let port = Int(address[end...].dropFirst()),
            (0...65535).contains(port)
        else { throw ValidationError("--listen wants HOST:PORT, and '\(address)' isn't that") }
        options.host = String(address[..<end].filter { $0 != "[" && $0 != "]" })
        options.port = port
        var logger = Logger(label: "sluice") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = try log || PlaceOptions.variable("SLUICE_LOG") != nil ? .info : .error
        options.logger = logger

        let server = try await Server.start(options)
        let ready = ReadyNote(server)
        do {
            // Whoever waits for the note looks for the server then.
            try server.announce()
            try ready.tell(isJSON: isJSON)
            if let file = try readyFile ?? PlaceOptions.variable("SLUICE_READY_FILE") {
                try ready.write(to: file)
            }
        } catch {
            await server.stop()
            throw error
        }
        var services: [any Service] = [server]
        if whileUsed { services.append(server.whileUsed) }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { service in
                    .init(service: service, successTerminationBehavior: .gracefullyShutdownGroup)
                },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}

/// Where a server listens, for those who wait for it.
struct ReadyNote {
    private let server: Server

    init(_ server: Server) { self.server = server }

    private var json: String {
        #"{"host":"\#(server.host)","port":\#(server.port),"pid":\#(Environment.processID),"authority":"\#(server.authorityPath)"}"#
            + "\n"
    }

    func tell(isJSON: Bool) throws(SystemError) {
        let text =
            isJSON
            ? json
            : "Sluice listens on \(server.host):\(server.port), and is not Azure. Clients trust \(server.authorityPath)\n"
        try File.standardOutput.write(Array(text.utf8).span)
    }

    /// Whoever finds the file finds all of it.
    func write(to path: String) throws(SystemError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let parent = parts.dropLast().joined(separator: "/")
        let directory = try Directory.openGuarded(
            parts.count == 1 ? "." : parent.isEmpty ? "/" : parent)
        try directory.replaceWhole(String(parts.last ?? ""), Array(json.utf8).span)
    }
}
#endif
