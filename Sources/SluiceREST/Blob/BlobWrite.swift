/// What all requests say that make or change a blob.
public struct BlobWrite: Sendable {
    /// When it is to be done.
    public let conditions: BlobConditions
    /// The lease that it is done under; nil for none.
    public let lease: String?
    /// The metadata that it sets.
    public let metadata: BlobMetadata
    /// The key that the request brought.
    public let key: CustomerKey?
    /// The encryption scope that it asks for.
    public let encryptionScope: String?
    /// Where the blob is to be kept; nil for the account's own choice.
    public let tier: BlobTier?

    /// Reads what the headers of Put Blob, Put Block, Put Block List, Set Blob Metadata, Set Blob Properties, Snapshot Blob
    /// and copies have in common.
    ///
    /// Throws what its parts throw, and `NotImplemented` for tags, immutability and legal holds.
    public init(
        _ request: ServiceRequest, sha256: ([UInt8]) -> [UInt8]
    ) throws(BlobRefusal) {
        try Self.refuseUnemulated(request.headers)
        conditions = try BlobConditions(request.headers)
        lease = try LeaseRequest.id(request.headers)
        metadata = try BlobMetadata(request.headers)
        key = try CustomerKey.read(request, sha256: sha256)
        encryptionScope = try CustomerKey.encryptionScope(request.headers)
        tier = try BlobTier.read(request.headers)
    }

    private static func refuseUnemulated(_ headers: HeaderFields) throws(BlobRefusal) {
        let features = [
            ("x-ms-tags", "Tags of blobs"),
            ("x-ms-immutability-policy-mode", "Immutability policies"),
            ("x-ms-immutability-policy-until-date", "Immutability policies"),
            ("x-ms-legal-hold", "Legal holds"), ("x-ms-seal-blob", "Append blobs: Seal"),
        ]
        for (name, feature) in features {
            guard let value = headers[name], !value.isEmpty, value.lowercased() != "false" else {
                continue
            }
            throw .notEmulated(feature)
        }
        if let option = headers["x-ms-copy-source-tag-option"], option.lowercased() == "copy" {
            throw .notEmulated("Tags of blobs")
        }
    }
}

/// What a request says of the bytes in its body.
public struct BodyTransfer: Hashable, Sendable {
    /// The most bytes of one Put Blob: 5,000 MiB.
    public static let mostPutBytes = 5000 << 20
    /// The most bytes of a block: 4,000 MiB.
    public static let mostBlockBytes = 4000 << 20

    /// The length of the body.
    public let byteCount: Int
    /// The length of the content, which is shorter where the body is structured.
    public let contentByteCount: Int
    /// Whether a ``StructuredBodyDecoder`` has to take it apart.
    public let isStructured: Bool
    /// What the content is to be compared with.
    public let checksums: Checksums

    /// Reads the headers of Put Blob or Put Block.
    ///
    /// Throws `MissingContentLengthHeader`, `RequestBodyTooLarge`, and what ``Checksums`` and ``StructuredBody`` throw.
    public init(_ headers: HeaderFields, isBlock: Bool) throws(BlobRefusal) {
        guard let length = headers["Content-Length"] else {
            throw BlobRefusal(.missingContentLengthHeader)
        }
        guard let byteCount = Int(length), byteCount >= 0 else {
            throw .header("Content-Length", length)
        }
        let content = try StructuredBody.contentByteCount(headers)
        let most = isBlock ? Self.mostBlockBytes : Self.mostPutBytes
        guard (content ?? byteCount) <= most else {
            throw BlobRefusal(
                .requestBodyTooLarge,
                fields: [BlobRefusal.Field(name: "MaxLimit", value: String(most))])
        }
        if let content, !(0...StructuredBody.mostFrameBytes).contains(byteCount - content) {
            throw .header("x-ms-structured-content-length", String(content))
        }
        self.byteCount = byteCount
        contentByteCount = content ?? byteCount
        isStructured = content != nil
        checksums = try Checksums(headers)
    }
}

/// How a blob is to be deleted.
public struct DeleteRequest: Hashable, Sendable {
    /// What becomes of its snapshots.
    public enum Snapshots: String, Sendable {
        /// They go, and the blob does.
        case include
        /// They go, and the blob stays.
        case only
    }

    /// What becomes of its snapshots; nil where it has none.
    public let snapshots: Snapshots?
    /// When it is to be done.
    public let conditions: BlobConditions
    /// The lease that it is done under.
    public let lease: String?

    /// Reads the headers of Delete Blob.
    ///
    /// Throws `InvalidHeaderValue`; `InvalidOperation` for a snapshot with this header; `NotImplemented` for deleting for
    /// good.
    public init(_ headers: HeaderFields, _ route: BlobRoute) throws(BlobRefusal) {
        let name = "x-ms-delete-snapshots"
        if let text = headers[name], !text.isEmpty {
            guard let snapshots = Snapshots(rawValue: text.lowercased()) else {
                throw .header(name, text)
            }
            guard route.snapshot == nil else {
                throw BlobRefusal(
                    .invalidOperation, "A snapshot has no snapshots; leave \(name) out.")
            }
            self.snapshots = snapshots
        } else {
            snapshots = nil
        }
        guard route.parameters.present("deletetype") == nil else {
            throw .notEmulated("Deleting for good what is soft-deleted")
        }
        guard headers["x-ms-access-tier-if-modified-since"] == nil,
            headers["x-ms-access-tier-if-unmodified-since"] == nil
        else { throw .notEmulated("Conditions on tiers") }
        conditions = try BlobConditions(headers)
        lease = try LeaseRequest.id(headers)
    }

    /// Throws `SnapshotsPresent` where the blob has snapshots and the request doesn't say what becomes of them.
    public func check(hasSnapshots: Bool, isSnapshot: Bool) throws(BlobRefusal) {
        guard !hasSnapshots || snapshots != nil || isSnapshot else {
            throw BlobRefusal(.snapshotsPresent)
        }
    }
}
