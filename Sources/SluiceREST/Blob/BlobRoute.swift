/// What a request asks for, and of what.
///
/// Invariant: an operation on a container has a container, one on a blob a blob, and names are ones that the service
/// allows.
public struct BlobRoute: Sendable {
    /// What is asked.
    public let operation: BlobOperation
    /// Of what.
    public let address: BlobAddress
    /// The snapshot that is meant; nil for the blob itself.
    public let snapshot: BlobTime?
    /// The query's parameters, decoded, in order.
    public let parameters: BlobQuery

    /// Reads a request's method, path and query, and of its headers what tells operations apart.
    ///
    /// Throws what the service answers to what it has no operation for, and `NotImplemented` with the name of what isn't
    /// emulated.
    public init(_ request: ServiceRequest, host: BlobAddress.Host) throws(BlobRefusal) {
        let query = try BlobQuery(request.query)
        let resourceType = query["restype"]?.lowercased()
        let component = query["comp"]?.lowercased()
        let address = try BlobAddress(
            path: request.path, host: host, isContainer: resourceType == "container")
        self.address = address
        parameters = query
        if query["versionid"] != nil || query["startfrom"] != nil || query["endbefore"] != nil {
            throw .notEmulated(
                query["versionid"] != nil ? "Versions of blobs" : "Listing from a name on")
        }
        if request.method == "OPTIONS" {
            operation = .preflight
        } else if address.blob != nil {
            operation = try Self.blob(request, component, resourceType)
        } else if address.container != nil {
            guard resourceType == "container" || resourceType == "account" else {
                throw resourceType.map { .query("restype", $0) } ?? .missingQuery("restype")
            }
            operation = try Self.container(request.method, component, resourceType, query)
        } else {
            operation = try Self.service(request.method, component, resourceType)
        }
        if address.isSecondary && !operation.isRead {
            throw BlobRefusal(
                .insufficientAccountPermissions,
                "The second region takes no writes; ask the first one.")
        }
        if let container = address.container { try BlobNames.checkContainer(container) }
        if let blob = address.blob { try BlobNames.checkBlob(blob) }
        guard let text = query["snapshot"] else {
            snapshot = nil
            return
        }
        guard let time = BlobTime(iso: text), time.exact == text else {
            throw .query("snapshot", text, "It isn't the time of a snapshot.")
        }
        guard address.blob != nil, Self.takesSnapshots.contains(operation) else {
            throw BlobRefusal(
                .invalidOperation, "A snapshot can't be changed; leave the parameter out.")
        }
        snapshot = time
    }

    private static let takesSnapshots: Set<BlobOperation> = [
        .getBlob, .getBlobProperties, .getBlobMetadata, .getBlockList, .deleteBlob, .setBlobTier,
    ]

    // MARK: Operations

    private static func service(
        _ method: String, _ component: String?, _ resourceType: String?
    ) throws(BlobRefusal) -> BlobOperation {
        switch (method, resourceType, component) {
        case ("GET", nil, "list"): return .listContainers
        case ("GET", "service", "properties"): return .getServiceProperties
        case ("PUT", "service", "properties"): return .setServiceProperties
        case ("GET", "service", "stats"): return .getServiceStats
        case ("POST", "service", "userdelegationkey"): return .getUserDelegationKey
        case ("GET", "account", "properties"), ("HEAD", "account", "properties"):
            return .getAccountInformation
        case ("POST", nil, "batch"): return .batch
        case (_, nil, "blobs"): throw .notEmulated("Finding blobs by tags")
        default:
            throw refused(
                method, component, resourceType,
                components: ["list", "properties", "stats", "userdelegationkey", "batch"])
        }
    }

    private static func container(
        _ method: String, _ component: String?, _ resourceType: String?, _ query: BlobQuery
    ) throws(BlobRefusal) -> BlobOperation {
        if resourceType == "account" {
            guard component == "properties" else {
                throw refused(method, component, resourceType, components: ["properties"])
            }
            guard method == "GET" || method == "HEAD" else { throw verb(method) }
            return .getAccountInformation
        }
        switch (method, component) {
        case ("PUT", nil): return .createContainer
        case ("GET", nil), ("HEAD", nil): return .getContainerProperties
        case ("DELETE", nil): return .deleteContainer
        case ("GET", "metadata"), ("HEAD", "metadata"): return .getContainerMetadata
        case ("PUT", "metadata"): return .setContainerMetadata
        case ("GET", "acl"), ("HEAD", "acl"): return .getContainerACL
        case ("PUT", "acl"): return .setContainerACL
        case ("PUT", "lease"): return .leaseContainer
        case ("GET", "list"): return .listBlobs
        case ("PUT", "undelete"): return .restoreContainer
        case ("POST", "batch"): return .batch
        case (_, "rename"): throw .notEmulated("Renaming containers")
        case (_, "blobs"): throw .notEmulated("Finding blobs by tags")
        default:
            throw refused(
                method, component, resourceType,
                components: ["metadata", "acl", "lease", "list", "undelete", "batch"])
        }
    }

