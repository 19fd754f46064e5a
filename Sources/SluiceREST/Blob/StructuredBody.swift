/// A body in segments with a CRC64 each, and one of the whole behind them: `XSM/1.0`.
///
/// A message begins with its version (1 byte), its length (8), flags (2) and the number of segments (2); a segment with its
/// number, from 1 on (2), and its length (8), and its CRC64 is behind it; integers have their least significant byte first.
public enum StructuredBody {
    /// `x-ms-structured-body`, of requests and answers.
    public static let header = "XSM/1.0; properties=crc64"

    static let version: UInt8 = 1
    static let crc64Flag = 1
    static let headByteCount = 13
    static let segmentHeadByteCount = 10
    static let checksumByteCount = 8
    static let mostSegments = Int(UInt16.max)
    /// The most bytes of a body that aren't content.
    static let mostFrameBytes =
        headByteCount + mostSegments * (segmentHeadByteCount + checksumByteCount)
        + checksumByteCount

    static func integer(_ value: Int, byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// The length that a request says its content has, apart from the segments; nil for a body that isn't structured.
    ///
    /// Throws `InvalidHeaderValue` for another structure, and a missing or impossible length.
    public static func contentByteCount(_ headers: HeaderFields) throws(BlobRefusal) -> Int? {
        guard let text = headers["x-ms-structured-body"] else { return nil }
        guard text == header else { throw .header("x-ms-structured-body", text) }
        let name = "x-ms-structured-content-length"
        guard let length = headers[name] else { throw .missingHeader(name) }
        guard let byteCount = Int(length), byteCount >= 0 else { throw .header(name, length) }
        return byteCount
    }
}

/// Takes a structured body apart as it arrives, and holds none of it.
///
/// Invariant: what is still to come of the content and of the message never is below 0, so that a body that lies about its
/// lengths is refused where it does. Content is given out before its checksum was read: nothing may be kept of it until
/// ``finish()`` has returned.
public struct StructuredBodyDecoder: Sendable {
    private enum Part {
        case head, segmentHead, content, segmentChecksum, messageChecksum, end
    }

    private var part = Part.head
    private var field: [UInt8] = []
    private var fieldByteCount = StructuredBody.headByteCount
    private var restOfMessage: Int
    private var restOfContent: Int
    private var restOfSegment = 0
    private var segment = 0
    private var segmentCount = 0
    private var segmentCRC = CRC64()
    private var messageCRC = CRC64()

    /// A decoder at a body's start.
    ///
    /// - Parameters:
    ///   - byteCount: The length of the body, `Content-Length`.
    ///   - contentByteCount: The length of the content.
    public init(byteCount: Int, contentByteCount: Int) {
        restOfMessage = byteCount
        restOfContent = contentByteCount
    }

    /// The CRC64 of the content so far.
    public var crc64: UInt64 { messageCRC.value }

    /// Takes the next bytes of the body, and tells which of them are content, in order.
    ///
    /// Throws `InvalidStructuredMessage`, and `Crc64Mismatch` for content that isn't as it was sent.
    public mutating func decode(_ bytes: Span<UInt8>) throws(BlobRefusal) -> [Range<Int>] {
        var content: [Range<Int>] = []
        var place = 0
        while place < bytes.count {
            guard restOfMessage > 0 else { throw Self.invalid("It is longer than it says.") }
            if part == .content {
                let count = min(restOfSegment, bytes.count - place, restOfMessage)
                let range = place..<(place + count)
                let piece = bytes.extracting(range)
                segmentCRC.update(piece)
                messageCRC.update(piece)
                content.append(range)
                restOfSegment -= count
                restOfContent -= count
                restOfMessage -= count
                place += count
                if restOfSegment == 0 { expect(.segmentChecksum, StructuredBody.checksumByteCount) }
                continue
            }
            field.append(bytes[place])
            restOfMessage -= 1
            place += 1
            if field.count == fieldByteCount { try take() }
        }
        return content
    }

    /// Throws `InvalidStructuredMessage` unless the whole was read and is as it was sent.
    public func finish() throws(BlobRefusal) {
        guard part == .end, restOfMessage == 0, restOfContent == 0 else {
            throw Self.invalid("It is cut short.")
        }
    }

    private static func invalid(_ reason: String) -> BlobRefusal {
        BlobRefusal(.invalidStructuredMessage, reason)
    }

    private mutating func expect(_ next: Part, _ byteCount: Int) {
        part = next
        field = []
        fieldByteCount = byteCount
    }

    /// Lengths beyond what an `Int` holds are beyond every body.
    private func integer(_ range: Range<Int>) throws(BlobRefusal) -> Int {
        guard let value = Int(exactly: CRC64.value(field[range])) else {
            throw Self.invalid("A length is impossible.")
        }
        return value
    }

