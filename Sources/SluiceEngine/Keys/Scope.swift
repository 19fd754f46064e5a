internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// A scope in use: its derived keys, the key version that wraps for it, and contexts keyed with
/// them. Thread-safe.
final class Scope: Sendable {
    let storeID: [UInt8]
    let record: ScopeRecord
    let keys: ScopeKeys
    let sessions: ResourcePool<ScopeSession>
    /// As whom its current key is asked for.
    let identity: Identity
    let principals: ScopePrincipals
    /// The data key that small objects share just now.
    let sharedDataKey: SharedDataKey
    let intermediateKey = IntermediateKey()
    let knownDirectories = KnownDirectories()
    /// The read barrier of the vaults.
    let gate: ReleaseGate
    /// The epoch of access in which the record was last compared with the catalog and the vault, and
    /// when that was, by the vaults' clock.
    private let checkedEpoch = Atomic<UInt64>(0)
    private let checkedMilliseconds = Atomic<Int>(0)

    /// A rotation that is due by time alone moves no epoch before somebody asks for the newest version.
    private static let longestTrustMilliseconds = 60_000

    init(
        storeID: [UInt8], record: ScopeRecord, principals: ScopePrincipals, keys: ScopeKeys,
        library: CryptoLibrary, sessionLimit: Int, objectsPerDataKey: Int, gate: ReleaseGate
    ) {
        self.gate = gate
        self.storeID = storeID
        self.record = record
        self.principals = principals
        identity = principals.principal(for: record.currentKey)
        self.keys = keys
        sharedDataKey = SharedDataKey(objectLimit: objectsPerDataKey)
        sessions = ResourcePool(idleLimit: sessionLimit) { () throws(StoreError) in
            try translated("preparing the scope's keys") { () throws(CryptoError) in
                try ScopeSession(keys: keys, library: library)
            }
        }
    }

    /// As whom a key version is asked for, this one's or an older.
    func identity(for key: KeyIdentifier) -> Identity { principals.principal(for: key) }

    /// The same by another row of the scope's, which has moved on perhaps.
    func identity(for key: KeyIdentifier, by record: ScopeRecord) -> Identity {
        principals.of(record).principal(for: key)
    }

    /// Lets go of the keys that new objects are sealed with.
    func forgetDataKeys() {
        sharedDataKey.forget()
        intermediateKey.forget()
    }

    /// Notes that the record was true when the epoch began to be this one.
    func noteChecked(epoch: UInt64, milliseconds: Int) {
        checkedMilliseconds.store(milliseconds, ordering: .relaxed)
        checkedEpoch.store(epoch, ordering: .releasing)
    }

    /// Sees to it that the record is compared again before the scope is next used.
    func distrust() {
        checkedEpoch.store(0, ordering: .releasing)
    }

    /// Whether the record can be trusted now; an odd epoch is never trusted.
    func isTrusted(by clock: any VaultClock) -> Bool {
        let epoch = gate.epoch
        guard epoch & 1 == 0, checkedEpoch.load(ordering: .acquiring) == epoch else {
            return false
        }
        let now = clock.nowMilliseconds()
        let checked = checkedMilliseconds.load(ordering: .relaxed)
        // Not beyond the time at which the vault is to be asked for the newest version.
        if record.keySetting.version == nil, record.pollSeconds > 0 {
            let due = record.polledMilliseconds + record.pollSeconds * 1000
            guard now < due || checked >= due else { return false }
        }
        return (0..<Self.longestTrustMilliseconds).contains(now - checked)
    }

    /// What the record says of the key version in use.
    var currentPlace: KeyPlace { KeyPlace(key: record.currentKey, rowID: record.currentKeyRowID) }

    /// Whether a row is one that this scope had or has: nothing else bears a code by its keys.
    func authenticates(
        _ other: ScopeRecord, library: CryptoLibrary
    ) throws(StoreError) -> Bool {
        let code = try other.code(storeID: storeID, keys: keys, library: library)
        return other.scopeID == record.scopeID && other.commitment == record.commitment
            && constantTimeEqual(code.span, other.code.span)
    }

    /// The key version under which new objects' data keys are wrapped.
    var currentKey: KeyIdentifier { record.currentKey }

