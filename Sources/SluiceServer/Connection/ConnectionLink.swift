#if Service
internal import Dispatch
internal import NIOCore
internal import SluiceAccess
internal import Synchronization

/// A connection as threads of planes reach it: what they ask for is done on its event loop, in order.
final class ConnectionLink: Sendable {
    private let handler: NIOLoopBound<ConnectionHandler>
    private let loop: any EventLoop
    private let allocator: ByteBufferAllocator
    private let isKept: Mutex<Bool>
    private let releases: HeldReleases

    init(
        _ handler: ConnectionHandler, _ channel: any Channel, _ releases: HeldReleases,
        keepsAlive: Bool
    ) {
        self.releases = releases
        loop = channel.eventLoop
        allocator = channel.allocator
        self.handler = NIOLoopBound(handler, eventLoop: loop)
        isKept = Mutex(keepsAlive)
    }

    /// Whether another request may follow.
    var keepsAlive: Bool { isKept.withLock { $0 } }

    func allocate(byteCount: Int) -> ByteBuffer { allocator.buffer(capacity: byteCount) }

    func closeBehindAnswer() { isKept.withLock { $0 = false } }

    func write(_ buffer: ByteBuffer) { perform { $0.write(buffer, of: nil) } }

    /// Writes what is released now, if it may be: see ``HeldReleases/hold(_:_:epoch:)``.
    func write(
        _ buffer: ByteBuffer, _ terms: ReleaseTerms, epoch: UInt64
    ) throws(VaultError) -> Bool {
        guard try releases.hold(self, terms, epoch: epoch) else { return false }
        perform { $0.write(buffer, of: self) }
        return true
    }

    /// The kernel has a write that was released, or never will.
    func endWrite() { releases.end(self) }

    /// Resets the connection below TLS, and waits for that; not on an event loop.
    func reset() {
        let isDone = DispatchSemaphore(value: 0)
        perform { handler in
            handler.reset()
            isDone.signal()
        }
        // An event loop that has ended has closed its connections.
        _ = isDone.wait(timeout: .now() + .seconds(5))
    }

    /// The answer is whole.
    func finish() { perform { $0.finishAnswer() } }

    /// The answer can't be whole: what was written of it, and has not left this machine, doesn't leave it.
    func cut() { perform { $0.reset() } }

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
