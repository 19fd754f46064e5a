public import SluiceAccess

internal import SluiceFormat
internal import SluiceNative

/// What is known of an object without reading its bytes.
public struct ObjectInfo: Sendable, Equatable {
    /// The object's name.
    public let name: ObjectName
    /// Names the bytes: another whenever they are put anew.
    public let id: ObjectID
    /// Plaintext bytes.
    public let byteCount: Int
    /// Bytes on disk: sealed chunks and chunk table; of an object that was put in parts, or changed in part, those of its
    /// table of extents.
    public let storedByteCount: Int
    /// What the object is said to be.
    public let properties: ObjectProperties
    /// When the bytes were put, in milliseconds since 1970.
    public let createdMilliseconds: Int
    /// When the entity tag was drawn, in milliseconds since 1970.
    public let modifiedMilliseconds: Int
    /// User metadata; empty if they are not told.
    public let metadata: [String: String]
    /// Another whenever bytes, properties or metadata are changed; not by a change of the tier or of tags, nor by
    /// rename or rewrap.
    public let entityTag: EntityTag
    /// The key version under which the object's data key is wrapped.
    public let keyIdentifier: KeyIdentifier
    /// Plaintext bytes of a chunk.
    public let chunkByteCount: Int
    /// Whether chunks may be LZ4-compressed; false of an object of extents, each of which may be.
    public let isCompressed: Bool
    /// Of a version that was removed, and can be brought back: when it was.
    public internal(set) var removal: VersionRemoval? = nil
    /// Whether there are metadata that are not told, for the object is sealed for another scope than the one that has its
    /// name: ``Store/info(_:in:if:)`` has them, a listing, a rename and a snapshot haven't.
    public internal(set) var isMetadataSealed = false
    /// The scope for which it is sealed (``PutOptions/encryptionScope``), if that is another than the one that has its name.
    /// Nothing proves it before metadata or bytes were opened: in a listing it is what the catalog says.
    public internal(set) var encryptionScope: ScopeName? = nil
    /// The SHA-256 of the key that it is sealed with besides the store's own (``PutOptions/providedKey``); nil for none.
    public internal(set) var providedKeyDigest: [UInt8]? = nil
}

/// Names an object as it was between two changes: 32 hex digits.
public struct EntityTag: Hashable, Sendable, CustomStringConvertible {
    /// The tag as text.
    public let description: String

    /// A tag that an ``ObjectInfo`` gave before.
    public init(_ text: String) {
        description = text
    }

    init(bytes: [UInt8]) { description = String(hexadecimal: bytes) }
}

/// Whether chunks are compressed with LZ4 before they are sealed.
///
/// Compression lets the length of what is stored tell something about the content. Where an
/// attacker can choose part of an object and see its size, use ``none``.
public enum Compression: String, Hashable, Sendable, CaseIterable {
    /// When a sample of the object shrinks.
    case auto
    /// Try every chunk; one that doesn't shrink is stored as it is.
    case lz4
    /// Never.
    case none
}

/// How a put is done.
public struct PutOptions: Sendable {
    /// What must be so of an object of that name.
    public var condition: Condition
    /// Whether to compress.
    public var compression: Compression
    /// Plaintext bytes of a chunk: a power of two from 4,096 to 16,777,216. The default is 262,144.
    public var chunkByteCount: Int
    /// What the object is said to be.
    public var properties: ObjectProperties
    /// User metadata: at most 8,192 bytes of UTF-8 in all; names are not empty.
    public var metadata: [String: String]
    /// The scope for which bytes and metadata are sealed; nil for the one that the object is put to, whose key seals its
    /// name in any case.
    public var encryptionScope: ScopeName?
    /// A key that the bytes are sealed with, too, and that everybody who gets them provides (``Condition/sealed(with:)``).
    public var providedKey: ProvidedKey?

    /// The defaults, but for what is given.
    public init(
        condition: Condition = .always, compression: Compression = .auto,
        chunkByteCount: Int = 262_144,
        properties: ObjectProperties = ObjectProperties(), metadata: [String: String] = [:],
        encryptionScope: ScopeName? = nil, providedKey: ProvidedKey? = nil
    ) {
        self.condition = condition
        self.compression = compression
        self.chunkByteCount = chunkByteCount
        self.properties = properties
        self.metadata = metadata
        self.encryptionScope = encryptionScope
        self.providedKey = providedKey
    }
}

/// When a write counts as done.
public enum Durability: String, Hashable, Sendable, CaseIterable {
    /// When it is on the disk: a crash of the machine loses nothing that was acknowledged.
    case full
    /// When it is with the kernel: for tests, and for what can be put again. A crash of the machine can undo
    /// what was put, renamed or removed since the last durable commit of anybody's, and spoil a large object that
    /// was new; a disk that fails to write can spoil such an object even later. What was durable before, and was
    /// replaced, is there as it was or as the new one.
    case none
}