    /// The path of the directory that holds `name`: up to and including its last `/`, or empty.
    static func directory(of name: [UInt8]) -> ArraySlice<UInt8> {
        guard let slash = name.lastIndex(of: UInt8(ascii: "/")) else { return [] }
        return name[...slash]
    }

    /// The path of the directory that holds the directory `path`.
    static func parent(of path: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let slash = path.dropLast().lastIndex(of: UInt8(ascii: "/")) else { return [] }
        return path[...slash]
    }
}

/// One thread's contexts, keyed for one scope. What it throws are faults of the cryptographic
/// library, or ``StoreError/Code/integrity``.
struct ScopeSession: ~Copyable, Sendable {
    /// For documents and for objects of one chunk.
    var cipher: AES256GCM
    private var tags: HMACSHA256
    private var documents: HMACSHA256

    init(keys: ScopeKeys, library: CryptoLibrary) throws(CryptoError) {
        let cipher = try AES256GCM(library)
        let tags = try keys.tagKey.withBytes { key throws(CryptoError) in
            try HMACSHA256(key: key, library: library)
        }
        let documents = try keys.documentRoot.withBytes { key throws(CryptoError) in
            try HMACSHA256(key: key, library: library)
        }
        self.cipher = cipher
        self.tags = tags
        self.documents = documents
    }

    // MARK: Tags

    /// The tag by which an object is found.
    mutating func tag(ofObject name: [UInt8]) throws(CryptoError) -> [UInt8] {
        try tag(of: KeyInfo.objectTag(name: name))
    }

    /// The tag of a directory.
    mutating func tag(ofDirectory path: ArraySlice<UInt8>) throws(CryptoError) -> [UInt8] {
        try tag(of: KeyInfo.directoryTag(path: path))
    }

    /// The tag of a part's id.
    mutating func tag(ofPart id: [UInt8]) throws(CryptoError) -> [UInt8] {
        try tag(of: KeyInfo.partTag(id: id))
    }

    private mutating func tag(of message: [UInt8]) throws(CryptoError) -> [UInt8] {
        let digest = try tags.authenticate(message.span)
        return [UInt8](copying: digest.span.extracting(0..<Format.identifierByteCount))
    }

    // MARK: Documents

    /// Seals a document under the key of its revision, which is used this once.
    mutating func sealDocument(
        _ document: [UInt8], revision: [UInt8], binding: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try seal(document, under: KeyInfo.document(revision: revision), binding: binding)
    }

    /// Seals bytes under the key of a message that is used this once.
    mutating func seal(
        _ plain: [UInt8], under message: [UInt8], binding: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try setKey(message)
        defer { cipher.forgetKey() }
        return try [UInt8](filling: plain.count + Format.tagByteCount) {
            output throws(CryptoError) in
            try cipher.seal(
                plain.span, nonce: ChunkNonce.document, authenticating: binding.span,
                into: &output)
        }
    }

    /// Opens a document; anything but what was sealed for this revision and binding fails.
    mutating func openDocument(
        _ sealed: [UInt8], revision: [UInt8], binding: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try open(sealed, under: KeyInfo.document(revision: revision), binding: binding)
    }

    /// Opens what was sealed under the key of a message.
    mutating func open(
        _ sealed: [UInt8], under message: [UInt8], binding: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        guard sealed.count >= Format.tagByteCount else { throw .authenticationFailed }
        return try [UInt8](filling: sealed.count - Format.tagByteCount) {
            output throws(CryptoError) in
            try open(sealed, under: message, binding: binding, into: &output)
        }
    }

    private mutating func open(
        _ sealed: [UInt8], under message: [UInt8], binding: [UInt8],
        into plain: inout MutableSpan<UInt8>
    ) throws(CryptoError) {
        try setKey(message)
        defer { cipher.forgetKey() }
        try cipher.open(
            sealed.span, nonce: ChunkNonce.document, authenticating: binding.span, into: &plain)
    }

    /// Opens a document into `plain`, which is as long as it is without its tag.
    mutating func openDocument(
        _ sealed: [UInt8], revision: [UInt8], binding: [UInt8],
        into plain: inout MutableSpan<UInt8>
    ) throws(CryptoError) {
        try open(
            sealed, under: KeyInfo.document(revision: revision), binding: binding, into: &plain)
    }

