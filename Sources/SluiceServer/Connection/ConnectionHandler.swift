#if Service
internal import NIOCore
internal import SluiceNative
internal import SluiceREST

/// Reads the requests of a connection, one after the other, hands each to its plane, and writes the answers.
///
/// Invariants: a plane runs on a thread of its own, and nothing here waits; the next request is read when the answer
/// to the last one was handed over; a body's bytes go to the plane as it takes them, and no faster.
///
/// On its event loop alone.
final class ConnectionHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        /// Between requests, or within a head.
        case head
        /// A plane has the request, or will when its body is whole.
        case request
        /// The answer has been given; what the client still sends isn't looked at.
        case lingering
        /// Another handler takes the bytes now.
        case tunnel
    }

    private let core: ServerCore
    private let floor: SocketFloor
    private let isSecure: Bool
    private let isLocal: Bool
    /// What the client opened a tunnel to; nil outside of one.
    private let tunnel: Authority?
    private let headReader: RequestHeadReader
    private var context: ChannelHandlerContext?
    private var state = State.head
    private var arrived = ByteBuffer()
    private var searched = 0
    private var current: Request?
    private var isStopping = false

    /// The request that is under way.
    private struct Request {
        let head: RequestHead
        let exchange: Exchange
        let plane: any Plane
        let body: BodyQueue
        let outflow: Outflow
        let link: ConnectionLink
        let isStreamed: Bool
        var bodyReader: BodyReader
        var isBodyDone = false
        var isAnswered = false
        var isWaitingForLeave: Bool
        /// How many bytes of a body that is taken whole have come.
        var gathered = 0
        /// Whether it has its answer, and what is left of its body is read over.
        var isDraining = false
    }

    /// Which bytes are the body's.
    private enum BodyReader {
        case length(left: Int)
        case chunks(ChunkReader)
    }

    init(
        _ core: ServerCore, _ floor: SocketFloor, isSecure: Bool, isLocal: Bool,
        tunnel: Authority?
    ) {
        self.core = core
        self.floor = floor
        self.isSecure = isSecure
        self.isLocal = isLocal
        self.tunnel = tunnel
        headReader = RequestHeadReader(limits: core.limits)
    }

    // MARK: Events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        floor.onExpiry = { [weak self] in self?.expire() }
        floor.onStop = { [weak self] in self?.stop() }
        floor.expire(inSeconds: core.limits.headSeconds)
    }

    func handlerRemoved(context: ChannelHandlerContext) { lose() }

    func channelInactive(context: ChannelHandlerContext) {
        lose()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { cut() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        core.counts.bytesReceived.add(buffer.readableBytes)
        switch state {
        case .lingering: return
        case .tunnel: return context.fireChannelRead(data)
        case .head, .request: break
        }
        if arrived.readableBytes == 0 {
            arrived = buffer
        } else {
            arrived.writeBuffer(&buffer)
        }
        proceed()
    }

    private func lose() {
        context = nil
        current?.body.lose()
        current?.outflow.lose()
        current = nil
    }

    // MARK: Reading

    private func proceed() {
        while context != nil {
            switch state {
            case .head where current == nil:
                guard arrived.readableBytes > 0, readHead() else { return }
            case .request where current?.isBodyDone == false:
                guard arrived.readableBytes > 0, readBody() else { return }
            default:
                // Of what comes behind, as much is taken as fits.
                if arrived.readableBytes >= core.limits.headByteCount { floor.holdBack(true) }
                return
            }
        }
    }

    /// Whether there is something left to do with what has arrived.
    private func readHead() -> Bool {
        do throws(HTTPRefusal) {
            if searched == 0 { floor.expire(inSeconds: core.limits.headSeconds) }
            let bytes = arrived
            guard
                let found = try headReader.read(
                    bytes.readableBytesUInt8Span, searched: &searched)
            else { return false }
            searched = 0
            arrived.moveReaderIndex(forwardBy: found.byteCount)
            return try begin(found.head)
        } catch {
            refuse(error)
            return false
        }
    }

    private func begin(_ head: RequestHead) throws(HTTPRefusal) -> Bool {
        guard core.counts.connections.value <= core.limits.connectionCount else {
            throw HTTPRefusal(503, "there are more connections than \(core.limits.connectionCount)")
        }
        if let tunnel, tunnel.host != head.authority.host {
            throw HTTPRefusal(421, "this tunnel leads to \(tunnel.host)")
        }
        guard let host = HostName(head.authority.host) else {
            throw HTTPRefusal(
                403, "\(head.authority.host) isn't emulated, and nothing leaves this machine")
        }
        let isTunnel = head.target == .tunnel
        if let refusal = core.gate.refusal(
            of: host, isTunnel: isTunnel, isLocal: isLocal, head.headers)
        {
            throw refusal
        }
        switch head.target {
        case .tunnel:
            try openTunnel(head)
            return true
        case .server:
            start(head, host, path: "/", query: "")
        case .path(let path, let query):
            start(head, host, path: path, query: query)
        }
        return true
    }

    private func start(_ head: RequestHead, _ host: HostName, path: String, query: String) {
        guard let context else { return }
        let request = ServiceRequest(
            method: head.method, host: head.authority.host, port: head.authority.port,
            isSecure: isSecure, path: path, query: query, headers: head.headers)
        let (plane, kind) = core.planes.plane(of: request, host)
        let link = ConnectionLink(
            self, context.channel, floor.releases, keepsAlive: head.keepsAlive && !isStopping)
        let body = BodyQueue(
            limit: core.limits.bytesInFlight, onWait: { link.allowBody() },
            onRoom: { link.takeMore() })
        let outflow = Outflow(limit: core.limits.bytesInFlight)
        let isStreamed = plane.bodyHandling(of: request) == .streamed && !head.isWithoutBody
        let exchange = Exchange(
            request, plane: kind.rawValue, body: body, outflow: outflow, link,
            isBodyShort: head.framing != .chunked && !head.expectsContinue
                && Self.length(head.framing) <= core.limits.bytesInFlight)
        state = .request
        current = Request(
            head: head, exchange: exchange, plane: plane, body: body, outflow: outflow,
            link: link, isStreamed: isStreamed,
            bodyReader: head.framing == .chunked
                ? .chunks(ChunkReader()) : .length(left: Self.length(head.framing)),
            isWaitingForLeave: head.expectsContinue)
        if !isStreamed, Self.length(head.framing) > core.limits.wholeBodyByteCount {
            return refuse(tooLong)
        }
        floor.expire(inSeconds: core.limits.stallSeconds)
        if head.isWithoutBody { return endBody() }
        if isStreamed { hand() } else { allowBody() }
    }

    private static func length(_ framing: RequestHead.Framing) -> Int {
        if case .length(let count) = framing { count } else { 0 }
    }

    private var tooLong: HTTPRefusal {
        HTTPRefusal(413, "the body has over \(core.limits.wholeBodyByteCount) bytes")
    }

    /// Whether there is something left to do with what has arrived.
    private func readBody() -> Bool {
        guard current != nil else { return false }
        floor.expire(inSeconds: core.limits.stallSeconds)
        do throws(HTTPRefusal) {
            return try readBodyPart()
        } catch {
            refuse(error)
            return false
        }
    }

    private func readBodyPart() throws(HTTPRefusal) -> Bool {
        switch current?.bodyReader {
        case .length(let left):
            guard let part = arrived.readSlice(length: min(left, arrived.readableBytes)) else {
                return false
            }
            current?.bodyReader = .length(left: left - part.readableBytes)
            try push(part)
            if left == part.readableBytes { endBody() }
            return true
        case .chunks(var chunks):
            var place = 0
            let bytes = arrived
            let step = try chunks.step(bytes.readableBytesUInt8Span, from: &place)
            arrived.moveReaderIndex(forwardBy: place)
            if case .content(let left) = step,
                let part = arrived.readSlice(length: min(left, arrived.readableBytes))
            {
                chunks.take(part.readableBytes)
                current?.bodyReader = .chunks(chunks)
                guard part.readableBytes > 0 else { return false }
                try push(part)
                return true
            }
            current?.bodyReader = .chunks(chunks)
            if step == .end { endBody() }
            return step == .end
        case nil: return false
        }
    }

    private func push(_ part: ByteBuffer) throws(HTTPRefusal) {
        guard let request = current, !request.isDraining else { return }
        let isFull = request.body.push(part)
        if request.isStreamed {
            if isFull {
                floor.holdBack(true)
                // It is the plane that keeps the client waiting.
                floor.expire(inSeconds: nil)
            }
            return
        }
        current?.gathered += part.readableBytes
        guard request.gathered + part.readableBytes <= core.limits.wholeBodyByteCount else {
            throw tooLong
        }
    }

    private func endBody() {
        guard let request = current else { return }
        current?.isBodyDone = true
        request.body.end()
        if request.isDraining { return settle() }
        floor.expire(inSeconds: nil)
        if !request.isStreamed { hand() }
    }

    /// Hands the request to its plane.
    private func hand() {
        guard let request = current else { return }
        do throws(SystemError) {
            try core.start(request.exchange, request.plane)
        } catch {
            refuse(HTTPRefusal(503, "no thread can be started"))
        }
    }

    // MARK: What threads of planes ask for

    func takeMore() {
        floor.holdBack(false)
        if current?.isBodyDone == false { floor.expire(inSeconds: core.limits.stallSeconds) }
        proceed()
    }

    func allowBody() {
        guard current?.isWaitingForLeave == true, current?.exchange.isAnswered == false else {
            return
        }
        current?.isWaitingForLeave = false
        let head = AnswerHead(status: 100, headers: [:], byteCount: nil, keepsAlive: true)
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: head.encoded)), promise: nil)
    }

    /// - Parameter release: The link by which it was released; nil of what needed no grant.
    func write(_ buffer: ByteBuffer, of release: ConnectionLink?) {
        guard let context, let request = current else {
            release?.endWrite()
            return
        }
        let byteCount = buffer.readableBytes
        floor.expire(inSeconds: core.limits.stallSeconds)
        let written = context.writeAndFlush(wrapOutboundOut(buffer))
        written.assumeIsolated().whenComplete { [weak self] result in
            let left = request.outflow.release(byteCount)
            release?.endWrite()
            guard case .success = result, let self else { return }
            core.counts.bytesSent.add(byteCount)
            // It takes what it gets, or has got all.
            floor.expire(inSeconds: left > 0 ? core.limits.stallSeconds : nil)
            if left == 0 { settle() }
        }
    }

    /// The plane has given the whole answer.
    func finishAnswer() {
        current?.isAnswered = true
        settle()
    }

    func cut() { floor.cut() }

    func reset() { floor.reset() }

    /// Goes on to the next request when the answer was handed to the socket.
    private func settle() {
        guard let request = current, request.isAnswered, request.outflow.isEmpty else { return }
        let isKept = request.link.keepsAlive && !isStopping
        if isKept, !request.isBodyDone {
            guard !request.isDraining else { return }
            current?.isDraining = true
            floor.holdBack(false)
            floor.expire(inSeconds: core.limits.stallSeconds)
            return proceed()
        }
        current = nil
        request.body.lose()
        guard isKept else { return linger(behindBody: !request.isBodyDone) }
        state = .head
        floor.holdBack(false)
        floor.expire(inSeconds: core.limits.idleSeconds)
        proceed()
    }

    // MARK: Ending

    /// Refuses a request, and takes no other.
    private func refuse(_ refusal: HTTPRefusal) {
        let isAnswered = current?.exchange.isAnswered ?? false
        current?.body.lose()
        current?.outflow.lose()
        current = nil
        guard !isAnswered, let context else { return cut() }
        let error: JSON = [
            "error": [
                "code": .string("Sluice\(refusal.status)"), "message": .string(refusal.reason),
            ]
        ]
        let body = error.encoded
        core.counts.note(plane: "none", status: refusal.status)
        var headers: HeaderFields = ["Content-Type": "application/json"]
        if refusal.status == 407 { headers["Proxy-Authenticate"] = "Basic realm=\"Sluice\"" }
        let head = AnswerHead(
            status: refusal.status, headers: headers, byteCount: body.count, keepsAlive: false)
        context.writeAndFlush(
            wrapOutboundOut(ByteBuffer(bytes: head.encoded + body)), promise: nil)
        linger(behindBody: true)
    }

    /// Closes; where the client may still be sending, when it has had time to read the answer: of a socket that is
    /// closed with bytes in it that nobody has read, the client would lose the answer, too.
    private func linger(behindBody: Bool) {
        guard behindBody, let context else {
            self.context?.close(promise: nil)
            return
        }
        state = .lingering
        arrived = ByteBuffer()
        floor.holdBack(false)
        floor.onExpiry = { [floor] in floor.cut() }
        floor.expire(inSeconds: 2)
        // So it knows that this is all. TLS would close the other way, too.
        if !isSecure { context.close(mode: .output, promise: nil) }
    }

    private func expire() {
        switch state {
        case .head where arrived.readableBytes == 0: context?.close(promise: nil)
        case .head:
            refuse(HTTPRefusal(408, "the head took over \(core.limits.headSeconds) s"))
        case .request where current?.exchange.isAnswered == false:
            refuse(HTTPRefusal(408, "nothing came for \(core.limits.stallSeconds) s"))
        default: cut()
        }
    }

    private func stop() {
        isStopping = true
        current?.link.closeBehindAnswer()
        if current == nil { context?.close(promise: nil) }
    }

    // MARK: Tunnels

    private func openTunnel(_ head: RequestHead) throws(HTTPRefusal) {
        guard tunnel == nil, let context else {
            throw HTTPRefusal(400, "a tunnel leads through no other")
        }
        state = .tunnel
        var answer = context.channel.allocator.buffer(capacity: 64)
        answer.writeString("HTTP/1.1 200 Connection established\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        let sniffer = ProtocolSniffer(core, floor, isLocal: isLocal, tunnel: head.authority)
        let early = arrived
        arrived = ByteBuffer()
        do {
            try context.pipeline.syncOperations.addHandler(sniffer, position: .after(self))
            if early.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(early)) }
        } catch {
            cut()
        }
    }
}
#endif
