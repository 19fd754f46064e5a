internal import SluiceAccess

/// A signature under an account's key over a whole request: `Authorization: SharedKey account:signature`.
public struct SharedKey: Hashable, Sendable {
    /// The account in the header.
    public let account: String
    /// HMAC-SHA256, 32 bytes.
    public let signature: [UInt8]
    /// Whether only the date, `x-ms-` headers and the path are signed.
    public let isLite: Bool

    private static let signed = [
        "content-encoding", "content-language", "content-length", "content-md5", "content-type",
        "date",
        "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range",
    ]

    /// Reads the header's value behind its scheme.
    ///
    /// Throws `InvalidAuthenticationInfo` for what isn't an account, a colon and a signature.
    init(_ credentials: Substring, isLite: Bool) throws(BlobRefusal) {
        guard let colon = credentials.lastIndex(of: ":"), colon > credentials.startIndex,
            let signature = Base64.decode(credentials[colon...].dropFirst()), signature.count == 32
        else {
            throw BlobRefusal(
                .invalidAuthenticationInfo,
                "It takes an account, a colon and a signature in Base64.")
        }
        account = String(credentials[..<colon])
        self.signature = signature
        self.isLite = isLite
    }

    /// What is signed, in UTF-8: one text, or two where clients disagree on the order of headers; either counts.
    ///
    /// - Parameter account: The account of the address, which the path is written behind.
    public func texts(_ request: ServiceRequest, account: String) -> [String] {
        let head: String
        let resource: String
        if isLite {
            let names = ["content-md5", "content-type", "date"]
            head = ([request.method] + names.map { Self.value($0, request.headers) })
                .joined(separator: "\n")
            resource = "/\(account)\(request.path)" + Self.component(request.query)
        } else {
            head = ([request.method] + Self.signed.map { Self.value($0, request.headers) })
                .joined(separator: "\n")
            resource = "/\(account)\(request.path)" + Self.parameters(request.query)
        }
        let byBytes = Self.serviceHeaders(request.headers).sorted {
            $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        let byService = byBytes.sorted { Self.precedes($0.name, $1.name) }
        let orders =
            byBytes.elementsEqual(byService) { $0.name == $1.name }
            ? [byService] : [byService, byBytes]
        return orders.map { order in
            "\(head)\n" + order.map { "\($0.name):\($0.value)\n" }.joined() + resource
        }
    }

    /// Throws unless the request was made within a quarter of an hour, and for this account.
    public func check(
        _ request: ServiceRequest, account: String, at now: BlobTime
    ) throws(BlobRefusal) {
        guard account == self.account else {
            throw .authentication(
                "The Authorization header names another account than the address.")
        }
        let date = Self.date(request.headers)
        guard let time = BlobTime(http: request.headers["x-ms-date"] ?? date) else {
            throw .authentication("Neither x-ms-date nor Date is a date of the form of RFC 1123.")
        }
        guard abs(time.seconds - now.seconds) <= 15 * 60 else {
            throw .authentication("The date header in the request is incorrect: \(time.http).")
        }
    }

    /// The refusal of a signature that isn't one of these texts.
    public func refusal(_ texts: [String]) -> BlobRefusal {
        .authentication(
            """
            The MAC signature found in the HTTP request is not the same as any computed signature. \
            Server used following string to sign: '\(texts.first ?? "")'.
            """)
    }

    // MARK: What is signed

    private static func date(_ headers: HeaderFields) -> String {
        headers["x-ms-date"] == nil ? headers["date"] ?? "" : ""
    }

    private static func value(_ name: String, _ headers: HeaderFields) -> String {
        switch name {
        case "date": date(headers)
        case "content-length":
            headers[name].map { $0.utf8.allSatisfy { $0 == UInt8(ascii: "0") } ? "" : $0 } ?? ""
        default: headers[name] ?? ""
        }
    }

    /// Names in small letters, values of one name joined, spaces around them and line ends within them gone.
    private static func serviceHeaders(_ headers: HeaderFields) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for field in headers.fields {
            let name = field.name.lowercased()
            guard name.hasPrefix("x-ms-") else { continue }
            values[name, default: []].append(
                String(field.value.drop { $0 == " " }).replacingLineEnds)
        }
        return values.map { ($0.key, $0.value.joined(separator: ",")) }
    }

    /// The service's order of names: hyphens count only where nothing else tells two apart, and then the name whose
    /// hyphen comes first goes behind.
    static func precedes(_ left: String, _ right: String) -> Bool {
        let hyphen = UInt8(ascii: "-")
        let plain = (
            left.utf8.lazy.filter { $0 != hyphen }, right.utf8.lazy.filter { $0 != hyphen }
        )
        if !plain.0.elementsEqual(plain.1) {
            return plain.0.lexicographicallyPrecedes(plain.1) { weight($0) < weight($1) }
        }
        for (one, other) in zip(left.utf8, right.utf8) where one != other { return other == hyphen }
        return left.utf8.count < right.utf8.count
    }

    /// `_` goes before digits, and digits before letters.
    private static func weight(_ byte: UInt8) -> UInt8 { byte == UInt8(ascii: "_") ? 0x2F : byte }

    private static func parameters(_ query: String) -> String {
        var values: [String: [String]] = [:]
        for (name, value) in PercentEncoding.pairs(query) ?? [] {
            values[name.lowercased(), default: []].append(value)
        }
        return values.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { "\n\($0.key):\($0.value.sorted().joined(separator: ","))" }.joined()
    }

    private static func component(_ query: String) -> String {
        let pairs = PercentEncoding.pairs(query) ?? []
        return pairs.first { $0.name.equalsIgnoringCase("comp") }.map { "?comp=\($0.value)" } ?? ""
    }
}

extension String {
    /// Line ends, and the spaces behind them, as one space: values that were folded.
    fileprivate var replacingLineEnds: String {
        guard utf8.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return self }
        return split { $0.isNewline }.map { $0.drop { $0 == " " || $0 == "\t" } }.joined(
            separator: " ")
    }
}