    private mutating func take() throws(BlobRefusal) {
        switch part {
        case .head:
            guard field[0] == StructuredBody.version else {
                throw Self.invalid("It isn't of version 1.")
            }
            guard try integer(1..<9) == restOfMessage + StructuredBody.headByteCount else {
                throw Self.invalid("Its length isn't that of the body.")
            }
            guard try integer(9..<11) == StructuredBody.crc64Flag else {
                throw Self.invalid("It has other properties than crc64.")
            }
            segmentCount = try integer(11..<13)
            guard segmentCount > 0 else { throw Self.invalid("It has no segments.") }
            expect(.segmentHead, StructuredBody.segmentHeadByteCount)
        case .segmentHead:
            segment += 1
            guard try integer(0..<2) == segment else {
                throw Self.invalid("Its segments are out of order.")
            }
            restOfSegment = try integer(2..<10)
            guard restOfSegment <= restOfContent else {
                throw Self.invalid("Its segments are longer than its content.")
            }
            segmentCRC = CRC64()
            if restOfSegment == 0 {
                expect(.segmentChecksum, StructuredBody.checksumByteCount)
            } else {
                expect(.content, 0)
            }
        case .segmentChecksum:
            try check(segmentCRC)
            if segment == segmentCount {
                expect(.messageChecksum, StructuredBody.checksumByteCount)
            } else {
                expect(.segmentHead, StructuredBody.segmentHeadByteCount)
            }
        case .messageChecksum:
            try check(messageCRC)
            expect(.end, 0)
        case .content, .end: throw Self.invalid("There is something behind its end.")
        }
    }

    private func check(_ crc: CRC64) throws(BlobRefusal) {
        var expected = Checksums()
        expected.crc64 = CRC64.value(field)
        try expected.check(md5: nil, crc64: crc.value)
    }
}

/// Makes a structured body of content as it comes, and holds none of it.
public struct StructuredBodyEncoder: Sendable {
    /// A piece of the body.
    public enum Piece: Hashable, Sendable {
        /// What is around the content.
        case frame([UInt8])
        /// A part of the content that was given.
        case content(Range<Int>)
    }

    private let contentByteCount: Int
    private let segmentByteCount: Int
    private var sent = 0
    private var segment = 0
    private var restOfSegment = 0
    private var segmentCRC = CRC64()
    private var messageCRC = CRC64()

    /// An encoder for content of this length, in segments of 4 MiB, or longer ones where there would be too many.
    public init(contentByteCount: Int, segmentByteCount: Int = 4 << 20) {
        self.contentByteCount = contentByteCount
        self.segmentByteCount = max(
            segmentByteCount,
            (contentByteCount + StructuredBody.mostSegments - 1) / StructuredBody.mostSegments)
    }

    private var segmentCount: Int {
        max(1, (contentByteCount + segmentByteCount - 1) / segmentByteCount)
    }

    /// The length of the body.
    public var byteCount: Int {
        let frame = StructuredBody.segmentHeadByteCount + StructuredBody.checksumByteCount
        return StructuredBody.headByteCount + segmentCount * frame + contentByteCount
            + StructuredBody.checksumByteCount
    }

    /// The pieces of the body for the next bytes of the content; of empty content, all for no bytes.
    ///
    /// The content may not be longer than the encoder was made for.
    public mutating func encode(_ content: Span<UInt8>) -> [Piece] {
        precondition(
            sent + content.count <= contentByteCount, "that is more content than was announced")
        var pieces: [Piece] = []
        var frame: [UInt8] = []
        if segment == 0 {
            frame.append(StructuredBody.version)
            frame += StructuredBody.integer(byteCount, byteCount: 8)
            frame += StructuredBody.integer(StructuredBody.crc64Flag, byteCount: 2)
            frame += StructuredBody.integer(segmentCount, byteCount: 2)
            frame += beginSegment()
        }
        var place = 0
        while place < content.count || restOfSegment == 0 {
            let count = min(restOfSegment, content.count - place)
            if count > 0 {
                if !frame.isEmpty { pieces.append(.frame(frame)) }
                frame = []
                pieces.append(.content(place..<(place + count)))
                segmentCRC.update(content.extracting(place..<(place + count)))
                messageCRC.update(content.extracting(place..<(place + count)))
                place += count
                sent += count
                restOfSegment -= count
            }
            guard restOfSegment == 0 else { break }
            frame += CRC64.bytes(segmentCRC.value)
            if sent == contentByteCount {
                frame += CRC64.bytes(messageCRC.value)
                restOfSegment = .max
                break
            }
            frame += beginSegment()
        }
        if !frame.isEmpty { pieces.append(.frame(frame)) }
        return pieces
    }

    private mutating func beginSegment() -> [UInt8] {
        segment += 1
        restOfSegment = min(segmentByteCount, contentByteCount - sent)
        segmentCRC = CRC64()
        return StructuredBody.integer(segment, byteCount: 2)
            + StructuredBody.integer(restOfSegment, byteCount: 8)
    }
}
