internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// An object that was looked up, whose row has been authenticated. A class, for the row has a dozen
/// arrays, each of which a copy of a struct would retain.
final class OpenObject: Sendable {
    let scope: Scope
    let row: ObjectRow
    /// Its document, as the bytes that were sealed: those are wiped when it goes, which strings can't be.
    private let plain: WipedBytes
    private let namePlace: Range<Int>

    /// An object whose document was opened; throws if that isn't one.
    init(scope: Scope, row: ObjectRow, plain: consuming WipedBytes) throws(FormatError) {
        namePlace = try plain.withBytes { bytes throws(FormatError) in
            try ObjectDocument.place(ofNameIn: bytes)
        }
        self.scope = scope
        self.row = row
        self.plain = plain
    }

    /// An object whose document is known otherwise.
    init(scope: Scope, row: ObjectRow, document: ObjectDocument) {
        self.scope = scope
        self.row = row
        plain = WipedBytes(taking: document.encoded())
        namePlace = ObjectDocument.nameOffset..<ObjectDocument.nameOffset + document.name.count
    }

    /// What was sealed of it besides its bytes, made anew: for somebody who is given it.
    var document: ObjectDocument {
        var bytes = plain.withBytes { [UInt8](copying: $0) }
        defer {
            var span = bytes.mutableSpan
            wipe(&span)
        }
        do throws(FormatError) {
            return try ObjectDocument(decoding: bytes)
        } catch {
            preconditionFailure("a document that was checked can't be decoded")
        }
    }

    /// Its name.
    var name: [UInt8] {
        plain.withBytes { [UInt8](copying: $0.extracting(namePlace)) }
    }

    func hasName(_ name: [UInt8]) -> Bool {
        guard name.count == namePlace.count else { return false }
        return plain.withBytes { bytes in
            name.indices.allSatisfy { bytes[namePlace.lowerBound + $0] == name[$0] }
        }
    }

    var info: ObjectInfo {
        get throws(StoreError) {
            let document = document
            return ObjectInfo(
                name: try ObjectName(utf8: document.name), byteCount: row.byteCount,
                storedByteCount: row.storedByteCount, contentType: document.contentType,
                modifiedMilliseconds: document.modifiedMilliseconds, metadata: document.metadata,
                entityTag: EntityTag(objectID: row.objectID), keyIdentifier: row.wrapped.key,
                chunkByteCount: row.chunkSize.byteCount, isCompressed: row.codec == .lz4)
        }
    }

    var layout: ChunkLayout {
        // The row was decoded only if this is possible.
        guard let layout = ChunkLayout(byteCount: row.byteCount, chunkSize: row.chunkSize) else {
            preconditionFailure("a row with an impossible size was decoded")
        }
        return layout
    }
}

/// An object that was read, and its keys. The next read of its name looks at its row at once, without the index
/// of names; as long as that is the same to the byte, there is nothing to authenticate but the bytes.
final class KnownObject: Sendable {
    let object: OpenObject
    let keys: ObjectKeys

    init(_ object: OpenObject, _ keys: ObjectKeys) {
        self.object = object
        self.keys = keys
    }
}

/// What is known of the objects of a scope.
struct KnownObjects: Sendable {
    let cache: KeyCache<KnownObject>
    let scope: Scope

    /// What was last known of the object with that tag: to be held against its row. What was authenticated
    /// by the keys of another scope, or of the same one opened before, isn't known.
    subscript(tag: [UInt8]) -> KnownObject? {
        guard let known = cache.key(of: tag.span), known.object.scope === scope else { return nil }
        return known
    }
}

