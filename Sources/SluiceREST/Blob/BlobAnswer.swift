internal import SluiceAccess

/// The headers of answers, but for those that every answer has: they are ``common(_:requestID:at:)``.
public enum BlobAnswer {
    /// The newest version that the answers follow; a request that names none gets it.
    public static let version = "2026-10-06"

    /// Those of every answer: identifiers, the version that was asked for, the date.
    public static func common(
        _ request: ServiceRequest, requestID: String, at time: BlobTime
    ) -> HeaderFields {
        var headers = HeaderFields()
        headers.add("x-ms-request-id", requestID)
        headers.add("x-ms-version", request.headers["x-ms-version"] ?? version)
        if let id = request.headers["x-ms-client-request-id"], id.utf8.count <= 1024 {
            headers.add("x-ms-client-request-id", id)
        }
        headers.add("Date", time.http)
        return headers
    }

    /// What tells which state there is now.
    public static func state(_ subject: ConditionSubject) -> HeaderFields {
        var headers = HeaderFields()
        headers.add("ETag", "\"\(subject.etag)\"")
        headers.add("Last-Modified", subject.lastModified.http)
        return headers
    }

    // MARK: Blobs

    /// Of Get Blob and Get Blob Properties, but for the length of the body and checksums of a range.
    ///
    /// - Parameters:
    ///   - bytes: The range that is given; nil for the whole.
    ///   - overrides: What a shared access signature says instead of the blob.
    public static func blob(
        _ blob: BlobProperties, bytes: Range<Int>? = nil, overrides: [HeaderFields.Field] = []
    ) -> HeaderFields {
        var headers = state(blob.subject)
        headers.add("Content-Type", blob.content.type)
        headers.add("Content-Encoding", blob.content.encoding)
        headers.add("Content-Language", blob.content.language)
        headers.add("Content-Disposition", blob.content.disposition)
        headers.add("Cache-Control", blob.content.cacheControl)
        headers.add("Accept-Ranges", "bytes")
        let md5 = blob.content.md5.map { Base64.encode($0) }
        if let bytes {
            headers.add("Content-Range", BlobRange.header(bytes, of: blob.byteCount))
            headers.add("x-ms-blob-content-md5", md5)
        } else {
            headers.add("Content-MD5", md5)
        }
        headers.add("x-ms-blob-type", "BlockBlob")
        headers.add("x-ms-creation-time", blob.created.http)
        add(blob.lease, &headers)
        add(blob, tierOf: &headers)
        if let copy = blob.copy { add(copy, &headers) }
        headers.add("x-ms-server-encrypted", "true")
        addEncryption(blob, &headers)
        headers.fields += blob.metadata.fields
        for field in overrides { headers[field.name] = field.value }
        return headers
    }

    /// Of Get Blob Metadata.
    public static func metadata(_ blob: BlobProperties) -> HeaderFields {
        var headers = state(blob.subject)
        addEncryption(blob, &headers)
        headers.fields += blob.metadata.fields
        return headers
    }

    /// Of Put Blob, Put Block List, Set Blob Metadata and Snapshot Blob, of the blob as it is now.
    ///
    /// - Parameters:
    ///   - snapshot: The snapshot that was made.
    ///   - checksums: Those of the bytes that arrived.
    public static func written(
        _ blob: BlobProperties, snapshot: BlobTime? = nil, checksums: Checksums = Checksums()
    ) -> HeaderFields {
        var headers = state(blob.subject)
        headers.add("x-ms-snapshot", snapshot?.exact)
        headers.add("x-ms-request-server-encrypted", "true")
        addEncryption(blob, &headers)
        add(checksums, &headers)
        return headers
    }

    /// Of Put Block, which changes no state.
    public static func block(
        encryptionScope: String?, keySHA256: [UInt8]?, checksums: Checksums, isStructured: Bool
    ) -> HeaderFields {
        var headers = HeaderFields()
        headers.add("x-ms-request-server-encrypted", "true")
        headers.add("x-ms-encryption-scope", encryptionScope)
        headers.add("x-ms-encryption-key-sha256", keySHA256.map { Base64.encode($0) })
        add(checksums, &headers)
        if isStructured { headers.add("x-ms-structured-body", StructuredBody.header) }
        return headers
    }

    /// Of Copy Blob and Copy Blob From URL.
    public static func copied(
        _ blob: BlobProperties, _ copy: CopyState, checksums: Checksums = Checksums()
    ) -> HeaderFields {
        var headers = state(blob.subject)
        headers.add("x-ms-copy-id", copy.id)
        headers.add("x-ms-copy-status", copy.status.rawValue)
        headers.add("x-ms-encryption-scope", blob.encryptionScope)
        add(checksums, &headers)
        return headers
    }

