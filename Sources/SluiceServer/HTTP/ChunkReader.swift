/// Tells the bytes of a body in chunks from what is between them (RFC 9112 section 7.1). Extensions and trailers are
/// read over.
package struct ChunkReader {
    /// What comes next.
    package enum Step: Hashable {
        /// So many bytes of the body, of which some may be there already.
        case content(Int)
        /// More bytes are needed.
        case more
        /// The body has ended.
        case end
    }

    private enum State { case size, content(Int), separator, trailer }

    /// Longer lines than any that is meant.
    private static let longestLine = 8 << 10
    private var state = State.size

    /// At the beginning of a body.
    package init() {}

    /// Reads over what is not content, from `place` on.
    package mutating func step(
        _ bytes: Span<UInt8>, from place: inout Int
    ) throws(HTTPRefusal) -> Step {
        while true {
            switch state {
            case .content(0):
                state = .separator
            case .content(let count):
                return .content(count)
            case .separator:
                guard place + 1 < bytes.count else { return .more }
                guard bytes[place] == 0x0D, bytes[place + 1] == 0x0A else {
                    throw HTTPRefusal(400, "a chunk is longer than it says")
                }
                place += 2
                state = .size
            case .size:
                guard let line = try line(bytes, from: &place) else { return .more }
                let digits = line.prefix { $0 != UInt8(ascii: ";") }
                let text = String(decoding: digits, as: UTF8.self).filter {
                    $0 != " " && $0 != "\t"
                }
                guard !text.isEmpty, text.utf8.count <= 15, text.allSatisfy(\.isHexDigit),
                    text.utf8.count == text.count, let count = Int(text, radix: 16)
                else { throw HTTPRefusal(400, "the size of a chunk is no number") }
                state = count == 0 ? .trailer : .content(count)
            case .trailer:
                guard let line = try line(bytes, from: &place) else { return .more }
                if line.isEmpty { return .end }
            }
        }
    }

    /// Notes that bytes of the content were taken.
    package mutating func take(_ byteCount: Int) {
        guard case .content(let count) = state else {
            preconditionFailure("no content is expected")
        }
        state = .content(count - byteCount)
    }

    /// A line without its end; nil if that isn't there yet.
    private func line(_ bytes: Span<UInt8>, from place: inout Int) throws(HTTPRefusal) -> [UInt8]? {
        var line: [UInt8] = []
        var next = place
        while next < bytes.count {
            let byte = bytes[next]
            if byte == 0x0A { throw HTTPRefusal(400, "a line ends without CR LF") }
            if byte == 0x0D {
                guard next + 1 < bytes.count else { return nil }
                guard bytes[next + 1] == 0x0A else { throw HTTPRefusal(400, "a CR stands alone") }
                place = next + 2
                return line
            }
            line.append(byte)
            guard line.count <= Self.longestLine else {
                throw HTTPRefusal(431, "a line between chunks has over \(Self.longestLine) bytes")
            }
            next += 1
        }
        return nil
    }
}
