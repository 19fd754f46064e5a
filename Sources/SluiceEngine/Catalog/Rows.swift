internal import SluiceAccess
internal import SluiceFormat

/// A row of the catalog's `scopes` (FORMAT section 3).
struct ScopeRecord: Sendable, Equatable {
    var rowID: Int
    var scopeID: [UInt8]
    var name: ScopeName
    var keySetting: KeyIdentifier
    var rewrapMode: RewrapMode
    var pollSeconds: Int
    /// When the vault was last asked which version is the newest, in milliseconds since 1970 by the
    /// vaults' clock; no more than a note, which nothing authenticates.
    var polledMilliseconds: Int
    var currentKey: KeyIdentifier
    /// `keys.id` of the current key.
    var currentKeyRowID: Int
    var scheme: UInt8
    var wrappedKey: [UInt8]
    var commitment: [UInt8]
    var createdMilliseconds: Int
    /// The authentication code over all of the above.
    var code: [UInt8]

    func binding(storeID: [UInt8]) -> ScopeBinding {
        ScopeBinding(
            storeID: storeID, scopeID: scopeID, name: name.description,
            keySetting: keySetting.description, rewrapMode: rewrapMode.code,
            pollSeconds: UInt32(clamping: pollSeconds), scheme: scheme,
            keyIdentifier: currentKey.description, wrappedKey: wrappedKey,
            commitment: commitment, createdMilliseconds: createdMilliseconds)
    }
}

/// An object's row, with the wrapped key that it references (FORMAT section 3).
struct ObjectRow: Sendable {
    var rowID: Int
    var tag: [UInt8]
    var directory: [UInt8]
    var objectID: [UInt8]
    var revision: [UInt8]
    var byteCount: Int
    var storedByteCount: Int
    var chunkSize: ChunkSize
    var codec: Codec
    var tableDigest: [UInt8]?
    var commitment: [UInt8]
    var wrappedKeyRowID: Int
    /// `blobs.id`; nil if the bytes are in the row.
    var blobRowID: Int?
    var document: [UInt8]
    var wrapped: WrappedKey
    /// `keys.id` of the key version that wraps the data key.
    var keyRowID: Int

    /// What the document's seal binds of the row, and where it stands.
    func binding(in scope: Scope) -> [UInt8] {
        ObjectBinding.encoded(
            storeID: scope.storeID, scopeID: scope.record.scopeID, tag: tag, directory: directory,
            objectID: objectID, revision: revision, byteCount: byteCount,
            storedByteCount: storedByteCount, chunkSize: chunkSize, codec: codec,
            commitment: commitment, tableDigest: tableDigest)
    }
}

/// Where an object's sealed bytes are.
enum BlobContent: Sendable {
    /// In the catalog.
    case inline([UInt8])
    /// In a blob of their own, named by the object id.
    case file
}

/// A row and its bytes, as one read of the catalog found them.
struct FoundObject: Sendable {
    var row: ObjectRow
    var content: BlobContent
}

/// The row that a look-up by name found.
enum FoundRow: Sendable {
    /// It is as it was when this was authenticated.
    case known(KnownObject)
    /// Nothing is known of it, or something else.
    case new(ObjectRow)

    var objectID: [UInt8] {
        switch self {
        case .known(let known): known.object.row.objectID
        case .new(let row): row.objectID
        }
    }
}

/// What a put asks the catalog to commit: a row without its ids, and the bytes if they are small.
struct NewObject: Sendable {
    var name: ObjectName
    var tag: [UInt8]
    var directory: [UInt8]
    var objectID: [UInt8]
    var revision: [UInt8]
    var byteCount: Int
    var storedByteCount: Int
    var chunkSize: ChunkSize
    var codec: Codec
    var tableDigest: [UInt8]?
    var commitment: [UInt8]
    var document: [UInt8]
    var dataKey: DataKey
    var content: BlobContent
    var modifiedMilliseconds: Int
}

/// What committing a put came to.
struct PutOutcome: Sendable {
    /// Whether there was an object of that name.
    var isReplacement: Bool
    /// The key version that it was committed under.
    var key: KeyIdentifier
}

/// A directory's row.
struct DirectoryRow: Sendable {
    /// Not of a row that is to be inserted.
    var rowID = 0
    var tag: [UInt8]
    var parent: [UInt8]
    var revision: [UInt8]
    var document: [UInt8]
}

/// A row of `wrapped_keys`.
struct WrappedKeyRow: Sendable {
    let rowID: Int
    let keyRowID: Int
    let wrapped: WrappedKey
    let objectCount: Int
    let byteCount: Int
}
