#if Service
internal import NIOCore
internal import Synchronization

/// A connection as threads of planes reach it: what they ask for is done on its event loop, in order.
final class ConnectionLink: Sendable {
    private let handler: NIOLoopBound<ConnectionHandler>
    private let loop: any EventLoop
    private let allocator: ByteBufferAllocator
    private let isKept: Mutex<Bool>

    init(_ handler: ConnectionHandler, _ channel: any Channel, keepsAlive: Bool) {
        loop = channel.eventLoop
        allocator = channel.allocator
        self.handler = NIOLoopBound(handler, eventLoop: loop)
        isKept = Mutex(keepsAlive)
    }

    /// Whether another request may follow.
    var keepsAlive: Bool { isKept.withLock { $0 } }

    func allocate(byteCount: Int) -> ByteBuffer { allocator.buffer(capacity: byteCount) }

    func closeBehindAnswer() { isKept.withLock { $0 = false } }

    func write(_ buffer: ByteBuffer) { perform { $0.write(buffer) } }

    /// The answer is whole.
    func finish() { perform { $0.finishAnswer() } }

    func cut() { perform { $0.cut() } }

    /// There is room for more of the body.
    func takeMore() { perform { $0.takeMore() } }

    /// The plane waits for the body: the client gets leave to send it.
    func allowBody() { perform { $0.allowBody() } }

    private func perform(_ work: @escaping @Sendable (ConnectionHandler) -> Void) {
        let handler = handler
        loop.execute { work(handler.value) }
    }
}
#endif
