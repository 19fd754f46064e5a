#if Service
internal import NIOCore
internal import Sluice
internal import SluiceAccess
internal import SluiceNative
internal import SluiceREST
internal import Synchronization

/// A request and the way back, in the hands of a plane: on a thread that may wait, never on an event loop.
///
/// The body is read and the answer written with back-pressure: between socket and plane there are at most
/// ``HTTPLimits/bytesInFlight`` bytes each way, whatever the size of what is sent. One thread at a time.
final class Exchange: Sendable {
    let request: ServiceRequest
    /// Which plane is asked; for logs and counts.
    let plane: String
    private let body: BodyQueue
    private let rest = Mutex<ByteBuffer?>(nil)
    private let connection: ConnectionLink
    private let outflow: Outflow
    private let hasBegun = Mutex(false)
    /// Whether what the plane leaves of the body can be read over, for the sake of the next request.
    private let isBodyShort: Bool
    /// The status that was sent; 0 before.
    let status = Mutex(0)

    init(
        _ request: ServiceRequest, plane: String, body: BodyQueue, outflow: Outflow,
        _ connection: ConnectionLink, isBodyShort: Bool
    ) {
        self.isBodyShort = isBodyShort
        self.request = request
        self.plane = plane
        self.body = body
        self.outflow = outflow
        self.connection = connection
    }

    /// Whether an answer has begun.
    var isAnswered: Bool { hasBegun.withLock { $0 } }

    // MARK: The body

    /// All of the body: of a request that the plane takes whole, which is limited.
    func wholeBody() throws(ConnectionLoss) -> [UInt8] {
        var bytes: [UInt8] = []
        while let buffer = try body.next() {
            if bytes.isEmpty { bytes.reserveCapacity(buffer.readableBytes) }
            bytes += buffer.readableBytesView
        }
        return bytes
    }

    /// The body as JSON; an empty one is an empty object.
    func json() throws -> JSON {
        let bytes = try wholeBody()
        guard !bytes.isEmpty else { return .object(JSONObject()) }
        do throws(JSONFormatError) {
            return try JSONReader.read(bytes)
        } catch {
            throw ServiceError(
                400, "InvalidRequestContent",
                "The request content was invalid and could not be deserialized: \(error.reason).")
        }
    }

    // MARK: The answer

    /// Sends a whole answer.
    func send(_ answer: ServiceAnswer) throws(ConnectionLoss) {
        let stream = begin(
            answer.status, answer.headers, byteCount: answer.body.count, behind: answer.body)
        try stream.sendHead()
        try stream.end()
    }

    /// Sends a whole answer with what came of using a key: while the grant holds, see ``KeyUseResult/grant``.
    func send(_ answer: ServiceAnswer, under grant: Grant, of vaults: VaultDirectory) throws {
        let stream = begin(
            answer.status, answer.headers, byteCount: answer.body.count, behind: answer.body)
        while true {
            let taken = try vaults.release(under: grant) { terms, epoch in
                Result { try stream.offer(Span(), terms, epoch: epoch) }
            }
            if try taken.get() != nil { return try stream.end() }
            stream.wait(milliseconds: 20)
        }
    }

    /// Begins an answer whose bytes are written one after the other.
    ///
    /// - Parameter byteCount: How many there will be; nil for chunks, if that isn't known.
    func stream(
        _ status: Int, _ headers: HeaderFields, byteCount: Int?
    ) throws(ConnectionLoss) -> AnswerStream {
        let stream = begin(status, headers, byteCount: byteCount, behind: [])
        try stream.sendHead()
        return stream
    }

    /// Begins an answer of which nothing is sent before the first of ``AnswerStream/offer(_:_:epoch:)`` is taken.
    func heldStream(_ status: Int, _ headers: HeaderFields, byteCount: Int) -> AnswerStream {
        begin(status, headers, byteCount: byteCount, behind: [])
    }

    /// Gives up an answer that has begun: the client sees a cut connection, not a short success.
    func abandon() { connection.cut() }

