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
                try finder.check(condition, of: object, named: name)
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

    /// How to open an object's chunks.
    func opening(
        _ content: ObjectContent, progress: ProgressMeter?, standing: ReadStanding
    ) throws(StoreError) -> Opening {
        let row = content.object.row
        let layout = content.object.layout
        var table: OpenTable?
        switch row.codec {
        case .raw:
            guard row.storedByteCount == layout.rawStoredByteCount else {
                throw StoreError(.integrity, "its row has an impossible size")
            }
        case .lz4:
            table = try OpenTable(
                blob: content.blob, layout: layout, storedByteCount: row.storedByteCount,
                keys: content.keys, library: library)
        }
        guard content.blob.byteCount == row.storedByteCount else {
            throw StoreError(
                .integrity,
                "its blob has \(content.blob.byteCount) bytes instead of \(row.storedByteCount)")
        }
        return Opening(
            keys: content.keys, layout: layout, blob: content.blob, table: table,
            workers: workers, progress: progress, standing: standing)
    }
}

/// An object that can be read: its row, its keys, its sealed bytes.
struct ObjectContent: Sendable {
    let object: OpenObject
    let keys: ObjectKeys
    let blob: any SealedBytes
    let inlineBytes: [UInt8]?
}
