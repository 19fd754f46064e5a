#if Service
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import SluiceNative
internal import SluiceREST

/// Asks, as a client would, who answers at `management.azure.com`. It connects to a proxy on this machine and to
/// nothing else.
public enum ServerCheck {
    static let host = "management.azure.com"

    /// Returns if this home's server answers through the proxy that the environment names.
    ///
    /// Throws ``ServerError`` if it is another's, or the real cloud's, or nothing is said to go through a proxy.
    public static func run(_ environment: [String: String]) async throws {
        guard let nonce = environment["SLUICE_AZURE"], !nonce.isEmpty else {
            throw ServerError("SLUICE_AZURE isn't set: run this as `sluice azure -- COMMAND`")
        }
        guard let proxy = environment["HTTPS_PROXY"], let authority = authority(ofProxy: proxy)
        else {
            throw ServerError(
                "HTTPS_PROXY names no proxy of this machine: run this as `sluice azure -- COMMAND`")
        }
        let bypassed = (environment["NO_PROXY"] ?? "").split(separator: ",").contains { name in
            name == "*" || host.hasSuffix(name.drop { $0 == "." || $0 == "*" })
        }
        guard !bypassed else {
            throw ServerError("NO_PROXY lets \(host) go past the proxy: take it out")
        }
        guard let file = environment["REQUESTS_CA_BUNDLE"] else {
            throw ServerError("REQUESTS_CA_BUNDLE isn't set: run this as `sluice azure -- COMMAND`")
        }
        guard try await nonceAnswered(by: authority, trusting: file) == nonce else {
            throw ServerError(
                "another home's server answers at \(host): end this shell, or start its server again"
            )
        }
    }

    private static func authority(ofProxy text: String) -> Authority? {
        let scheme = "http://"
        guard text.hasPrefix(scheme) else { return nil }
        let rest = text.dropFirst(scheme.count).prefix { $0 != "/" }
        guard let authority = Authority(rest), authority.port != nil,
            authority.host == "localhost" || HostName.addresses.contains(authority.host)
        else { return nil }
        return authority
    }

    /// The nonce of whoever answers through a proxy.
    package static func nonceAnswered(
        by proxy: Authority, trusting file: String
    ) async throws -> String {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates(
            try NIOSSLCertificate.fromPEMBytes(HomeDirectory.read(path: file)))
        let tls = try NIOSSLContext(configuration: configuration)
        let group = MultiThreadedEventLoopGroup.singleton
        let answer = group.next().makePromise(of: String.self)
        let channel: any Channel
        do {
            channel = try await connected(to: proxy, tls, answer, group)
        } catch {
            answer.fail(error)
            throw error
        }
        channel.eventLoop.scheduleTask(in: .seconds(10)) {
            answer.fail(ServerError("nothing was answered at \(host) within 10 s"))
        }
        defer { channel.close(promise: nil) }
        return try await answer.futureResult.get()
    }

    private static func connected(
        to proxy: Authority, _ tls: NIOSSLContext, _ answer: EventLoopPromise<String>,
        _ group: MultiThreadedEventLoopGroup
    ) async throws -> any Channel {
        try await ClientBootstrap(group: group)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(CheckClient(tls, answer))
                }
            }
            .connect(host: proxy.host, port: proxy.port ?? 0).get()
    }
}

/// Opens a tunnel, speaks TLS in it, and asks for the nonce. On its event loop alone.
private final class CheckClient: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let tls: NIOSSLContext
    private let answer: EventLoopPromise<String>
    private var isTunnel = false
    private var arrived: [UInt8] = []

    init(_ tls: NIOSSLContext, _ answer: EventLoopPromise<String>) {
        self.tls = tls
        self.answer = answer
    }

    func channelActive(context: ChannelHandlerContext) {
        let host = "\(ServerCheck.host):443"
        send("CONNECT \(host) HTTP/1.1\r\nHost: \(host)\r\n\r\n", context)
    }

    private func send(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        arrived += unwrapInboundIn(data).readableBytesView
        guard let text = String(validating: arrived, as: UTF8.self),
            let end = text.firstRange(of: "\r\n\r\n")
        else { return }
        guard text.hasPrefix("HTTP/1.1 200 ") else {
            return answer.fail(
                ServerError(
                    "\(ServerCheck.host) answers \(text.prefix { $0 != "\r\n" && $0 != "\r" })"))
        }
        guard isTunnel else { return openTLS(context) }
        guard let document = try? JSONReader.read(Array(text[end.upperBound...].utf8)) else {
            return
        }
        answer.succeed(document["nonce"]?.string ?? "")
    }

    private func openTLS(_ context: ChannelHandlerContext) {
        isTunnel = true
        arrived = []
        do {
            let handler = try NIOSSLClientHandler(context: tls, serverHostname: ServerCheck.host)
            try context.pipeline.syncOperations.addHandler(handler, position: .before(self))
            send(
                "GET /.sluice/check HTTP/1.1\r\nHost: \(ServerCheck.host)\r\nConnection: close\r\n\r\n",
                context)
        } catch {
            answer.fail(error)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(ServerError("\(ServerCheck.host) can't be asked: \(error)"))
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        answer.fail(ServerError("the server closed the connection without an answer"))
    }
}
#endif
