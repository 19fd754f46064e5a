/// A request as a server has read it: method, target and body, whoever asks.
public struct KeyVaultRequest: Sendable {
    /// In capitals, as `GET`.
    public let method: String
    /// The path between its slashes, without percent signs; an empty one where two slashes meet, none at the end.
    public let segments: [String]
    /// By their names in lower case; of several of one name, the first.
    public let query: [String: String]
    /// As it came.
    public let body: [UInt8]

    /// Takes a request apart.
    ///
    /// - Throws: `BadParameter` for a path or a query that isn't well formed.
    public init(_ request: ServiceRequest, body: [UInt8] = []) throws(KeyVaultError) {
        guard request.path.first == "/" else {
            throw .badParameter("the target of the request has no path")
        }
        // Of an address with a slash at its end, clients make paths that begin with two.
        var segments = try request.path.drop { $0 == "/" }.split(
            separator: "/", omittingEmptySubsequences: false
        ).map { segment throws(KeyVaultError) in try Self.decoded(segment, isQuery: false) }
        if segments.last == "" { segments.removeLast() }
        var query: [String: String] = [:]
        for item in request.query.split(separator: "&") {
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.decoded(parts[0], isQuery: true).lowercased()
            guard query[name] == nil else { continue }
            query[name] = try parts.count == 2 ? Self.decoded(parts[1], isQuery: true) : ""
        }
        method = request.method.uppercased()
        self.segments = segments
        self.query = query
        self.body = body
    }

    private static func decoded(
        _ text: Substring, isQuery: Bool
    ) throws(KeyVaultError) -> String {
        guard let decoded = PercentEncoding.decode(text, plusIsSpace: isQuery) else {
            throw .badParameter(
                "the request's target has an escape that is cut short, a NUL, or what is not UTF-8")
        }
        return decoded
    }
}
