#if Service
internal import Sluice
internal import SluiceAccess
internal import SluiceREST

/// What the service says of a blob beyond what the store keeps of every object: among its tags.
struct BlobNotes {
    private static let encryptionScopeTag = "scope"
    private static let keyTag = "key"
    private static let tierTag = "tier"
    private static let copyTags = (id: "copy-id", source: "copy-source", time: "copy-time")

    /// The encryption scope that it was put under.
    var encryptionScope: String?
    /// SHA-256 of the key that its requests bring.
    var keySHA256: [UInt8]?
    /// When its tier was set.
    var tierChanged: BlobTime?
    /// The copy that made it.
    var copy: (id: String, source: String, completed: BlobTime)?

    init() {}

    init(_ tags: [String: String]) {
        encryptionScope = tags[Self.encryptionScopeTag]
        keySHA256 = tags[Self.keyTag].flatMap { Base64.decode($0) }
        tierChanged = tags[Self.tierTag].flatMap { BlobTime(iso: $0) }
        if let id = tags[Self.copyTags.id], let source = tags[Self.copyTags.source],
            let time = tags[Self.copyTags.time].flatMap({ BlobTime(iso: $0) })
        {
            copy = (id, source, time)
        }
    }

    var tags: [String: String] {
        var tags: [String: String] = [:]
        tags[Self.encryptionScopeTag] = encryptionScope
        tags[Self.keyTag] = keySHA256.map { Base64.encode($0) }
        tags[Self.tierTag] = tierChanged?.exact
        if let copy {
            tags[Self.copyTags.id] = copy.id
            tags[Self.copyTags.source] = String(copy.source.prefix(200))
            tags[Self.copyTags.time] = copy.completed.exact
        }
        return tags
    }
}

extension BlobTime {
    init(milliseconds: Int) { self.init(ticks: Int64(milliseconds) * 10_000) }
}

extension BlobProperties {
    /// What the service says of an object.
    init(_ info: ObjectInfo, lease: Lease? = nil) {
        self.init(
            etag: info.entityTag.description,
            created: BlobTime(milliseconds: info.createdMilliseconds),
            lastModified: BlobTime(milliseconds: info.modifiedMilliseconds),
            byteCount: info.byteCount)
        content = ContentHeaders(info.properties)
        metadata = BlobMetadata(info.metadata)
        self.lease = BlobLease(lease)
        let notes = BlobNotes(info.properties.tags)
        if let tier = info.properties.tier {
            self.tier = BlobTier(tier)
            isTierInferred = false
        }
        tierChanged = notes.tierChanged
        encryptionScope = notes.encryptionScope
        keySHA256 = notes.keySHA256
        copy = notes.copy.map {
            CopyState(
                id: $0.id, status: .success, source: $0.source, copied: info.byteCount,
                of: info.byteCount, completed: $0.completed)
        }
        if let version = info.name.version, version.kind == .snapshot {
            snapshot = BlobTime(iso: version.id.description)
        }
    }
}

extension BlobTier {
    init(_ tier: AccessTier) {
        self =
            switch tier {
            case .hot: .hot
            case .cool: .cool
            case .cold: .cold
            case .archive: .archive
            }
    }

    /// The store's.
    var stored: AccessTier {
        switch self {
        case .hot: .hot
        case .cool: .cool
        case .cold: .cold
        case .archive: .archive
        }
    }
}

extension BlobMetadata {
    init(_ metadata: [String: String]) {
        self.init(
            stored: metadata.sorted { $0.key < $1.key }.map {
                HeaderFields.Field(name: $0.key, value: $0.value)
            })
    }

    /// As the store keeps it.
    var stored: [String: String] {
        Dictionary(pairs.map { ($0.name, $0.value) }) { _, last in last }
    }
}

extension ContentHeaders {
    init(_ properties: ObjectProperties) {
        self.init()
        let text = { (value: String) in value.isEmpty ? nil : value }
        type = text(properties.contentType) ?? "application/octet-stream"
        encoding = text(properties.contentEncoding)
        language = text(properties.contentLanguage)
        disposition = text(properties.contentDisposition)
        cacheControl = text(properties.cacheControl)
        md5 = properties.contentMD5
    }

    /// Says this in an object's properties.
    func set(_ properties: inout ObjectProperties) {
        properties.contentType = type
        properties.contentEncoding = encoding ?? ""
        properties.contentLanguage = language ?? ""
        properties.contentDisposition = disposition ?? ""
        properties.cacheControl = cacheControl ?? ""
        properties.contentMD5 = md5
    }
}

extension BlobLease {
    init(_ lease: Lease?) {
        guard let lease else {
            self = .none
            return
        }
        let state: State =
            switch lease.state {
            case .leased: .leased
            case .breaking: .breaking
            case .broken: .broken
            case .expired: .expired
            }
        self.init(
            state: state, id: lease.id.description,
            isInfinite: lease.state == .leased ? lease.duration == nil : nil)
    }
}
#endif
