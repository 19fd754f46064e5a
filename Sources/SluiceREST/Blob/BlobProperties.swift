/// What there is to say of a block blob, or of a snapshot of one.
public struct BlobProperties: Hashable, Sendable {
    /// When a soft-deleted blob was deleted, and how many days it can still be brought back.
    public struct Deletion: Hashable, Sendable {
        /// When.
        public var time: BlobTime
        /// In days, rounded down.
        public var remainingDays: Int

        /// All of it.
        public init(time: BlobTime, remainingDays: Int) {
            self.time = time
            self.remainingDays = remainingDays
        }
    }

    /// The entity tag, without quotation marks.
    public var etag: String
    /// When it was made.
    public var created: BlobTime
    /// When it was changed.
    public var lastModified: BlobTime
    /// Its length.
    public var byteCount: Int
    /// What is said of its content.
    public var content = ContentHeaders()
    /// Its metadata.
    public var metadata = BlobMetadata.none
    /// Its lease.
    public var lease = BlobLease.none
    /// The copy that made it.
    public var copy: CopyState?
    /// Where it is kept.
    public var tier = BlobTier.hot
    /// Whether that is the account's own choice.
    public var isTierInferred = true
    /// When somebody chose.
    public var tierChanged: BlobTime?
    /// Where it goes, while it is taken out of the archive.
    public var rehydration: BlobTier?
    /// How soon.
    public var rehydratePriority: RehydratePriority?
    /// The encryption scope that it is sealed under; nil for the account's own.
    public var encryptionScope: String?
    /// SHA-256, 32 bytes, of the key that a client gave; nil for one of the service.
    public var keySHA256: [UInt8]?
    /// Which snapshot it is; nil for the blob itself.
    public var snapshot: BlobTime?
    /// Nil for one that is there.
    public var deletion: Deletion?

    /// A blob of which nothing else is said.
    public init(etag: String, created: BlobTime, lastModified: BlobTime, byteCount: Int) {
        self.etag = etag
        self.created = created
        self.lastModified = lastModified
        self.byteCount = byteCount
    }

    /// What conditions are evaluated against.
    public var subject: ConditionSubject {
        ConditionSubject(etag: etag, lastModified: lastModified)
    }

    /// `rehydrate-pending-to-hot`, or nil.
    var archiveStatus: String? {
        rehydration.map { "rehydrate-pending-to-\($0.rawValue.lowercased())" }
    }

    /// Throws `BlobArchived` or `BlobBeingRehydrated` where its bytes can't be had.
    public func checkReadable() throws(BlobRefusal) {
        guard tier == .archive else { return }
        throw BlobRefusal(rehydration == nil ? .blobArchived : .blobBeingRehydrated)
    }

    /// Throws unless a request gives the key that the blob is sealed under, or none where it is sealed under none.
    public func check(_ key: CustomerKey?) throws(BlobRefusal) {
        guard keySHA256 != nil || key == nil else {
            throw BlobRefusal(.blobDoesNotUseCustomerSpecifiedEncryption)
        }
        guard keySHA256 == key?.sha256 else {
            throw BlobRefusal(.blobUsesCustomerSpecifiedEncryption)
        }
    }
}

/// What there is to say of a container.
public struct ContainerProperties: Hashable, Sendable {
    /// The entity tag, without quotation marks.
    public var etag: String
    /// When it was changed.
    public var lastModified: BlobTime
    /// Its metadata.
    public var metadata = BlobMetadata.none
    /// Its lease.
    public var lease = BlobLease.none
    /// What it shows to everybody; nil for nothing.
    public var publicAccess: PublicAccess?
    /// The encryption scope of blobs that are put without one.
    public var encryptionScope: String?
    /// Whether no other may be asked for.
    public var deniesOtherScopes = false
    /// Nil for one that is there.
    public var deletion: BlobProperties.Deletion?
    /// Which of several that were deleted under this name; nil for one that is there.
    public var version: String?

    /// A container of which nothing else is said.
    public init(etag: String, lastModified: BlobTime) {
        self.etag = etag
        self.lastModified = lastModified
    }

    /// What conditions are evaluated against.
    public var subject: ConditionSubject {
        ConditionSubject(etag: etag, lastModified: lastModified)
    }

    /// What is shown where nothing was set.
    static let accountScope = "$account-encryption-key"

    /// The encryption scope under which a blob is put: the request's, or else the container's; nil for the account's own.
    ///
    /// Throws `RequestEncryptionScopeNotAllowed` for another than the container's where that denies it.
    public func encryptionScope(requested: String?) throws(BlobRefusal) -> String? {
        guard let requested, requested != Self.accountScope else { return encryptionScope }
        guard !deniesOtherScopes || requested == encryptionScope else {
            throw BlobRefusal(.requestEncryptionScopeNotAllowed)
        }
        return requested
    }
}

/// The headers of Create Container and Set Container Metadata.
public struct ContainerWrite: Sendable {
    /// The metadata that it sets.
    public let metadata: BlobMetadata
    /// What it shows to everybody.
    public let publicAccess: PublicAccess?
    /// The encryption scope of blobs that are put without one.
    public let encryptionScope: String?
    /// Whether no other may be asked for.
    public let deniesOtherScopes: Bool
    /// When it is to be done.
    public let conditions: BlobConditions
    /// The lease that it is done under.
    public let lease: String?

    /// Throws `InvalidHeaderValue`, `MissingRequiredHeader` for one of the scope's headers without the other, and what
    /// metadata throws.
    public init(_ headers: HeaderFields) throws(BlobRefusal) {
        metadata = try BlobMetadata(headers)
        publicAccess = try PublicAccess.read(headers)
        conditions = try BlobConditions(headers)
        lease = try LeaseRequest.id(headers)
        let names = ("x-ms-default-encryption-scope", "x-ms-deny-encryption-scope-override")
        deniesOtherScopes = try BlobRange.flag(names.1, headers)
        guard let scope = headers[names.0], !scope.isEmpty else {
            guard headers[names.1] == nil else { throw .missingHeader(names.0) }
            encryptionScope = nil
            return
        }
        guard headers[names.1] != nil else { throw .missingHeader(names.1) }
        try CustomerKey.checkScope(scope, names.0)
        encryptionScope = scope == ContainerProperties.accountScope ? nil : scope
    }
}
