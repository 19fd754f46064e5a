/// The associated data of an object's document: what its row says of it, and where it stands, in an
/// encoding that no other row shares (FORMAT section 7).
///
/// The wrapped key is bound by the commitment, not by its bytes: a rewrap touches no object's row.
package struct ObjectBinding: Equatable, Sendable {
    // The identifiers and tags are 16 bytes each, revision, commitment and digest 32.
    package var storeID: [UInt8]
    package var scopeID: [UInt8]
    package var tag: [UInt8]
    package var directory: [UInt8]
    package var objectID: [UInt8]
    package var entityTag: [UInt8]
    package var revision: [UInt8]
    package var byteCount: Int
    package var storedByteCount: Int
    package var chunkSize: ChunkSize
    package var codec: Codec
    package var commitment: [UInt8]
    private static let label = Array("sluice/2 object row".utf8)
    /// SHA-256 of the sealed chunk table; nil under ``Codec/raw``.
    package var tableDigest: [UInt8]?
    /// The last 16 bytes of the sealed metadata; nil without any.
    package var metadataTag: [UInt8]?

    package init(
        storeID: [UInt8], scopeID: [UInt8], tag: [UInt8], directory: [UInt8], objectID: [UInt8],
        entityTag: [UInt8], revision: [UInt8], byteCount: Int, storedByteCount: Int,
        chunkSize: ChunkSize, codec: Codec, commitment: [UInt8], tableDigest: [UInt8]?,
        metadataTag: [UInt8]?
    ) {
        self.storeID = storeID
        self.scopeID = scopeID
        self.tag = tag
        self.directory = directory
        self.objectID = objectID
        self.entityTag = entityTag
        self.revision = revision
        self.byteCount = byteCount
        self.storedByteCount = storedByteCount
        self.chunkSize = chunkSize
        self.codec = codec
        self.commitment = commitment
        self.tableDigest = tableDigest
        self.metadataTag = metadataTag
    }

    /// The associated data.
    package func encoded() -> [UInt8] {
        Self.encoded(
            storeID: storeID, scopeID: scopeID, tag: tag, directory: directory, objectID: objectID,
            entityTag: entityTag, revision: revision, byteCount: byteCount,
            storedByteCount: storedByteCount, chunkSize: chunkSize, codec: codec,
            commitment: commitment, tableDigest: tableDigest, metadataTag: metadataTag?[...])
    }

    /// The associated data of these fields: a listing makes it for each name, and a value of all of them would
    /// take and drop a reference to each.
    package static func encoded(
        storeID: [UInt8], scopeID: [UInt8], tag: [UInt8], directory: [UInt8], objectID: [UInt8],
        entityTag: [UInt8], revision: [UInt8], byteCount: Int, storedByteCount: Int,
        chunkSize: ChunkSize, codec: Codec, commitment: [UInt8], tableDigest: [UInt8]?,
        metadataTag: ArraySlice<UInt8>?
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 256)
        writer.counted(Self.label)
        writer.fixed(storeID)
        writer.fixed(scopeID)
        writer.fixed(tag)
        writer.fixed(directory)
        writer.fixed(objectID)
        writer.fixed(entityTag)
        writer.fixed(revision)
        writer.integer(UInt64(byteCount))
        writer.integer(UInt64(storedByteCount))
        writer.integer(chunkSize.exponent)
        writer.integer(codec.rawValue)
        writer.integer(Format.suite)
        writer.fixed(commitment)
        writer.counted(tableDigest ?? [])
        writer.integer(UInt16(metadataTag?.count ?? 0))
        if let metadataTag { writer.fixed(metadataTag) }
        return writer.bytes
    }
}

/// The associated data of an object's metadata. Which object they are of, its row's binding says.
package enum MetadataBinding {
    private static let label = Array("sluice/2 metadata row".utf8)

    /// The associated data, from identifiers of 16 bytes.
    package static func encoded(storeID: [UInt8], scopeID: [UInt8]) -> [UInt8] {
        var writer = ByteWriter(capacity: 64)
        writer.counted(label)
        writer.fixed(storeID)
        writer.fixed(scopeID)
        return writer.bytes
    }
}

