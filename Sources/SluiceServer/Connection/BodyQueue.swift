#if Service
internal import Dispatch
internal import NIOCore
internal import SluiceNative
internal import Synchronization

/// Why a body, or an answer, can't go on.
enum ConnectionLoss: Error {
    /// The client is gone, or was cut off.
    case closed
}

/// The bytes of a request's body between the event loop, which brings them, and the thread of a plane, which waits
/// for them.
///
/// Invariant: it holds at most ``limit`` bytes and what one read of the socket brought, for beyond that the loop
/// takes nothing from the socket.
final class BodyQueue: Sendable {
    private struct State {
        var buffers: [ByteBuffer] = []
        var byteCount = 0
        var isEnded = false
        var isLost = false
        var isHeldBack = false
        var isAwaited = false
    }

    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)
    let limit: Int
    /// Called when room has come for more; from the plane's thread.
    private let onRoom: @Sendable () -> Void
    /// Called when bytes are waited for: the client may be waiting for leave.
    private let onWait: @Sendable () -> Void

    init(
        limit: Int, onWait: @escaping @Sendable () -> Void,
        onRoom: @escaping @Sendable () -> Void
    ) {
        self.limit = limit
        self.onWait = onWait
        self.onRoom = onRoom
    }

    // MARK: The event loop

    /// Brings bytes, and says whether to hold back now.
    func push(_ buffer: ByteBuffer) -> Bool {
        change { state in
            state.buffers.append(buffer)
            state.byteCount += buffer.readableBytes
            state.isHeldBack = state.byteCount >= limit
            return state.isHeldBack
        }
    }

    func end() { change { $0.isEnded = true } }

    func lose() { change { $0.isLost = true } }

    private func change<Result>(_ body: (inout State) -> sending Result) -> sending Result {
        let (result, isAwaited) = state.withLock { state in
            let result = body(&state)
            defer { state.isAwaited = false }
            return (result, state.isAwaited)
        }
        if isAwaited { arrival.signal() }
        return result
    }

    // MARK: The plane's thread

    /// Whether all has come.
    var isEnded: Bool { state.withLock { $0.isEnded } }

    /// Some bytes, waiting for them; nil at the end.
    func next() throws(ConnectionLoss) -> ByteBuffer? {
        while true {
            let found = state.withLock {
                state -> (buffer: ByteBuffer?, isOver: Bool, hasRoom: Bool) in
                if state.isLost { return (nil, true, false) }
                guard !state.buffers.isEmpty else {
                    if !state.isEnded { state.isAwaited = true }
                    return (nil, state.isEnded, false)
                }
                let buffer = state.buffers.removeFirst()
                state.byteCount -= buffer.readableBytes
                let hasRoom = state.isHeldBack && state.byteCount <= limit / 2
                if hasRoom { state.isHeldBack = false }
                return (buffer, false, hasRoom)
            }
            if found.hasRoom { onRoom() }
            if let buffer = found.buffer { return buffer }
            if found.isOver {
                if state.withLock({ $0.isLost }) { throw .closed }
                return nil
            }
            onWait()
            arrival.wait()
        }
    }
}

/// How many bytes of an answer are on their way to the socket; a plane's thread waits for room.
final class Outflow: Sendable {
    private struct State {
        var byteCount = 0
        var isLost = false
        var isAwaited = false
    }

    private let state = Mutex(State())
    private let room = DispatchSemaphore(value: 0)
    let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Waits until so many more bytes may be sent.
    func reserve(_ byteCount: Int) throws(ConnectionLoss) {
        while true {
            if try tryReserve(byteCount) { return }
            room.wait()
        }
    }

    /// Takes room for so many more bytes, if there is any.
    func tryReserve(_ byteCount: Int) throws(ConnectionLoss) -> Bool {
        try state.withLock { state throws(ConnectionLoss) in
            if state.isLost { throw .closed }
            guard state.byteCount == 0 || state.byteCount + byteCount <= limit else {
                state.isAwaited = true
                return false
            }
            state.byteCount += byteCount
            return true
        }
    }

    /// Waits for room, or until that time has passed.
    func wait(milliseconds: Int) {
        _ = room.wait(timeout: .now() + .milliseconds(milliseconds))
    }

    /// Whether nothing is on its way.
    var isEmpty: Bool { state.withLock { $0.byteCount == 0 } }

    /// Notes that bytes were handed to the socket, and says how many are left.
    func release(_ byteCount: Int) -> Int {
        let (left, isAwaited) = state.withLock { state in
            state.byteCount -= byteCount
            defer { state.isAwaited = false }
            return (state.byteCount, state.isAwaited)
        }
        if isAwaited { room.signal() }
        return left
    }

    func lose() {
        let isAwaited = state.withLock { state in
            state.isLost = true
            defer { state.isAwaited = false }
            return state.isAwaited
        }
        if isAwaited { room.signal() }
    }
}
#endif
