#if Service
internal import NIOCore
internal import NIOPosix
internal import SluiceNative

/// A socket that listens, the event loops of its connections, and their end. For any thread.
final class Listener: Sendable {
    /// What it listens on.
    let address: Authority
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let registries: [NIOLoopBound<LoopRegistry>]
    private let core: ServerCore
    private let look: [RepeatedTask]

    private init(
        _ channel: any Channel, _ group: MultiThreadedEventLoopGroup,
        _ registries: [NIOLoopBound<LoopRegistry>], _ loops: [any EventLoop], _ core: ServerCore,
        _ address: Authority
    ) {
        self.channel = channel
        self.group = group
        self.registries = registries
        self.core = core
        self.address = address
        look = zip(loops, registries).map { loop, registry in
            loop.scheduleRepeatedTask(
                initialDelay: .milliseconds(250), delay: .milliseconds(250)
            ) { _ in registry.value.look(at: .now()) }
        }
    }

    /// Starts to listen, on a port of the system's choice if `port` is 0.
    static func start(_ core: ServerCore, host: String, port: Int) async throws -> Listener {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: Processor.count)
        let loops = Array(group.makeIterator())
        var registries: [NIOLoopBound<LoopRegistry>] = []
        for loop in loops {
            registries.append(
                try await loop.submit {
                    NIOLoopBound(LoopRegistry(core.counts), eventLoop: loop)
                }.get())
        }
        let byLoop = Dictionary(
            uniqueKeysWithValues: zip(loops.map { ObjectIdentifier($0) }, registries))
        do {
            let channel = try await ServerBootstrap(group: group)
                .serverChannelOption(.backlog, value: 512)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Self.prepare(channel, core, byLoop)
                    }
                }
                .bind(host: host, port: port).get()
            guard let bound = channel.localAddress, let address = Self.authority(bound) else {
                throw ChannelError.unknownLocalAddress
            }
            return Listener(channel, group, registries, loops, core, address)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func prepare(
        _ channel: any Channel, _ core: ServerCore,
        _ registries: [ObjectIdentifier: NIOLoopBound<LoopRegistry>]
    ) throws {
        guard let registry = registries[ObjectIdentifier(channel.eventLoop)]?.value else {
            preconditionFailure("a connection came on an event loop of somebody else's")
        }
        let floor = SocketFloor(registry)
        let address = channel.remoteAddress?.ipAddress ?? ""
        let isLocal =
            address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
        try channel.pipeline.syncOperations.addHandler(floor)
        try channel.pipeline.syncOperations.addHandler(
            ProtocolSniffer(core, floor, isLocal: isLocal, tunnel: nil))
    }

    private static func authority(_ address: SocketAddress) -> Authority? {
        guard let host = address.ipAddress, let port = address.port else { return nil }
        return Authority(
            host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)")
    }

    /// Takes no connection any more, lets requests that are under way end, cuts what is left after so many
    /// seconds, and gives the threads back.
    func stop(withinSeconds seconds: Int) async {
        try? await channel.close().get()
        await onLoops { $0.stop() }
        let deadline = NIODeadline.now() + .seconds(Int64(seconds))
        while core.counts.connections.value > 0, NIODeadline.now() < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
        await onLoops { $0.cut() }
        for task in look { task.cancel() }
        while core.counts.requestsUnderWay.value > 0, NIODeadline.now() < deadline {
            try? await Task.sleep(for: .milliseconds(5))
        }
        try? await group.shutdownGracefully()
    }

    private func onLoops(_ work: @escaping @Sendable (LoopRegistry) -> Void) async {
        for (loop, registry) in zip(group.makeIterator(), registries) {
            try? await loop.submit { work(registry.value) }.get()
        }
    }
}
#endif
