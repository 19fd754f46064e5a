#if Service
internal import NIOCore
internal import SluiceNative

/// The lowest handler of a connection, below TLS: holds reading back, counts time, and cuts.
///
/// Invariant: ``cut()`` closes the socket from here, so nothing that is pending above (NIOSSL goes on sending for
/// seconds after a close) or in the channel is handed to it any more. What is to hold when a revocation is answered
/// is built on that.
///
/// On its event loop alone.
final class SocketFloor: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var context: ChannelHandlerContext?
    private let registry: LoopRegistry
    /// Of the event loop.
    var releases: HeldReleases { registry.releases }
    private var isHeldBack = false
    private var wantsRead = false
    /// When ``onExpiry`` is called; nil for never.
    var deadline: NIODeadline?
    /// What there is to do then; cuts if nothing else is said.
    var onExpiry: (() -> Void)?
    /// Closes, unless an answer is on its way: asked for when the server stops.
    var onStop: (() -> Void)?

    init(_ registry: LoopRegistry) { self.registry = registry }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        registry.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { forget() }

    func channelInactive(context: ChannelHandlerContext) {
        forget()
        context.fireChannelInactive()
    }

    func read(context: ChannelHandlerContext) {
        if isHeldBack { wantsRead = true } else { context.read() }
    }

    /// Takes nothing from the socket, or again.
    func holdBack(_ isHeldBack: Bool) {
        guard isHeldBack != self.isHeldBack else { return }
        self.isHeldBack = isHeldBack
        if !isHeldBack, wantsRead {
            wantsRead = false
            context?.read()
        }
    }

    /// Calls ``onExpiry`` in so many seconds, and not when was said before.
    func expire(inSeconds seconds: Int?) {
        deadline = seconds.map { .now() + .seconds(Int64($0)) }
    }

    /// What is due.
    func look(at now: NIODeadline) {
        guard let deadline, deadline <= now else { return }
        self.deadline = nil
        if let onExpiry { onExpiry() } else { cut() }
    }

    /// Closes the socket, and drops what was not handed to it, and what this machine has not sent of what was.
    func reset() {
        if let options = context?.channel as? any SocketOptionProvider {
            _ = options.setSoLinger(SocketClosing.reset)
        }
        cut()
    }

    /// Closes the socket, and drops what was not handed to it.
    func cut() { context?.close(promise: nil) }

    private func forget() {
        context = nil
        (onExpiry, onStop) = (nil, nil)
        registry.remove(self)
    }
}

/// The connections of an event loop. On that alone.
final class LoopRegistry {
    private var floors: [ObjectIdentifier: SocketFloor] = [:]
    private let counts: ServerCounts
    let releases = HeldReleases()

    init(_ counts: ServerCounts) { self.counts = counts }

    func add(_ floor: SocketFloor) {
        if floors.updateValue(floor, forKey: ObjectIdentifier(floor)) == nil {
            counts.connections.add(1)
        }
    }

    func remove(_ floor: SocketFloor) {
        if floors.removeValue(forKey: ObjectIdentifier(floor)) != nil {
            counts.connections.add(-1)
        }
    }

    /// Does what is due.
    func look(at now: NIODeadline) {
        for floor in floors.values { floor.look(at: now) }
    }

    /// Closes what waits for a request, and has the others close behind their answers.
    func stop() {
        for floor in floors.values {
            if let onStop = floor.onStop { onStop() } else { floor.cut() }
        }
    }

    /// Closes all.
    func cut() {
        for floor in floors.values { floor.cut() }
    }
}
#endif
