package import SluiceREST

/// The head of a request as it came, and how its body is told from what follows (RFC 9112).
///
/// What two servers in a row could read in two ways is refused: a bare line feed, a folded field, a length beside
/// chunks, two lengths, spaces around a field's name.
package struct RequestHead: Sendable {
    /// How long the body is.
    package enum Framing: Hashable, Sendable {
        /// So many bytes, or none.
        case length(Int)
        /// Chunks.
        case chunked
    }

    /// What the request line asks for.
    package enum Target: Hashable, Sendable {
        /// A path, with what stood behind the question mark.
        case path(String, query: String)
        /// A tunnel to a host.
        case tunnel
        /// The server itself (`*`).
        case server
    }

    /// As sent.
    package var method: String
    /// What is asked for.
    package var target: Target
    /// The host that it is asked of.
    package var authority: Authority
    /// The fields.
    package var headers: HeaderFields
    /// How long the body is.
    package var framing: Framing
    /// Whether the connection may serve another request.
    package var keepsAlive: Bool
    /// Whether the client waits for leave to send the body.
    package var expectsContinue: Bool

    /// Whether there is no body.
    package var isWithoutBody: Bool { framing == .length(0) }
}

/// A host and its port.
package struct Authority: Hashable, Sendable {
    /// In lower case; an IPv6 address without its brackets.
    package var host: String
    /// As named; nil for the scheme's own.
    package var port: Int?

    /// Reads `host`, `host:port`, `[address]:port`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        var text = text.lowercased()[...]
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            host = String(text[text.index(after: text.startIndex)..<end])
            guard host.utf8.allSatisfy({ "0123456789abcdef:.".utf8.contains($0) }), !host.isEmpty
            else { return nil }
            text = text[text.index(after: end)...]
        } else {
            let name = text.prefix { $0 != ":" }
            text = text.dropFirst(name.count)
            host = String(name.hasSuffix(".") ? name.dropLast() : name)
            let isName = host.utf8.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
                    || "-._".utf8.contains(byte)
            }
            guard isName, !host.isEmpty, host.utf8.count <= 253 else { return nil }
        }
        guard let colon = text.popFirst() else { return }
        guard colon == ":", text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(text), (1...65535).contains(port)
        else { return nil }
        self.port = port
    }
}