extension Store {
    /// Opens an object's document, and refuses a row that isn't what was sealed for its place.
    func authenticate(
        _ row: ObjectRow, name: ObjectName?, in scope: Scope
    ) throws(StoreError) -> OpenObject {
        func what() -> String {
            name.map { "the row of '\($0)'" } ?? "row \(row.rowID) of the catalog"
        }
        let binding = row.binding(in: scope)
        var plain = WipedBytes(byteCount: max(0, row.document.count - Format.tagByteCount))
        try scope.withSession(what()) { session throws(CryptoError) in
            try plain.withMutableBytes { plain throws(CryptoError) in
                try session.openDocument(
                    row.document, revision: row.revision, binding: binding, into: &plain)
            }
        }
        let object: OpenObject
        do throws(FormatError) {
            object = try OpenObject(scope: scope, row: row, plain: plain)
        } catch {
            throw StoreError(format: error, what())
        }
        if let name { try Self.check(object, name: name) }
        return object
    }

    /// Opens several objects' documents, likewise.
    func authenticate(_ rows: [ObjectRow], in scope: Scope) throws(StoreError) -> [OpenObject] {
        var objects: [OpenObject] = []
        objects.reserveCapacity(rows.count)
        for row in rows { objects.append(try authenticate(row, name: nil, in: scope)) }
        return objects
    }

    /// The tag says the same; this holds even if two names could share one.
    private static func check(_ object: OpenObject, name: ObjectName) throws(StoreError) {
        guard object.hasName(name.utf8) else {
            throw StoreError(
                .integrity, "the row of '\(name)' holds another object",
                cause: BindingError.otherName)
        }
    }

    /// The object of that name, its row authenticated; ``StoreError/Code/notFound``.
    func find(_ name: ObjectName, in scopeName: ScopeName) throws(StoreError) -> OpenObject {
        let scope = try scopeForRead(scopeName, of: name)
        let tag = try tag(of: name, in: scope)
        let row = try catalog.read { reader throws(StoreError) in
            try reader.object(
                scope: scope.record.rowID, tag: tag, known: knownObjects(of: scope))
        }
        guard let row else { throw try absence(of: name, in: scope) }
        do throws(StoreError) {
            return try authenticate(row, name: name, in: scope)
        } catch {
            throw error.ofRead(name)
        }
    }

    /// Opens an object's document, unless it is known what is in it.
    func authenticate(
        _ row: FoundRow, name: ObjectName, in scope: Scope
    ) throws(StoreError) -> OpenObject {
        switch row {
        case .known(let known):
            try Self.check(known.object, name: name)
            return known.object
        case .new(let row): return try authenticate(row, name: name, in: scope)
        }
    }

    /// The keys of a row that was looked up and authenticated.
    func keys(
        of row: FoundRow, authenticated object: OpenObject
    ) throws(StoreError) -> ObjectKeys {
        if case .known(let known) = row { return known.keys }
        return try keys(of: object)
    }

    func knownObjects(of scope: Scope) -> KnownObjects {
        KnownObjects(cache: knownObjects, scope: scope)
    }

    /// The scope to read from; nil for a default scope that was never put to, which has no objects.
    func scopeForRead(_ name: ScopeName) throws(StoreError) -> Scope? {
        if let scope = try findScope(name) { return scope }
        guard name == .default else { throw Self.missingScope(name) }
        try checkNoScopeIsLost(name)
        return nil
    }

    /// The scope to read an object from.
    func scopeForRead(_ name: ScopeName, of object: ObjectName) throws(StoreError) -> Scope {
        guard let scope = try scopeForRead(name) else { throw Self.notFound(object) }
        return scope
    }

    func tag(of name: ObjectName, in scope: Scope) throws(StoreError) -> [UInt8] {
        try scope.withSession("tagging a name") { session throws(CryptoError) in
            try session.tag(ofObject: name.utf8)
        }
    }

    /// That there is no such object: the scope's keys tell that, so it passes the gate as what is there does.
    func absence(of name: ObjectName, in scope: Scope) throws(StoreError) -> StoreError {
        var reading = try reading(scope)
        return try access.release(&reading) { Self.notFound(name) }
    }

    static func notFound(_ name: ObjectName) -> StoreError {
        StoreError(.notFound, "there is no object '\(name)'")
    }