    /// Of Get Block List; `subject` is nil for a blob that has uncommitted blocks only.
    public static func blockList(_ subject: ConditionSubject?, byteCount: Int) -> HeaderFields {
        var headers = subject.map(state) ?? HeaderFields()
        headers.add("Content-Type", "application/xml")
        headers.add("x-ms-blob-content-length", String(byteCount))
        return headers
    }

    /// Of a lease's operations.
    ///
    /// - Parameters:
    ///   - id: The identifier that holds now.
    ///   - remaining: Of a broken one, the seconds until it holds no more.
    public static func lease(
        _ subject: ConditionSubject, id: String? = nil, remaining: Int? = nil
    ) -> HeaderFields {
        var headers = state(subject)
        headers.add("x-ms-lease-id", id)
        headers.add("x-ms-lease-time", remaining.map { String($0) })
        return headers
    }

    /// Checksums of a range, or of what was written.
    public static func add(_ checksums: Checksums, _ headers: inout HeaderFields) {
        headers.add("Content-MD5", checksums.md5.map { Base64.encode($0) })
        headers.add("x-ms-content-crc64", checksums.crc64.map { Base64.encode(CRC64.bytes($0)) })
    }

    // MARK: Containers and accounts

    /// Of Get Container Properties and Get Container Metadata.
    public static func container(_ container: ContainerProperties) -> HeaderFields {
        var headers = state(container.subject)
        add(container.lease, &headers)
        headers.add("x-ms-blob-public-access", container.publicAccess?.rawValue)
        headers.add("x-ms-has-immutability-policy", "false")
        headers.add("x-ms-has-legal-hold", "false")
        headers.add("x-ms-immutable-storage-with-versioning-enabled", "false")
        headers.add(
            "x-ms-default-encryption-scope",
            container.encryptionScope ?? ContainerProperties.accountScope)
        headers.add(
            "x-ms-deny-encryption-scope-override", container.deniesOtherScopes ? "true" : "false")
        headers.fields += container.metadata.fields
        return headers
    }

    /// Of Get Container ACL.
    public static func accessControl(_ container: ContainerProperties) -> HeaderFields {
        var headers = state(container.subject)
        headers.add("x-ms-blob-public-access", container.publicAccess?.rawValue)
        headers.add("Content-Type", "application/xml")
        return headers
    }

    /// Of Get Account Information.
    public static func account(sku: String, kind: String) -> HeaderFields {
        var headers = HeaderFields()
        headers.add("x-ms-sku-name", sku)
        headers.add("x-ms-account-kind", kind)
        headers.add("x-ms-is-hns-enabled", "false")
        return headers
    }

    // MARK: Parts

    private static func add(_ lease: BlobLease, _ headers: inout HeaderFields) {
        headers.add("x-ms-lease-status", lease.isLocked ? "locked" : "unlocked")
        headers.add("x-ms-lease-state", lease.state.rawValue)
        if lease.state == .leased {
            headers.add("x-ms-lease-duration", lease.isInfinite == true ? "infinite" : "fixed")
        }
    }

    private static func add(_ blob: BlobProperties, tierOf headers: inout HeaderFields) {
        headers.add("x-ms-access-tier", blob.tier.rawValue)
        if blob.isTierInferred { headers.add("x-ms-access-tier-inferred", "true") }
        headers.add("x-ms-access-tier-change-time", blob.tierChanged?.http)
        headers.add("x-ms-archive-status", blob.archiveStatus)
        headers.add("x-ms-rehydrate-priority", blob.rehydratePriority?.rawValue)
    }

    private static func add(_ copy: CopyState, _ headers: inout HeaderFields) {
        headers.add("x-ms-copy-id", copy.id)
        headers.add("x-ms-copy-status", copy.status.rawValue)
        headers.add("x-ms-copy-source", copy.source)
        headers.add("x-ms-copy-progress", "\(copy.copied)/\(copy.total)")
        headers.add("x-ms-copy-completion-time", copy.completed?.http)
        headers.add("x-ms-copy-status-description", copy.reason)
    }

    private static func addEncryption(_ blob: BlobProperties, _ headers: inout HeaderFields) {
        headers.add("x-ms-encryption-scope", blob.encryptionScope)
        headers.add("x-ms-encryption-key-sha256", blob.keySHA256.map { Base64.encode($0) })
    }
}

extension HeaderFields {
    /// Appends a field, unless there is no value.
    mutating func add(_ name: String, _ value: String?) {
        if let value { fields.append(Field(name: name, value: value)) }
    }
}
