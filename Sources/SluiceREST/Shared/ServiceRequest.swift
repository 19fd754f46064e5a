/// A request without its body: what every plane is asked with.
public struct ServiceRequest: Sendable {
    /// As sent: `GET`, `PUT`.
    public var method: String
    /// The name of the host, in lower case and without a port; an address without its brackets.
    public var host: String
    /// The port that the client named; nil for its scheme's own.
    public var port: Int?
    /// Whether it came by TLS.
    public var isSecure: Bool
    /// The path as it was sent, percent-encoded: signatures are made over it.
    public var path: String
    /// What stood behind the question mark, as it was sent; empty without one.
    public var query: String
    /// The fields of its head.
    public var headers: HeaderFields

    /// All of it.
    public init(
        method: String, host: String, port: Int? = nil, isSecure: Bool = true, path: String,
        query: String = "", headers: HeaderFields = [:]
    ) {
        self.method = method
        self.host = host
        self.port = port
        self.isSecure = isSecure
        self.path = path
        self.query = query
        self.headers = headers
    }

    /// The parts of the path between slashes, decoded, without empty ones; nil if one can't be decoded.
    public var segments: [String]? {
        var segments: [String] = []
        for part in path.split(separator: "/") {
            guard let segment = PercentEncoding.decode(part) else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// The value of a parameter of the query, decoded; names are found whatever their case.
    public func parameter(_ name: String) -> String? {
        PercentEncoding.pairs(query)?.first { $0.name.equalsIgnoringCase(name) }?.value
    }

    /// What clients reach this host by: scheme, name and port.
    public var origin: String {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return "\(isSecure ? "https" : "http")://\(name)\(port.map { ":\($0)" } ?? "")"
    }

    /// The token behind `Authorization: Bearer`; nil without one.
    public var bearerToken: String? {
        guard let field = headers["Authorization"], let space = field.firstIndex(of: " "),
            String(field[..<space]).equalsIgnoringCase("bearer")
        else { return nil }
        return field[space...].drop { $0 == " " }.description
    }
}
