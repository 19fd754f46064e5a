internal import SluiceREST

/// Reads heads of requests, strictly.
package struct RequestHeadReader {
    let limits: HTTPLimits

    /// A reader with these limits.
    package init(limits: HTTPLimits = HTTPLimits()) { self.limits = limits }

    /// Reads the head that `bytes` begin with, and says how many bytes it has; nil if more are needed.
    ///
    /// - Parameter searched: How many bytes an earlier call looked through in vain; set to how many this one did.
    package func read(
        _ bytes: Span<UInt8>, searched: inout Int
    ) throws(HTTPRefusal) -> (head: RequestHead, byteCount: Int)? {
        var start = 0
        // An empty line that an old client leaves behind a body.
        while start + 1 < bytes.count, bytes[start] == 0x0D, bytes[start + 1] == 0x0A, start < 4 {
            start += 2
        }
        var lineStarts: [Int] = [start]
        // Beginning anew is cheaper than to remember where the lines were: a head comes in one piece.
        if searched < bytes.count, !Self.mayEnd(bytes, from: max(searched - 3, start)) {
            searched = bytes.count
            return try requireRoom(bytes)
        }
        var place = start
        while place < bytes.count {
            if bytes[place] == 0x0A { throw HTTPRefusal(400, "a line ends without CR LF") }
            guard bytes[place] == 0x0D else {
                place += 1
                continue
            }
            guard place + 1 < bytes.count else { break }
            guard bytes[place + 1] == 0x0A else {
                throw HTTPRefusal(400, "a CR stands alone in the head")
            }
            place += 2
            if lineStarts.last == place - 2 {
                guard place - start <= limits.headByteCount else { return try requireRoom(bytes) }
                lineStarts.removeLast()
                return (try head(bytes, lineStarts + [place - 2]), place)
            }
            lineStarts.append(place)
        }
        searched = bytes.count
        return try requireRoom(bytes)
    }

    /// Whether an empty line, or what is refused, may be among the bytes from there on.
    private static func mayEnd(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        for place in start..<bytes.count where bytes[place] == 0x0A {
            if place == 0 || bytes[place - 1] != 0x0D { return true }
            if place >= 3, bytes[place - 2] == 0x0A { return true }
        }
        return false
    }

    private func requireRoom(
        _ bytes: Span<UInt8>
    ) throws(HTTPRefusal) -> (head: RequestHead, byteCount: Int)? {
        guard bytes.count < limits.headByteCount else {
            throw HTTPRefusal(431, "the head has over \(limits.headByteCount) bytes")
        }
        return nil
    }

    // MARK: The request line

    /// - Parameter starts: Of each line, and of the empty one.
    private func head(
        _ bytes: Span<UInt8>, _ starts: [Int]
    ) throws(HTTPRefusal) -> RequestHead {
        let fieldCount = starts.count - 2
        guard fieldCount <= limits.fieldCount else {
            throw HTTPRefusal(431, "the head has over \(limits.fieldCount) fields")
        }
        guard fieldCount >= 0 else { throw HTTPRefusal(400, "there is no request line") }
        let line = Self.text(bytes, starts[0], starts[1] - 2)
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, Self.isToken(words[0]), words[0].utf8.count <= 32 else {
            throw HTTPRefusal(400, "the request line isn't METHOD TARGET VERSION")
        }
        guard words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
            throw HTTPRefusal(
                words[2].hasPrefix("HTTP/") ? 505 : 400, "HTTP/1.1 is what this server speaks")
        }
        guard words[1].utf8.count <= limits.targetByteCount else {
            throw HTTPRefusal(414, "the target has over \(limits.targetByteCount) bytes")
        }
        var headers = HeaderFields()
        headers.fields.reserveCapacity(fieldCount)
        for index in 1..<max(starts.count - 1, 1) {
            headers.fields.append(try Self.field(bytes, starts[index], starts[index + 1] - 2))
        }
        return try head(
            method: String(words[0]), target: words[1], isCurrent: words[2] == "HTTP/1.1", headers)
    }

    private func head(
        method: String, target: Substring, isCurrent: Bool, _ headers: HeaderFields
    ) throws(HTTPRefusal) -> RequestHead {
        let hosts = headers.all("Host")
        guard hosts.count == 1 || (hosts.isEmpty && !isCurrent) else {
            throw HTTPRefusal(400, "a request has one Host, and this has \(hosts.count)")
        }
        guard target.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else {
            throw HTTPRefusal(400, "the target has characters that must be percent-encoded")
        }
        let (parsed, authority) = try Self.target(target, method: method, host: hosts.first)
        let connection = headers.all("Connection").joined(separator: ",").lowercased()
            .split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }
        let expectation = headers["Expect"]?.lowercased()
        guard expectation == nil || expectation == "100-continue" else {
            throw HTTPRefusal(417, "100-continue is all that can be expected")
        }
        let framing = try Self.framing(headers, isCurrent: isCurrent)
        return RequestHead(
            method: method, target: parsed, authority: authority, headers: headers,
            framing: framing,
            keepsAlive: isCurrent
                ? !connection.contains("close") : connection.contains("keep-alive"),
            expectsContinue: isCurrent && expectation != nil && framing != .length(0))
    }

    private static func target(
        _ target: Substring, method: String, host: String?
    ) throws(HTTPRefusal) -> (RequestHead.Target, Authority) {
        if method == "CONNECT" {
            guard let authority = Authority(target), authority.port != nil else {
                throw HTTPRefusal(400, "CONNECT asks for HOST:PORT")
            }
            return (.tunnel, authority)
        }
        var target = target
        var named = host
        for scheme in ["http://", "https://"]
        where String(target.prefix(scheme.count)).equalsIgnoringCase(scheme) {
            // What stands there goes before the field Host (RFC 9112 section 3.2.2).
            target = target.dropFirst(scheme.count)
            let end = target.firstIndex { $0 == "/" || $0 == "?" } ?? target.endIndex
            named = String(target[..<end])
            target = target[end...]
            if target.first != "/" { target = Substring("/" + target) }
        }
        guard let named, let authority = Authority(named) else {
            throw HTTPRefusal(400, "the host isn't a name or an address, with a port or without")
        }
        if target == "*" && method == "OPTIONS" { return (.server, authority) }
        guard target.first == "/" else {
            throw HTTPRefusal(400, "the target begins with neither / nor http://")
        }
        let mark = target.firstIndex(of: "?")
        let query = mark.map { target[$0...].dropFirst() } ?? ""
        return (
            .path(String(target[..<(mark ?? target.endIndex)]), query: String(query)), authority
        )
    }

    // MARK: Fields

    private static func framing(
        _ headers: HeaderFields, isCurrent: Bool
    ) throws(HTTPRefusal) -> RequestHead.Framing {
        let lengths = headers.all("Content-Length")
        let codings = headers.all("Transfer-Encoding")
        if !codings.isEmpty {
            guard lengths.isEmpty else {
                throw HTTPRefusal(400, "Content-Length and Transfer-Encoding exclude each other")
            }
            guard isCurrent else { throw HTTPRefusal(400, "HTTP/1.0 has no Transfer-Encoding") }
            guard codings.count == 1, codings[0].equalsIgnoringCase("chunked") else {
                throw HTTPRefusal(501, "chunked is the one Transfer-Encoding that is taken")
            }
            return .chunked
        }
        guard lengths.count <= 1 else { throw HTTPRefusal(400, "there are two Content-Lengths") }
        guard let length = lengths.first else { return .length(0) }
        guard !length.isEmpty, length.utf8.count <= 18,
            length.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(length)
        else { throw HTTPRefusal(400, "the Content-Length is no number of bytes") }
        return .length(count)
    }

    private static func field(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int
    ) throws(HTTPRefusal) -> HeaderFields.Field {
        guard start < end, bytes[start] != 0x20, bytes[start] != 0x09 else {
            throw HTTPRefusal(400, "a field is folded")
        }
        var colon = start
        while colon < end, bytes[colon] != UInt8(ascii: ":") { colon += 1 }
        let name = text(bytes, start, colon)
        guard colon < end, isToken(name) else {
            throw HTTPRefusal(400, "a field isn't NAME: VALUE")
        }
        var (first, last) = (colon + 1, end)
        while first < last, bytes[first] == 0x20 || bytes[first] == 0x09 { first += 1 }
        while last > first, bytes[last - 1] == 0x20 || bytes[last - 1] == 0x09 { last -= 1 }
        for place in first..<last
        where bytes[place] < 0x20 && bytes[place] != 0x09 || bytes[place] == 0x7F {
            throw HTTPRefusal(400, "a field has a control character")
        }
        return HeaderFields.Field(name: name, value: text(bytes, first, last))
    }

    private static func isToken(_ text: some StringProtocol) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
                    || "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
    }

    /// UTF-8; what isn't is Latin 1, as fields once were.
    private static func text(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> String {
        let part = (start..<end).map { bytes[$0] }
        return String(validating: part, as: UTF8.self)
            ?? String(String.UnicodeScalarView(part.map { Unicode.Scalar($0) }))
    }
}
