internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Lends the content of objects: the row, the keys, the sealed bytes. Thread-safe.
final class ObjectContents: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry
    let finder: ObjectFinder
    let keyring: ObjectKeyring
    let authorizer: ReadAuthorizer
    let readRewrapper: ReadRewrapper

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry, finder: ObjectFinder,
        keyring: ObjectKeyring, authorizer: ReadAuthorizer, readRewrapper: ReadRewrapper
    ) {
        self.context = context
        self.cache = cache
        self.registry = registry
        self.finder = finder
        self.keyring = keyring
        self.authorizer = authorizer
        self.readRewrapper = readRewrapper
    }

    /// Looks an object up and lends its content; errors of `body` name the object.
    func withContent<Value>(
        of name: ObjectName, in scopeName: ScopeName, if condition: Condition = .always,
        _ body: (ObjectContent) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let scope = try registry.scopeForRead(scopeName, of: name)
        let tag = try finder.tag(of: name, in: scope)
        var lastID: [UInt8]?
        while true {
            let found = try cache.known(in: scope).findWithContent(tag, in: catalog)
            guard let found else { throw try finder.absence(of: name, in: scope) }
            do throws(StoreError) {
                let object = try finder.authenticate(found.row, name: name, in: scope)
                guard !finder.isRemoved(object, name) else {
                    throw try finder.absence(of: name, in: scope)
                }
                try finder.check(condition, of: object, named: name)
                try finder.take(condition.providedKey, for: object)
                let keys = try keyring.keys(of: found.row, authenticated: object)
                if let content = try content(of: object, keys, found.content) {
                    let value = try body(content)
                    readRewrapper.offerIfOld(object)
                    return value
                }
            } catch {
                guard error.isMissingBlob, lastID != found.row.objectID else {
                    throw error.ofRead(name)
                }
            }
            // Replaced or removed since it was looked up: then the catalog says so now.
            guard lastID != found.row.objectID else {
                throw StoreError(
                    .integrity, "the blob of '\(name)' is missing",
                    about: .object(name.description),
                    remedies: [.restoreBackup])
            }
            lastID = found.row.objectID
        }
    }

    /// What it takes to read an object; nil if its blob is gone.
    func content(
        of object: OpenObject, _ place: BlobContent
    ) throws(StoreError) -> ObjectContent? {
        try content(of: object, try keyring.keys(of: object), place)
    }

    /// Whether the sealed bytes of an object are there, all of them; throws if there are more or fewer.
    func isThere(_ object: OpenObject, _ place: BlobContent) throws(StoreError) -> Bool {
        let row = object.row
        switch place {
        case .inline(let bytes):
            guard bytes.count == row.storedByteCount else {
                throw Self.wrongSize(bytes.count, row.storedByteCount)
            }
            return true
        case .file:
            guard let blob = try blobs.open(row.objectID, byteCount: row.storedByteCount) else {
                return false
            }
            guard blob.byteCount == row.storedByteCount else {
                throw Self.wrongSize(blob.byteCount, row.storedByteCount)
            }
            return true
        }
    }

    private func content(
        of object: OpenObject, _ keys: ObjectKeys, _ place: BlobContent
    ) throws(StoreError) -> ObjectContent? {
        switch place {
        case .inline(let bytes):
            return ObjectContent(
                object: object, keys: keys, blob: InlineBlob(bytes: bytes), inlineBytes: bytes)
        case .file:
            let row = object.row
            guard let blob = try blobs.open(row.objectID, byteCount: row.storedByteCount)
            else { return nil }
            return ObjectContent(object: object, keys: keys, blob: blob, inlineBytes: nil)
        }
    }

    /// Whether an object may be read, now and while its chunks are opened.
    func standing(of content: ObjectContent) throws(StoreError) -> ReadStanding {
        HeldReading(try authorizer.reading(content.object)).standing
    }

    /// How to open an object's bytes.
    func opening(
        _ content: ObjectContent, progress: ProgressMeter?, standing: ReadStanding
    ) throws(StoreError) -> ContentOpening {
        let row = content.object.row
        guard row.codec == .extents else {
            return .blob(
                try opening(
                    content.blob, content.object.layout, row.codec,
                    storedByteCount: row.storedByteCount, content.keys, progress, standing))
        }
        return .extents(
            ExtentOpening(
                table: try extentTable(of: content), workers: workers, progress: progress
            ) { [self] extent throws(StoreError) in
                try opening(extent, progress, standing)
            })
    }

    /// The table of an object of extents.
    func extentTable(of content: ObjectContent) throws(StoreError) -> OpenExtentTable {
        let row = content.object.row
        guard content.blob.byteCount == row.storedByteCount else {
            throw Self.wrongSize(content.blob.byteCount, row.storedByteCount)
        }
        return try OpenExtentTable(
            blob: content.blob, byteCount: row.byteCount, storedByteCount: row.storedByteCount,
            keys: content.keys, library: library)
    }

    /// Opens all bytes of an extent, which is no zeros; throws if they aren't what was sealed, or not there.
    func check(_ extent: Extent, standing: ReadStanding, _ halt: Halt) throws(StoreError) {
        let opening = try opening(extent, nil, standing)
        try opening.run(0..<opening.layout.byteCount, to: VoidTarget(), halt: halt)
        try halt.check()
    }

    /// How to open the bytes of an extent that is no zeros.
    private func opening(
        _ extent: Extent, _ progress: ProgressMeter?, _ standing: ReadStanding
    ) throws(StoreError) -> Opening {
        let entry = extent.entry
        // An entry was decoded only if this is possible.
        guard let keys = extent.keys, let codec = entry.codec,
            let layout = ChunkLayout(
                byteCount: entry.extentByteCount, chunkSize: entry.chunkSize)
        else { preconditionFailure("an extent without bytes was to be opened") }
        guard let blob = try blobs.open(entry.blobID, byteCount: entry.storedByteCount) else {
            throw StoreError(reading: BlobError(.missing, "the blob of an extent is missing"))
        }
        return try opening(
            blob, layout, codec, storedByteCount: entry.storedByteCount, keys, progress, standing)
    }

    private func opening(
        _ blob: any SealedBytes, _ layout: ChunkLayout, _ codec: Codec, storedByteCount: Int,
        _ keys: ObjectKeys, _ progress: ProgressMeter?, _ standing: ReadStanding
    ) throws(StoreError) -> Opening {
        var table: OpenTable?
        if codec == .lz4 {
            table = try OpenTable(
                blob: blob, layout: layout, storedByteCount: storedByteCount, keys: keys,
                library: library)
        } else if storedByteCount != layout.rawStoredByteCount {
            throw StoreError(.integrity, "its row has an impossible size")
        }
        guard blob.byteCount == storedByteCount else {
            throw Self.wrongSize(blob.byteCount, storedByteCount)
        }
        return Opening(
            keys: keys, layout: layout, blob: blob, table: table, workers: workers,
            progress: progress, standing: standing)
    }

    private static func wrongSize(_ byteCount: Int, _ expected: Int) -> StoreError {
        StoreError(.integrity, "its blob has \(byteCount) bytes instead of \(expected)")
    }
}

/// An object that can be read: its row, its keys, its sealed bytes.
struct ObjectContent: Sendable {
    let object: OpenObject
    let keys: ObjectKeys
    let blob: any SealedBytes
    let inlineBytes: [UInt8]?
}
