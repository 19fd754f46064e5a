internal import SluiceFormat
internal import SluiceNative

/// A part of an upload, opened: what was sealed of it, and the keys of its blob.
struct OpenPart: Sendable {
    let row: PartRow
    let document: PartDocument
    let keys: ObjectKeys
}

/// How the row of an uncommitted part is sealed (FORMAT section 8).
extension Scope {
    /// The tag of a part's id.
    func tag(ofPart id: [UInt8]) throws(StoreError) -> [UInt8] {
        try withSession("tagging a part") { session throws(CryptoError) in
            try session.tag(ofPart: id)
        }
    }

    /// The row of a part of the upload that is to have the name with this tag; its keys are sealed for the encryption
    /// scope.
    func sealPart(
        _ document: PartDocument, _ keys: ObjectKeys, for encryption: Scope, tag: [UInt8],
        blobID: [UInt8], provided: ProvidedKey?, library: CryptoLibrary
    ) throws(StoreError) -> PartRow {
        var row = PartRow(
            tag: tag, part: try self.tag(ofPart: document.partID), blobID: blobID,
            storedByteCount: document.storedByteCount, revision: try library.revision(),
            createdMilliseconds: document.createdMilliseconds, keys: [], document: [])
        if encryption !== self { row.encryptionRowID = encryption.record.rowID }
        let (binding, revision) = (row.binding(in: self), row.revision)
        row.keys = try encryption.withPartSession(revision, provided) {
            session, message throws(CryptoError) in
            try session.sealKeys(keys, under: message, binding: binding)
        }
        row.document = try withSession("sealing a part's row") { session throws(CryptoError) in
            try session.sealDocument(document.encoded(), revision: revision, binding: binding)
        }
        return row
    }

    /// A part's row, opened; ``StoreError/Code/integrity`` if it isn't what was sealed for its place.
    func openPart(
        _ row: PartRow, for encryption: Scope, provided: ProvidedKey?
    ) throws(StoreError) -> OpenPart {
        let binding = row.binding(in: self)
        let keys = try encryption.withPartSession(row.revision, provided) {
            session, message throws(CryptoError) in
            try session.openKeys(row.keys, under: message, binding: binding, commitment: [])
        }
        return OpenPart(row: row, document: try openPartDocument(row), keys: keys)
    }

    /// Lends a thread's contexts with the message of the key that seals a part's keys: a provided key goes into that.
    private func withPartSession<Value: Sendable>(
        _ revision: [UInt8], _ provided: ProvidedKey?,
        _ body: (inout ScopeSession, _ message: [UInt8]) throws(CryptoError) -> Value
    ) throws(StoreError) -> Value {
        var message = KeyInfo.partKeys(revision: revision)
        provided?.secret.withBytes { message += [UInt8](copying: $0) }
        defer {
            var span = message.mutableSpan
            wipe(&span)
        }
        return try withSession(Self.partRow) { session throws(CryptoError) in
            try body(&session, message)
        }
    }

    /// What is said of a part, without its keys.
    func openPartDocument(_ row: PartRow) throws(StoreError) -> PartDocument {
        let binding = row.binding(in: self)
        let bytes = try withSession(Self.partRow) { session throws(CryptoError) in
            try session.openDocument(row.document, revision: row.revision, binding: binding)
        }
        do throws(FormatError) {
            return try PartDocument(decoding: bytes)
        } catch {
            throw StoreError(format: error, Self.partRow)
        }
    }

    private static let partRow = "the row of a part"
}

extension PartRow {
    /// What its seals bind of the row, and where it stands.
    fileprivate func binding(in scope: Scope) -> [UInt8] {
        PartBinding.encoded(
            storeID: scope.storeID, scopeID: scope.record.scopeID, tag: tag, part: part,
            blobID: blobID, revision: revision)
    }
}
