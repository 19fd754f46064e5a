/// Where a copy comes from: of Copy Blob, Copy Blob From URL, Put Blob From URL and Put Block From URL.
public struct CopySource: Sendable {
    /// What is copied.
    public let address: BlobAddress
    /// The snapshot that is meant; nil for the blob itself.
    public let snapshot: String?
    /// The host that it was named by.
    public let host: String
    /// The query of its address, with a shared access signature, as it was sent.
    public let query: String
    /// The whole, as answers give it back, without its signature.
    public let shown: String
    /// When it is to be done.
    public let conditions: BlobConditions
    /// The lease on it that the request has.
    public let lease: String?
    /// What is to be copied of it; nil for all.
    public let range: (first: Int, last: Int?)?
    /// What it is to be compared with.
    public let checksums: Checksums
    /// The token that it is read with; nil for the request's own credentials or the query's.
    public let token: String?
    /// The key that it is sealed under.
    public let key: CustomerKey?
    /// Whether what is said of its content is copied along, where the request says nothing: of Put Blob From URL.
    public let copiesContentHeaders: Bool

    /// Reads the headers.
    ///
    /// Throws `MissingRequiredHeader`, `InvalidSourceBlobUrl`, `InvalidHeaderValue` and what its parts throw.
    public init(
        _ request: ServiceRequest, sha256: ([UInt8]) -> [UInt8]
    ) throws(BlobRefusal) {
        let headers = request.headers
        guard let url = headers["x-ms-copy-source"] else {
            throw .missingHeader("x-ms-copy-source")
        }
        (address, snapshot, host, query) = try BlobAddress.source(url)
        shown = Self.withoutSignature(url)
        conditions = try BlobConditions(headers, of: .source)
        lease = try LeaseRequest.id(headers, "x-ms-source-lease-id")
        if let text = headers["x-ms-source-range"], !text.isEmpty {
            guard let bounds = BlobRange.bounds(text) else {
                throw .header("x-ms-source-range", text)
            }
            range = bounds
        } else {
            range = nil
        }
        checksums = try Checksums(headers, ofSource: true)
        key = try CustomerKey.read(request, ofSource: true, sha256: sha256)
        copiesContentHeaders =
            headers["x-ms-copy-source-blob-properties"] == nil
            ? true : try BlobRange.flag("x-ms-copy-source-blob-properties", headers)
        if let field = headers["x-ms-copy-source-authorization"] {
            let scheme = "bearer "
            guard field.lowercased().hasPrefix(scheme) else {
                throw .header("x-ms-copy-source-authorization", "", "It is a Bearer token.")
            }
            token = String(field.dropFirst(scheme.count))
        } else {
            token = nil
        }
    }

    /// The address without the parameters of a shared access signature: it would be a secret in everybody's listing.
    static func withoutSignature(_ url: String) -> String {
        guard let mark = url.firstIndex(of: "?") else { return url }
        let kept = url[mark...].dropFirst().split(separator: "&").filter {
            let name = $0.prefix { $0 != "=" }.lowercased()
            return name == "snapshot"
        }
        return url[..<mark] + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
    }
}

/// The state of a copy, as the blob that it made has it.
public struct CopyState: Hashable, Sendable {
    /// How it went.
    public enum Status: String, Sendable {
        /// It is under way.
        case pending
        /// It is done.
        case success
        /// It was ended by a client.
        case aborted
        /// It couldn't be done.
        case failed
    }

    /// Its identifier, a GUID.
    public var id: String
    /// How it went.
    public var status: Status
    /// Where it came from, without a signature.
    public var source: String
    /// Bytes that were copied.
    public var copied: Int
    /// Bytes that there are.
    public var total: Int
    /// When it ended; nil while it is under way.
    public var completed: BlobTime?
    /// Why it went wrong; nil where it didn't.
    public var reason: String?

    /// All of it.
    public init(
        id: String, status: Status, source: String, copied: Int, of total: Int,
        completed: BlobTime?,
        reason: String? = nil
    ) {
        self.id = id
        self.status = status
        self.source = source
        self.copied = copied
        self.total = total
        self.completed = completed
        self.reason = reason
    }

    /// Throws unless this copy may be ended: `NoPendingCopyOperation` where none is under way, `CopyIdMismatch` where
    /// another is, `InvalidHeaderValue` and `MissingRequiredQueryParameter` for a request that doesn't say so.
    public static func checkAbort(
        _ state: CopyState?, _ route: BlobRoute, _ headers: HeaderFields
    ) throws(BlobRefusal) {
        guard let id = route.parameters.present("copyid") else { throw .missingQuery("copyid") }
        guard headers["x-ms-copy-action"]?.lowercased() == "abort" else {
            throw .header("x-ms-copy-action", headers["x-ms-copy-action"] ?? "", "It is abort.")
        }
        guard let state, state.status == .pending else {
            throw BlobRefusal(.noPendingCopyOperation)
        }
        guard state.id.equalsIgnoringCase(id) else { throw BlobRefusal(.copyIdMismatch) }
    }
}