/// Which bytes of an object to read.
public enum ByteRange: Hashable, Sendable {
    /// All of them.
    case all
    /// These offsets; at least one byte, beginning inside the object, and cut at its end.
    case offsets(Range<Int>)
    /// From this offset, which lies inside the object, to the end.
    case from(Int)
    /// The last bytes, as many as there are but at most this many, which is positive.
    case last(Int)
}

/// What a listing has: objects, or with ``ListOptions/isRecursive`` off also directories.
public enum ListEntry: Sendable, Equatable {
    /// An object.
    case object(ObjectInfo)
    /// A directory, by its path up to and including the last `/`.
    case directory(ObjectName)

    /// The object's name or the directory's path.
    public var name: ObjectName {
        switch self {
        case .object(let info): info.name
        case .directory(let path): path
        }
    }
}

/// Which names to list, and how many.
public struct ListOptions: Sendable {
    /// Names that begin with these bytes of UTF-8; empty for all.
    public var prefix: String
    /// Whether to descend into directories instead of naming them.
    public var isRecursive: Bool
    /// Names after this one; the `next` of the page before.
    public var after: ObjectName?
    /// The most entries of a page; at least 1.
    public var limit: Int
    /// Whether to list the versions of objects (``ObjectVersion``) in place of the objects, those that were removed
    /// too: by their objects' names, the oldest first. Recursive.
    public var listsVersions: Bool

    /// The defaults, everything, but for what is given.
    public init(
        prefix: String = "", isRecursive: Bool = true, after: ObjectName? = nil, limit: Int = .max,
        listsVersions: Bool = false
    ) {
        self.prefix = prefix
        self.isRecursive = isRecursive
        self.after = after
        self.limit = limit
        self.listsVersions = listsVersions
    }
}

/// One page of a listing, in byte order of names.
public struct ListPage: Sendable {
    /// The entries.
    public let entries: [ListEntry]
    /// The marker for ``ListOptions/after`` of the next page; nil on the last.
    public let next: ObjectName?
}

/// How far a long operation has come. Called from any thread, one call at a time.
public typealias ProgressHandler = @Sendable (_ doneByteCount: Int, _ totalByteCount: Int?) -> Void

/// How objects that were sealed under an older key version come under the current one.
///
/// In either mode a sweep does it, too.
public enum RewrapMode: String, Hashable, Sendable, CaseIterable {
    /// When they are overwritten or copied.
    case onRewrite
    /// Also when they are read, off the read's path.
    case onRead

    var code: UInt8 { self == .onRewrite ? 0 : 1 }

    init?(code: Int) {
        switch code {
        case 0: self = .onRewrite
        case 1: self = .onRead
        default: return nil
        }
    }
}

/// How the data keys of a scope's objects are wrapped.
public enum KeyWrapping: String, Hashable, Sendable, CaseIterable {
    /// Each under the scope's key: a put of a large object, and a cold get, take a key operation.
    case direct
    /// Under a key of the scope and the key version, which alone is wrapped under that: one key operation serves all of
    /// them, in a put, a get or a rewrap. For key services that are slow, or that count.
    case intermediate
}

/// A scope and its key.
public struct ScopeInfo: Sendable, Equatable {
    /// The scope's name.
    public let name: ScopeName
    /// The key that the scope is set to: with a version it is pinned.
    public let keySetting: KeyIdentifier
    /// How older objects come under the current key version.
    public let rewrapMode: RewrapMode
    /// How old the vault's answer which version is the newest may grow before a scope that follows a key without a
    /// version asks again.
    public let pollInterval: Duration
    /// What it keeps of what is overwritten or removed.
    public let retention: RetentionPolicy
    /// How the data keys of its objects are wrapped.
    public let wrapping: KeyWrapping
    /// As whom its keys are asked for, instead of the store itself; nil for none of its own. The platform's key is always asked
    /// for as the store.
    public let identity: Identity?
    /// The key version in use for new objects.
    public let currentKey: KeyIdentifier
    /// When the scope was made, in milliseconds since 1970.
    public let createdMilliseconds: Int
    /// Objects and bytes by key version.
    public let census: [CensusEntry]
}

/// Objects whose data keys are wrapped under one key version.
public struct CensusEntry: Sendable, Equatable {
    /// The key version.
    public let key: KeyIdentifier
    /// Objects.
    public let objectCount: Int
    /// Their plaintext bytes.
    public let byteCount: Int
}

/// A store at a glance.
public struct StoreStatus: Sendable, Equatable {
    /// The store's id: 32 hex digits.
    public let storeID: String
    /// The format version of the store.
    public let formatVersion: Int
    /// Every scope.
    public let scopes: [ScopeInfo]
    /// Blobs that nothing references any more and that wait to be unlinked.
    public let garbageCount: Int
    /// Pins, which stay readable whatever becomes of the scopes' keys.
    public let pinCount: Int
    /// What repairs have taken out of the store; nil if that is nothing.
    public let lostAndFound: LostAndFoundSummary?
}
