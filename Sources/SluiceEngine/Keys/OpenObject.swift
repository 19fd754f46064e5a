internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// An object that was looked up, whose row has been authenticated. A class, for the row has a dozen
/// arrays, each of which a copy of a struct would retain.
final class OpenObject: Sendable {
    let scope: Scope
    let row: ObjectRow
    /// Its document, as the bytes that were sealed: those are wiped when it goes, which strings can't be.
    private let plain: WipedBytes
    private let namePlace: Range<Int>
    /// Its encryption scope, where that is another than the scope that has its name.
    private let elsewhere = AtomicLazyReference<Scope>()

    /// The key that its caller provides to open its bytes.
    private let provided = AtomicLazyReference<ProvidedKey>()

    /// What its encryption scope is called, if that is another.
    let encryptionName: ScopeName?
    /// What its document says of the provided key that it is sealed with; nil of most.
    let providedKeyNote: ProvidedKeyNote?

    /// An object whose document was opened; throws if that isn't one.
    init(
        scope: Scope, row: ObjectRow, plain: consuming WipedBytes, encryptionName: ScopeName?
    ) throws(FormatError) {
        (namePlace, providedKeyNote) = try plain.withBytes { bytes throws(FormatError) in
            let places = try ObjectDocument.places(in: bytes)
            let note = places.providedKey.map { [UInt8](copying: bytes.extracting($0)) }
            return (places.name, note.map { ProvidedKeyNote($0) })
        }
        self.scope = scope
        self.row = row
        self.plain = plain
        self.encryptionName = encryptionName
    }

    /// An object whose document is known otherwise.
    init(
        scope: Scope, row: ObjectRow, document: ObjectDocument, encryptionName: ScopeName? = nil
    ) {
        self.scope = scope
        self.row = row
        self.encryptionName = encryptionName
        providedKeyNote = document.properties[.providedKey].map { ProvidedKeyNote($0) }
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

    /// Its encryption scope; nil if that is another than the scope that has its name, and wasn't opened for this: then
    /// its name is all that can be told of it, and what the row says.
    var encryptionScope: Scope? { row.encryptionRowID == nil ? scope : elsewhere.load() }

    /// Notes that its encryption scope, which is another, was opened for this.
    func noteOpened(_ encryptionScope: Scope) { _ = elsewhere.storeIfNil(encryptionScope) }

    /// The key that was provided for it; nil for none.
    var providedKey: ProvidedKey? { provided.load() }

    /// Takes the key that was provided to open its bytes with, which none else has.
    func noteProvided(_ key: ProvidedKey?) {
        if let key { _ = provided.storeIfNil(key) }
    }

    /// Throws ``StoreError/Code/keyMismatch`` unless a key, or none, is what it is sealed with, by what its document says.
    func check(_ key: ProvidedKey?, _ library: CryptoLibrary) throws(StoreError) {
        let given = try key?.digest(library)
        guard given != providedKeyNote?.digest else { return }
        // Of a version, the name of its object.
        let printable =
            (try? ObjectName(document: name))?.description ?? ObjectName.printable(name)
        throw StoreError.keyMismatch(
            "'\(printable)'", about: printable, isSealed: providedKeyNote != nil,
            isProvided: given != nil)
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
            let metadata = try encryptionScope.map { scope throws(StoreError) in
                try self.metadata(in: scope)
            }
            return ObjectInfo(
                name: try ObjectName(document: document.name), id: ObjectID(bytes: row.objectID),
                byteCount: row.byteCount, storedByteCount: row.storedByteCount,
                properties: try document.objectProperties(),
                createdMilliseconds: document.createdMilliseconds,
                modifiedMilliseconds: document.modifiedMilliseconds, metadata: metadata ?? [:],
                entityTag: EntityTag(bytes: row.entityTag), keyIdentifier: row.wrapped.key,
                chunkByteCount: row.chunkSize.byteCount, isCompressed: row.codec == .lz4,
                removal: document.removal.map { VersionRemoval($0) },
                isMetadataSealed: metadata == nil && row.metadata != nil,
                encryptionScope: encryptionName, providedKeyDigest: providedKeyNote?.digest)
        }
    }

    /// Its user metadata, opened by its encryption scope for somebody who is given it.
    func metadata(in scope: Scope) throws(StoreError) -> [String: String] {
        guard let sealed = row.metadata else { return [:] }
        return try scope.openMetadata(
            sealed, "the metadata of '\(ObjectName.printable(name))'")
    }

    var layout: ChunkLayout {
        // The row was decoded only if this is possible.
        guard let layout = ChunkLayout(byteCount: row.byteCount, chunkSize: row.chunkSize) else {
            preconditionFailure("a row with an impossible size was decoded")
        }
        return layout
    }
}

extension ObjectDocument {
    /// What those who change it count; 0 if nothing is said.
    var sequenceNumber: Int {
        properties[.sequenceNumber].map { ObjectProperties.sequenceNumber($0) } ?? 0
    }

    /// What is said of it from now on; what it is stays.
    mutating func say(_ new: ObjectProperties) {
        var properties = new.encoded
        for property in [ObjectProperty.removal, .providedKey] {
            properties[property] = self.properties[property]
        }
        self.properties = properties
    }

    /// Its properties, which were checked with the document.
    func objectProperties() throws(StoreError) -> ObjectProperties {
        do throws(FormatError) {
            return try ObjectProperties(properties)
        } catch {
            throw StoreError(format: error, "the row of '\(ObjectName.printable(name))'")
        }
    }
}

extension ObjectName {
    /// A name for messages, whatever its bytes.
    static func printable(_ utf8: [UInt8]) -> String { String(decoding: utf8, as: UTF8.self) }
}
