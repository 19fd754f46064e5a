internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// A put's options, once they are known to be in bounds.
struct PutPlan: Sendable {
    var name: ObjectName
    var condition: Condition
    var compression: Compression
    var chunkSize: ChunkSize
    var attributes: ObjectAttributes
    /// The scope for which it is sealed; nil for the one that it is put to.
    var encryptionScope: ScopeName?
    var providedKey: ProvidedKey?
    /// What the commit needs besides the key that it wraps under.
    var needs: Set<KeyUse> = []
    /// What must be so of the object that it is made from, if it is.
    var basis: ExtentBasis?

    /// Whether it changes some of the object's bytes, which leaves no version.
    var isEdit = false

    init(_ name: ObjectName, _ options: PutOptions) throws(StoreError) {
        try name.requireOwn()
        guard let chunkSize = ChunkSize(byteCount: options.chunkByteCount) else {
            throw StoreError(
                .invalidArgument,
                """
                a chunk size of \(options.chunkByteCount) bytes is none of the powers of two from \
                4 KiB to 16 MiB
                """)
        }
        attributes = ObjectAttributes(
            properties: options.properties, metadata: options.metadata)
        try attributes.check()
        guard options.encryptionScope != .pins else {
            throw StoreError.missingScope(.pins)
        }
        encryptionScope = options.encryptionScope
        providedKey = options.providedKey
        self.name = name
        self.chunkSize = chunkSize
        condition = options.condition
        compression = options.compression
    }

    /// The layout of an object of this size.
    func layout(byteCount: Int) throws(StoreError) -> ChunkLayout {
        guard let layout = ChunkLayout(byteCount: byteCount, chunkSize: chunkSize) else {
            throw StoreError(
                .invalidArgument,
                """
                '\(name)' has \(byteCount) bytes, more than an object can have in chunks of \
                \(chunkSize.byteCount)
                """, about: .object(name.description), remedies: [.choose(.largerChunks)])
        }
        return layout
    }
}

/// A new version of an object: its id, its row's revision, its data key and what derives from it.
struct NewVersion: Sendable {
    let objectID: [UInt8]
    let entityTag: [UInt8]
    let revision: [UInt8]
    let keys: ObjectKeys
    let dataKey: DataKey
    let chunkSize: ChunkSize
    let codec: Codec
}