/// The associated data of a data key that is sealed under an intermediate key.
package enum DataKeyBinding {
    private static let label = Array("sluice/2 data key".utf8)

    /// The associated data, from identifiers of 16 bytes and the version that wraps the intermediate key.
    package static func encoded(
        storeID: [UInt8], scopeID: [UInt8], keyIdentifier: String
    ) -> [UInt8] {
        var writer = ByteWriter(capacity: 192)
        writer.counted(label)
        writer.fixed(storeID)
        writer.fixed(scopeID)
        writer.counted(keyIdentifier)
        return writer.bytes
    }
}

/// The associated data of a directory's document.
package struct DirectoryBinding: Equatable, Sendable {
    package var storeID: [UInt8]
    package var scopeID: [UInt8]
    package var tag: [UInt8]
    package var parent: [UInt8]
    package var revision: [UInt8]

    package init(
        storeID: [UInt8], scopeID: [UInt8], tag: [UInt8], parent: [UInt8], revision: [UInt8]
    ) {
        self.storeID = storeID
        self.scopeID = scopeID
        self.tag = tag
        self.parent = parent
        self.revision = revision
    }

    /// The associated data.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 160)
        writer.counted("sluice/2 directory row")
        writer.fixed(storeID)
        writer.fixed(scopeID)
        writer.fixed(tag)
        writer.fixed(parent)
        writer.fixed(revision)
        return writer.bytes
    }
}

/// What a scope row's authentication code covers: all of its columns (FORMAT section 4).
package struct ScopeBinding: Equatable, Sendable {
    package var storeID: [UInt8]
    package var scopeID: [UInt8]
    package var name: String
    /// The key that the scope is to use: with a version it is pinned, without it follows the vault.
    package var keySetting: String
    /// How objects come under a newer key version: ``RewrapMode``'s code.
    package var rewrapMode: UInt8
    /// How old the vault's answer which version is the newest may grow, in seconds.
    package var pollSeconds: UInt32
    /// Whether what is overwritten or removed stays as a version.
    package var keepsVersions: Bool
    /// How long what is removed is kept, in seconds.
    package var removedSeconds: UInt32
    /// How data keys of new objects are wrapped: a scheme's number.
    package var dataKeyScheme: UInt8
    /// The object id as which its keys are asked for; empty for the store's own.
    package var identity: String
    package var scheme: UInt8
    /// The key version under which the scope key is wrapped now.
    package var keyIdentifier: String
    package var wrappedKey: [UInt8]
    package var commitment: [UInt8]
    package var createdMilliseconds: Int

    package init(
        storeID: [UInt8], scopeID: [UInt8], name: String, keySetting: String, rewrapMode: UInt8,
        pollSeconds: UInt32, keepsVersions: Bool, removedSeconds: UInt32,
        dataKeyScheme: UInt8, identity: String, scheme: UInt8, keyIdentifier: String,
        wrappedKey: [UInt8],
        commitment: [UInt8], createdMilliseconds: Int
    ) {
        self.storeID = storeID
        self.scopeID = scopeID
        self.name = name
        self.keySetting = keySetting
        self.rewrapMode = rewrapMode
        self.pollSeconds = pollSeconds
        self.keepsVersions = keepsVersions
        self.removedSeconds = removedSeconds
        self.dataKeyScheme = dataKeyScheme
        self.identity = identity
        self.scheme = scheme
        self.keyIdentifier = keyIdentifier
        self.wrappedKey = wrappedKey
        self.commitment = commitment
        self.createdMilliseconds = createdMilliseconds
    }

    /// The message to authenticate.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(capacity: 640)
        writer.counted("sluice/2 scope row")
        writer.fixed(storeID)
        writer.fixed(scopeID)
        writer.counted(name)
        writer.counted(keySetting)
        writer.integer(rewrapMode)
        writer.integer(pollSeconds)
        writer.integer(UInt8(keepsVersions ? 1 : 0))
        writer.integer(removedSeconds)
        writer.integer(dataKeyScheme)
        writer.counted(identity)
        writer.integer(scheme)
        writer.counted(keyIdentifier)
        writer.counted(wrappedKey)
        writer.fixed(commitment)
        writer.integer(Int64(createdMilliseconds))
        return writer.bytes
    }
}