    /// The keys of an object version: kept from an earlier read, or unwrapped by the vault and
    /// checked against the row's commitment.
    func keys(of object: OpenObject) throws(StoreError) -> ObjectKeys {
        let row = object.row
        if let known = knownObjects.key(of: row.tag.span, under: row.keyRowID),
            known.object.row.objectID == row.objectID
        {
            if known.object !== object {
                knownObjects.replace(
                    row.tag, by: KnownObject(object, known.keys), of: row.tag, under: row.keyRowID)
            }
            return known.keys
        }
        let gate = object.scope.gate
        let asking = asking(gate)
        let keys: ObjectKeys
        do throws(VaultError) {
            keys = try objectKeys(try dataKey(of: row, gate), of: object)
        } catch {
            throw StoreError(
                vault: error, "open '\(ObjectName.printable(object.name))'")
        }
        let commitment = keys.commitment
        guard constantTimeEqual(commitment.span, row.commitment.span) else {
            throw StoreError(
                .integrity,
                "the key of '\(ObjectName.printable(object.name))' is not the one it was "
                    + "sealed under", cause: BindingError.notCommitted)
        }
        let known = KnownObject(object, keys)
        knownObjects.insert(known, of: row.tag, under: row.keyRowID)
        if !asking.isCurrent(gate, in: self) { knownObjects.remove(known, of: row.tag) }
        return keys
    }

    /// The data key that a row references, kept or unwrapped: one that small objects share serves all
    /// of them after one key operation.
    func dataKey(of row: ObjectRow, _ gate: ReleaseGate) throws(VaultError) -> DataKey {
        let asking = asking(gate)
        if let known = keptDataKey(row.wrapped, under: row.keyRowID) { return known }
        let secret = try access.unwrap(row.wrapped)
        guard secret.byteCount == Format.keyByteCount else {
            throw VaultError(.unwrapFailed, "its data key has a wrong length")
        }
        let key = DataKey(secret, wrapped: row.wrapped)
        // What is too short to be an id fails to unwrap.
        dataKeyCache.insert(key, of: key.wrapped.bytes, under: row.keyRowID)
        if !asking.isCurrent(gate, in: self) { dataKeyCache.remove(key, of: key.wrapped.bytes) }
        return key
    }

    /// A data key that is kept, if it was unwrapped from these bytes under the key version in that row.
    func keptDataKey(_ wrapped: WrappedKey, under keyRowID: Int) -> DataKey? {
        // What is too short to be an id fails to unwrap.
        guard wrapped.bytes.count >= Format.identifierByteCount,
            let known = dataKeyCache.key(of: wrapped.bytes.span, under: keyRowID),
            known.wrapped == wrapped
        else { return nil }
        return known
    }

    /// Keeps a data key under its new wrapping, in the place of the old, if that is still kept.
    func keepDataKey(_ key: DataKey, inPlaceOf old: WrappedKey, under keyRowID: Int) {
        guard old.bytes.count >= Format.identifierByteCount else { return }
        dataKeyCache.replace(old.bytes, by: key, of: key.wrapped.bytes, under: keyRowID)
    }

    /// Whether a wrapped key is of the data key that an object is sealed under.
    func isSealed(
        _ object: OpenObject, under wrapped: WrappedKey, keyRowID: Int
    ) throws(VaultError) -> Bool {
        var row = object.row
        row.wrapped = wrapped
        row.keyRowID = keyRowID
        let keys = try objectKeys(
            try dataKey(of: row, object.scope.gate), of: object)
        let (commitment, expected) = (keys.commitment, object.row.commitment)
        return constantTimeEqual(commitment.span, expected.span)
    }

    private func objectKeys(
        _ dataKey: DataKey, of object: OpenObject
    ) throws(VaultError) -> ObjectKeys {
        do throws(CryptoError) {
            return try ObjectKeys(
                dataKey: dataKey.secret, scope: object.scope.keys, objectID: object.row.objectID,
                chunkSize: object.row.chunkSize, codec: object.row.codec, library: library)
        } catch {
            throw VaultError(.cryptography, "deriving its keys failed: \(error)")
        }
    }
}

extension ObjectName {
    /// A name for messages, whatever its bytes.
    static func printable(_ utf8: [UInt8]) -> String { String(decoding: utf8, as: UTF8.self) }
}