    private func begin(
        _ status: Int, _ headers: HeaderFields, byteCount: Int?, behind bytes: [UInt8]
    ) -> AnswerStream {
        let isFirst = hasBegun.withLock { hasBegun in
            defer { hasBegun = true }
            return !hasBegun
        }
        precondition(isFirst, "an answer is begun once")
        self.status.withLock { $0 = status }
        let isWithoutBody = request.method == "HEAD" || AnswerHead.isWithoutBody(status)
        var headers = headers
        headers["Date"] = Timestamp.httpDate(milliseconds: WallClock.nowMilliseconds)
        if headers["x-ms-request-id"] == nil { headers["x-ms-request-id"] = RequestNumber.next() }
        // Of a long body, what isn't there by now is never read, and no request can come behind it.
        let head = AnswerHead(
            status: status, headers: headers, byteCount: byteCount,
            keepsAlive: connection.keepsAlive && (isBodyShort || body.isEnded))
        if !head.keepsAlive { connection.closeBehindAnswer() }
        var buffer = ByteBuffer(bytes: head.encoded)
        if !isWithoutBody { buffer.writeBytes(bytes) }
        return AnswerStream(
            connection, outflow, head: buffer, isChunked: byteCount == nil && !isWithoutBody,
            left: isWithoutBody ? nil : byteCount.map { $0 - bytes.count })
    }
}

extension Exchange: ByteSource {
    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        let taken = try rest.withLock { try $0.take() ?? body.next() }
        guard var taken else { return 0 }
        let count = min(buffer.count, taken.readableBytes)
        buffer.copyPrefix(of: taken.readableBytesUInt8Span.extracting(first: count))
        taken.moveReaderIndex(forwardBy: count)
        if taken.readableBytes > 0 { rest.withLock { $0 = taken } }
        return count
    }
}

/// The bytes of an answer, on their way. One thread at a time.
final class AnswerStream: ByteSink {
    /// What one write to the channel carries at most.
    static let pieceByteCount = 256 << 10

    private let connection: ConnectionLink
    private let outflow: Outflow
    private let isChunked: Bool
    /// How many bytes are missing; nil if none are sent, or none was said.
    private let left: Mutex<Int?>
    /// Of the answer; nil once it was sent.
    private let head: Mutex<ByteBuffer?>

    init(
        _ connection: ConnectionLink, _ outflow: Outflow, head: ByteBuffer, isChunked: Bool,
        left: Int?
    ) {
        self.head = Mutex(head)
        self.connection = connection
        self.outflow = outflow
        self.isChunked = isChunked
        self.left = Mutex(left)
    }

    /// Writes all of `bytes`, waiting for the client to take what was written before.
    func write(_ bytes: Span<UInt8>) throws {
        var offset = 0
        while offset < bytes.count {
            let count = min(bytes.count - offset, Self.pieceByteCount)
            let piece = bytes.extracting(offset..<offset + count)
            var buffer = connection.allocate(byteCount: count + 16)
            if isChunked { buffer.writeString("\(String(count, radix: 16))\r\n") }
            buffer.writeWithOutputRawSpan(minimumWritableBytes: count) { output in
                output.append(copying: piece)
            }
            if isChunked { buffer.writeString("\r\n") }
            left.withLock { left in
                if let known = left {
                    precondition(known >= count, "more bytes than the answer's length says")
                    left = known - count
                }
            }
            try send(buffer)
            offset += count
        }
    }

    /// Ends the answer, which is whole then.
    func end() throws(ConnectionLoss) {
        guard left.withLock({ $0 ?? 0 }) == 0 else {
            connection.cut()
            return
        }
        if isChunked { try send(ByteBuffer(string: "0\r\n\r\n")) }
        connection.finish()
    }

    // MARK: Bytes that need a grant

    /// Takes some bytes that are released now, and with the first of them the head: see ``PassingSink``.
    func offer(_ bytes: Span<UInt8>, _ terms: ReleaseTerms, epoch: UInt64) throws -> Int? {
        let piece = bytes.extracting(first: Self.pieceByteCount)
        let head = head.withLock { $0 }
        let byteCount = piece.count + (head?.readableBytes ?? 0)
        guard byteCount > 0 else { return 0 }
        guard try outflow.tryReserve(byteCount) else { return nil }
        var buffer = head ?? connection.allocate(byteCount: piece.count)
        buffer.writeWithOutputRawSpan(minimumWritableBytes: piece.count) { output in
            output.append(copying: piece)
        }
        guard try connection.write(buffer, terms, epoch: epoch) else {
            _ = outflow.release(byteCount)
            return nil
        }
        self.head.withLock { $0 = nil }
        left.withLock { left in left = left.map { $0 - piece.count } }
        return piece.count
    }

    func wait(milliseconds: Int) { outflow.wait(milliseconds: milliseconds) }

    // MARK: Bytes that need none

    /// Sends the head alone.
    func sendHead() throws(ConnectionLoss) {
        guard let head = head.withLock({ $0.take() }) else { return }
        try send(head)
    }

    private func send(_ buffer: ByteBuffer) throws(ConnectionLoss) {
        try outflow.reserve(buffer.readableBytes)
        connection.write(buffer)
    }
}
#endif
