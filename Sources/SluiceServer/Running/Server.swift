#if Service
internal import NIOCore
internal import NIOSSL
public import ServiceLifecycle
internal import Sluice
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST

/// Sluice as the Azure that clients know, on this machine.
///
/// ```swift
/// let server = try await Server.start()
/// defer { server.stopWithoutWaiting() }
/// ```
///
/// Clients reach it as ``environment(of:)`` says. It opens no connection itself. For any thread, any number side by side.
public final class Server: Service {
    /// The address that it listens on.
    public let host: String
    /// The port that it listens on.
    public let port: Int
    /// The file with the certificate of the authority that clients are to trust (PEM).
    public let authorityPath: String
    let home: HomeDirectory
    private let state: HomeState
    private let listener: Listener
    private let ground: Ground
    private let options: ServerOptions

    private init(
        _ home: HomeDirectory, _ state: HomeState, _ listener: Listener, _ ground: Ground,
        _ options: ServerOptions
    ) {
        self.home = home
        self.state = state
        self.listener = listener
        self.ground = ground
        self.options = options
        host = listener.address.host
        port = listener.address.port ?? 0
        authorityPath = home.authorityPath
    }

    // MARK: Starting

    /// Starts a server, which takes requests when this returns.
    ///
    /// What a new home that goes with the server has in it is made meanwhile: the first request that needs it waits.
    /// Throws ``ServerError``.
    public static func start(_ options: ServerOptions = ServerOptions()) async throws -> Server {
        do {
            return try await open(options)
        } catch let error as ServerError {
            throw error
        } catch {
            throw ServerError("the server can't start: \(error)")
        }
    }

    private static func open(_ options: ServerOptions) async throws -> Server {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let descriptors = ResourceLimits.raiseOpenFiles()
        var limits = options.limits
        // Each connection has one; the stores, and what they read, have the rest.
        limits.connectionCount = max(16, min(limits.connectionCount, descriptors / 2))
        let isTemporary = options.home == .ephemeral
        let home =
            switch options.home {
            case .ephemeral:
                try HomeDirectory(FileSystem.temporaryDirectory(prefix: "sluice-azure-"))
            case .directory(let path): try HomeDirectory(path)
            }
        do {
            let (state, ground) = try prepare(home, isTemporary: isTemporary, options, library)
            try home.write("ca.pem", Array(TrustFiles.pem(state.certificate.authority).utf8))
            try home.write(
                "ca.jks", TrustFiles.javaStore(state.certificate.authority, library: library))
            let counts = ServerCounts()
            let core = ServerCore(
                planes: planes(ground, state, counts, options), limits: limits,
                tls: try tls(state.certificate), counts: counts,
                gate: ProxyGate(password: options.proxyPassword), logger: options.logger)
            let listener = try await Listener.start(core, host: options.host, port: options.port)
            return Server(home, state, listener, ground, options)
        } catch {
            if isTemporary { try? FileSystem.remove(tree: home.path) }
            throw error
        }
    }

    private static func prepare(
        _ home: HomeDirectory, isTemporary: Bool, _ options: ServerOptions,
        _ library: CryptoLibrary
    ) throws -> (HomeState, Ground) {
        let maker = HomeMaker(
            library,
            names: HomeMaker.Names(
                hosts: HostName.certified, domains: HostName.permitted,
                addresses: HostName.addresses))
        let new = try maker.make()
        let control = try Awaited {
            try ControlPlane.open(
                home.path, new: new, maker: maker, rootKey: options.rootKey,
                isTemporary: isTemporary, library: library)
        }
        let tokens = try Awaited { try TokenAuthority.open(control.value(), library) }
        // Of a home that others may have made, or be making, what it is known by has to be asked.
        return (
            isTemporary ? new : try control.value().state, Ground(control: control, tokens: tokens)
        )
    }

    private static func planes(
        _ ground: Ground, _ state: HomeState, _ counts: ServerCounts, _ options: ServerOptions
    ) -> Planes {
        Planes([
            .login: LoginPlane(ground: ground), .graph: GraphPlane(ground: ground),
            .management: ManagementPlane(ground: ground), .vault: VaultPlane(ground: ground),
            .blob: BlobPlane(ground: ground),
            .identity: IdentityPlane(
                ground: ground, servesMachine: options.servesMachineIdentity),
            .server: ServerPlane(nonce: state.nonce, counts: counts),
        ])
    }

    static func tls(_ certificate: HomeCertificate) throws -> NIOSSLContext {
        let leaf = try NIOSSLCertificate(bytes: certificate.leaf, format: .der)
        let key = try NIOSSLPrivateKey(bytes: certificate.leafKey, format: .der)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(leaf)], privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    // MARK: Running and stopping

    /// Serves until it is told to end, by a signal say; then stops.
    public func run() async throws {
        try? await gracefulShutdown()
        await stop()
    }

    /// Stops: no connection is taken any more, requests that are under way may end within
    /// ``ServerOptions/stopSeconds``, and a home that goes with the server goes.
    public func stop() async {
        await listener.stop(withinSeconds: options.stopSeconds)
        if let control = try? ground.control.value() {
            _ = try? ground.tokens.value()
            control.close()
        }
        if options.home == .ephemeral { try? FileSystem.remove(tree: home.path) }
    }

    // MARK: Clients

    /// What a client's environment is to have, to use this server as the administrator of a tenant.
    ///
    /// - Parameter tenant: `customer`, or `provider`.
    public func environment(of tenant: String = "customer") throws(ServerError) -> ClientEnvironment
    {
        guard let tenant = state.tenant(tenant) else {
            throw ServerError("there is no tenant '\(tenant)': name customer or provider")
        }
        return ClientEnvironment(home, state, tenant, host: host, port: port)
    }
}
#endif