    private static func blob(
        _ request: ServiceRequest, _ component: String?, _ resourceType: String?
    ) throws(BlobRefusal) -> BlobOperation {
        if resourceType == "account", component == "properties" {
            guard request.method == "GET" || request.method == "HEAD" else {
                throw verb(request.method)
            }
            return .getAccountInformation
        }
        guard resourceType == nil else { throw .query("restype", resourceType ?? "") }
        if let feature = component.flatMap({ unemulated[$0] }) { throw .notEmulated(feature) }
        switch (request.method, component) {
        case ("GET", nil): return .getBlob
        case ("HEAD", nil): return .getBlobProperties
        case ("DELETE", nil): return .deleteBlob
        case ("PUT", nil): return try put(request.headers)
        case ("GET", "metadata"), ("HEAD", "metadata"): return .getBlobMetadata
        case ("PUT", "metadata"): return .setBlobMetadata
        case ("PUT", "properties"): return .setBlobProperties
        case ("PUT", "tier"): return .setBlobTier
        case ("PUT", "snapshot"): return .snapshotBlob
        case ("PUT", "undelete"): return .undeleteBlob
        case ("PUT", "lease"): return .leaseBlob
        case ("PUT", "copy"): return .abortCopyBlob
        case ("PUT", "block"):
            return request.headers["x-ms-copy-source"] == nil ? .putBlock : .putBlockFromURL
        case ("PUT", "blocklist"): return .putBlockList
        case ("GET", "blocklist"): return .getBlockList
        default:
            throw refused(
                request.method, component, resourceType,
                components: [
                    "metadata", "properties", "tier", "snapshot", "undelete", "lease", "copy",
                    "block", "blocklist",
                ])
        }
    }

    private static let unemulated = [
        "page": "Page blobs: Put Page", "pagelist": "Page blobs: Get Page Ranges",
        "incrementalcopy": "Page blobs: Incremental Copy Blob",
        "appendblock": "Append blobs: Append Block", "seal": "Append blobs: Seal",
        "tags": "Tags of blobs", "query": "Query Blob Contents", "expiry": "Set Blob Expiry",
        "immutabilitypolicies": "Immutability policies", "legalhold": "Legal holds",
    ]

    private static func put(_ headers: HeaderFields) throws(BlobRefusal) -> BlobOperation {
        if headers["x-ms-copy-source"] == nil || headers["x-ms-blob-type"] != nil {
            guard let type = headers["x-ms-blob-type"] else {
                throw .missingHeader("x-ms-blob-type")
            }
            switch type.lowercased() {
            case "blockblob": break
            case "pageblob": throw .notEmulated("Page blobs: Put Blob")
            case "appendblob": throw .notEmulated("Append blobs: Put Blob")
            default: throw .header("x-ms-blob-type", type)
            }
            return headers["x-ms-copy-source"] == nil ? .putBlob : .putBlobFromURL
        }
        switch headers["x-ms-requires-sync"]?.lowercased() {
        case nil, "false": return .copyBlob
        case "true": return .copyBlobFromURL
        case let value?: throw .header("x-ms-requires-sync", value)
        }
    }

    // MARK: Refusals

    private static func verb(_ method: String) -> BlobRefusal {
        BlobRefusal(.unsupportedHttpVerb, "Nothing there answers to \(method.prefix(20)).")
    }

    private static func refused(
        _ method: String, _ component: String?, _ resourceType: String?, components: Set<String>
    ) -> BlobRefusal {
        if let component, !components.contains(component) { return .query("comp", component) }
        if let resourceType, !["container", "service", "account"].contains(resourceType) {
            return .query("restype", resourceType)
        }
        return verb(method)
    }
}
