/// Requests that come together in one: Blob Batch, of deletions or of changes of tier.
public struct BlobBatch: Sendable {
    /// The most requests of one.
    public static let mostRequests = 256
    /// The most bytes of its body: 4 MiB.
    public static let mostBytes = 4 << 20
    private static let mostFields = 64

    /// One of them, and the identifier that its answer has to bear.
    public struct Part: Sendable {
        /// `Content-ID`; nil without one.
        public let id: String?
        /// The request, with the host and connection of the whole and the headers of its own; or why it isn't one that a batch may have.
        public let request: Result<ServiceRequest, BlobRefusal>
    }

    /// In order.
    public let parts: [Part]

    /// Takes a batch's body apart.
    ///
    /// Throws `InvalidHeaderValue` for a content type without a boundary, `RequestBodyTooLarge`, and `InvalidInput` for a body
    /// that isn't of its form, or has no requests or more than 256. A request that isn't one on a blob is a part with an
    /// error, and the others go on.
    public init(_ whole: ServiceRequest, body: [UInt8]) throws(BlobRefusal) {
        guard body.count <= Self.mostBytes else { throw BlobRefusal(.requestBodyTooLarge) }
        let boundary = try Self.boundary(whole.headers)
        var lines = BatchLines(body)
        while true {
            guard let line = lines.next() else { throw Self.invalid("It has no parts.") }
            if line == "--\(boundary)" { break }
        }
        var parts: [Part] = []
        var isLast = false
        while !isLast {
            guard parts.count < Self.mostRequests else {
                throw Self.invalid("It has more than \(Self.mostRequests) requests.")
            }
            let envelope = try Self.fields(&lines)
            let requestLine = lines.next() ?? ""
            let headers = try Self.fields(&lines)
            isLast = try Self.skip(&lines, boundary)
            parts.append(
                Part(
                    id: envelope["Content-ID"],
                    request: Self.request(whole, requestLine, headers)))
        }
        self.parts = parts
    }

    private static func invalid(_ reason: String) -> BlobRefusal {
        BlobRefusal(.invalidInput, reason)
    }

    private static func boundary(_ headers: HeaderFields) throws(BlobRefusal) -> String {
        let type = headers["Content-Type"] ?? ""
        let mark = "boundary="
        for parameter in type.split(separator: ";").dropFirst() {
            let parameter = parameter.drop { $0 == " " }
            guard parameter.lowercased().hasPrefix(mark) else { continue }
            var value = parameter.dropFirst(mark.count)
            if value.count >= 2, value.first == "\"", value.last == "\"" {
                value = value.dropFirst().dropLast()
            }
            guard (1...200).contains(value.utf8.count),
                type.lowercased().hasPrefix("multipart/mixed")
            else { break }
            return String(value)
        }
        throw .header(
            "Content-Type", String(type.prefix(200)), "It is multipart/mixed with a boundary.")
    }

    /// Fields up to an empty line.
    private static func fields(_ lines: inout BatchLines) throws(BlobRefusal) -> HeaderFields {
        var headers = HeaderFields()
        while true {
            guard let line = lines.next() else { throw invalid("It is cut short.") }
            guard !line.isEmpty else { return headers }
            guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
                headers.fields.count < mostFields,
                line.utf8.allSatisfy({ $0 >= 0x20 || $0 == 0x09 })
            else { throw invalid("It has a header that is none, or too many.") }
            let value = line[colon...].dropFirst().drop { $0 == " " }
            headers.add(String(line[..<colon]), String(value))
        }
    }

    /// Skips what may be between a request and the next boundary: nothing; tells whether that is the last.
    private static func skip(
        _ lines: inout BatchLines, _ boundary: String
    ) throws(BlobRefusal) -> Bool {
        while let line = lines.next() {
            if line == "--\(boundary)" { return false }
            if line == "--\(boundary)--" { return true }
            guard line.isEmpty else { throw invalid("A request in a batch has no body.") }
        }
        throw invalid("It is cut short.")
    }

    private static func request(
        _ whole: ServiceRequest, _ line: String, _ headers: HeaderFields
    ) -> Result<ServiceRequest, BlobRefusal> {
        let words = line.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, words[2] == "HTTP/1.1", words[1].hasPrefix("/"),
            words[0] == "DELETE" || words[0] == "PUT"
        else { return .failure(invalid("A batch has requests of DELETE and PUT, by HTTP/1.1.")) }
        var request = whole
        let target = words[1].split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        request.method = String(words[0])
        request.path = String(target[0])
        request.query = target.count > 1 ? String(target[1]) : ""
        request.headers = headers
        return .success(request)
    }

    /// Throws `InvalidInput` unless a part's route is of the batch's container, and one that batches have.
    public static func check(_ route: BlobRoute, in whole: BlobRoute) throws(BlobRefusal) {
        guard route.operation == .deleteBlob || route.operation == .setBlobTier else {
            throw invalid("A batch has Delete Blob and Set Blob Tier alone.")
        }
        guard route.address.account == whole.address.account,
            whole.address.container == nil || whole.address.container == route.address.container
        else { throw invalid("A request is about another account or container than the batch.") }
    }
}

/// Reads lines that end in CR LF, or LF alone; a byte that isn't UTF-8 is replaced.
private struct BatchLines {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    mutating func next() -> String? {
        guard !rest.isEmpty else { return nil }
        let end = rest.firstIndex(of: 0x0A) ?? rest.endIndex
        var line = rest[..<end]
        rest = rest[end...].dropFirst()
        if line.last == 0x0D { line.removeLast() }
        return String(decoding: line, as: UTF8.self)
    }
}

/// Writes the answer of a batch, part by part.
public struct BatchAnswer: Sendable {
    private let boundary: String
    private var bytes: [UInt8] = []

    /// An answer whose parts a boundary divides that is in none of them.
    public init(boundary: String) { self.boundary = boundary }

    /// The answer's `Content-Type`.
    public var contentType: String { "multipart/mixed; boundary=\(boundary)" }

    /// Appends an answer.
    ///
    /// - Parameter id: The `Content-ID` of the request.
    public mutating func part(
        id: String?, status: Int, reason: String, headers: HeaderFields, body: [UInt8] = []
    ) {
        line("--\(boundary)")
        line("Content-Type: application/http")
        if let id { line("Content-ID: \(id)") }
        line("")
        line("HTTP/1.1 \(status) \(reason)")
        for field in headers.fields { line("\(field.name): \(field.value)") }
        if !body.isEmpty { line("Content-Length: \(body.count)") }
        line("")
        bytes += body
        line("")
    }

    /// The whole body.
    public mutating func finish() -> [UInt8] {
        line("--\(boundary)--")
        return bytes
    }

    private mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(0x0D)
        bytes.append(0x0A)
    }
}