    /// Seals the keys of a blob under the key of a message that is used this once.
    mutating func sealKeys(
        _ keys: ObjectKeys, under message: [UInt8], binding: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try setKey(message)
        defer { cipher.forgetKey() }
        return try keys.sealed(by: &cipher, authenticating: binding)
    }

    /// Opens the keys of a blob, likewise.
    mutating func openKeys(
        _ sealed: [UInt8], under message: [UInt8], binding: [UInt8], commitment: [UInt8]
    ) throws(CryptoError) -> ObjectKeys {
        try setKey(message)
        defer { cipher.forgetKey() }
        return try ObjectKeys(
            sealed: sealed, commitment: commitment, by: &cipher, authenticating: binding)
    }

    /// Seals a data key under the key of a message that is used this once.
    mutating func sealKey(
        _ key: Span<UInt8>, under message: [UInt8], binding: [UInt8]
    ) throws(CryptoError) -> [UInt8] {
        try setKey(message)
        defer { cipher.forgetKey() }
        return try [UInt8](filling: key.count + Format.tagByteCount) {
            output throws(CryptoError) in
            try cipher.seal(
                key, nonce: ChunkNonce.document, authenticating: binding.span, into: &output)
        }
    }

    /// Opens a data key.
    mutating func openKey(
        _ sealed: [UInt8], under message: [UInt8], binding: [UInt8]
    ) throws(CryptoError) -> SecretBytes {
        var key = SecretBytes(byteCount: Format.keyByteCount)
        try key.withMutableBytes { output throws(CryptoError) in
            try open(sealed, under: message, binding: binding, into: &output)
        }
        return key
    }

    private mutating func setKey(_ message: [UInt8]) throws(CryptoError) {
        var key = try documents.authenticate(message.span)
        defer { key = Digest256(repeating: 0) }
        try cipher.setKey(key.span)
    }
}

extension Scope {
    /// The tag of the directory `path`.
    func tag(ofDirectory path: ArraySlice<UInt8>) throws(StoreError) -> [UInt8] {
        try withSession("tagging a directory") { session throws(CryptoError) in
            try session.tag(ofDirectory: path)
        }
    }

    /// The row of the directory `path`, whose tag is known.
    func sealDirectory(
        path: ArraySlice<UInt8>, tag: [UInt8], revision: [UInt8]
    ) throws(StoreError) -> DirectoryRow {
        try withSession("sealing a directory") { session throws(CryptoError) in
            let parent = try session.tag(ofDirectory: Self.parent(of: path))
            let binding = DirectoryBinding(
                storeID: storeID, scopeID: record.scopeID, tag: tag, parent: parent,
                revision: revision)
            let document = try session.sealDocument(
                DirectoryDocument(path: Array(path)).encoded(), revision: revision,
                binding: binding.encoded())
            return DirectoryRow(tag: tag, parent: parent, revision: revision, document: document)
        }
    }

    /// The path of a directory's row; ``StoreError/Code/integrity`` if it isn't what was sealed.
    func openDirectory(_ row: DirectoryRow) throws(StoreError) -> [UInt8] {
        let binding = DirectoryBinding(
            storeID: storeID, scopeID: record.scopeID, tag: row.tag, parent: row.parent,
            revision: row.revision)
        let bytes = try withSession("the row of a directory") { session throws(CryptoError) in
            try session.openDocument(
                row.document, revision: row.revision, binding: binding.encoded())
        }
        do throws(FormatError) {
            return try DirectoryDocument(decoding: bytes).path
        } catch {
            throw StoreError(format: error, "the row of a directory")
        }
    }

    /// Lends a thread's contexts; `what` is what an error says has failed.
    func withSession<Value: Sendable>(
        _ what: @autoclosure () -> String,
        _ body: (inout ScopeSession) throws(CryptoError) -> Value
    ) throws(StoreError) -> Value {
        try sessions.withElement { session throws(StoreError) in
            try translated(what()) { () throws(CryptoError) in
                try body(&session)
            }
        }
    }
}
