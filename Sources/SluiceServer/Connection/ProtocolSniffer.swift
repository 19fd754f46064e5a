#if Service
internal import NIOCore
internal import NIOSSL

/// Looks at the first byte of a connection, or of a tunnel in one: TLS begins with 0x16, and HTTP never does. Then
/// it goes.
///
/// On its event loop alone.
final class ProtocolSniffer: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private static let handshake: UInt8 = 0x16
    private let core: ServerCore
    private let floor: SocketFloor
    private let isLocal: Bool
    private let tunnel: Authority?

    init(_ core: ServerCore, _ floor: SocketFloor, isLocal: Bool, tunnel: Authority?) {
        self.core = core
        self.floor = floor
        self.isLocal = isLocal
        self.tunnel = tunnel
    }

    func handlerAdded(context: ChannelHandlerContext) {
        floor.onExpiry = nil
        floor.onStop = nil
        floor.expire(inSeconds: core.limits.idleSeconds)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        guard let first = buffer.readableBytesView.first else { return }
        let isSecure = first == Self.handshake
        let pipeline = context.pipeline.syncOperations
        do {
            let handler = ConnectionHandler(
                core, floor, isSecure: isSecure, isLocal: isLocal, tunnel: tunnel)
            try pipeline.addHandler(handler, position: .after(self))
            if isSecure {
                try pipeline.addHandler(
                    NIOSSLServerHandler(context: core.tls), position: .after(self))
            }
        } catch {
            return floor.cut()
        }
        context.fireChannelRead(data)
        context.fireChannelReadComplete()
        pipeline.removeHandler(context: context, promise: nil)
    }
}
#endif
