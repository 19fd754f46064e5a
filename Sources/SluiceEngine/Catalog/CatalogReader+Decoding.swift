internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// How rows of the catalog become values; what can't have been written by a store is refused.
extension CatalogReader {
    func damaged(_ what: String) -> StoreError {
        StoreError(
            .integrity, "the catalog \(what)",
            remedies: [.run(.repair(store: nil)), .restoreBackup])
    }

    mutating func decode(_ statement: Statement) throws(StoreError) -> ObjectRow {
        guard
            let exponent = UInt8(exactly: statement.int(7)),
            let chunkSize = ChunkSize(exponent: exponent),
            let code = UInt8(exactly: statement.int(8)), let codec = Codec(rawValue: code),
            statement.isNull(9) == (codec == .raw),
            let byteCount = Int(exactly: statement.int(5)),
            ChunkLayout(byteCount: byteCount, chunkSize: chunkSize) != nil,
            let storedByteCount = Int(exactly: statement.int(6)), storedByteCount >= 0,
            let scheme = UInt8(exactly: statement.int(14)),
            scheme == Format.schemeRSAOAEP256, !statement.isNull(16)
        else { throw damaged("holds an object row with impossible values") }
        let keyRowID = Int(statement.int(15))
        let key = try key(rowID: keyRowID)
        let row = ObjectRow(
            rowID: Int(statement.int(0)), tag: statement.bytes(1), directory: statement.bytes(2),
            objectID: statement.bytes(3), revision: statement.bytes(4), byteCount: byteCount,
            storedByteCount: storedByteCount, chunkSize: chunkSize, codec: codec,
            tableDigest: statement.isNull(9) ? nil : statement.bytes(9),
            commitment: statement.bytes(10), wrappedKeyRowID: Int(statement.int(11)),
            blobRowID: statement.isNull(12) ? nil : Int(statement.int(12)),
            document: statement.bytes(13),
            wrapped: WrappedKey(
                scheme: scheme, key: key, bytes: statement.bytes(16)),
            keyRowID: keyRowID)
        // Only with these lengths is a row's binding the encoding of no other row.
        guard Self.isIdentifier(row.tag), Self.isIdentifier(row.directory),
            Self.isIdentifier(row.objectID),
            row.revision.count == Format.revisionByteCount,
            row.commitment.count == Format.commitmentByteCount,
            row.tableDigest.map({ $0.count == Format.commitmentByteCount }) != false,
            row.wrapped.bytes.count <= Int(UInt16.max)
        else { throw damaged("holds an object row with fields of impossible lengths") }
        return row
    }

    private static func isIdentifier(_ bytes: [UInt8]) -> Bool {
        bytes.count == Format.identifierByteCount
    }

    mutating func decodeWithContent(
        _ statement: Statement
    ) throws(StoreError) -> FoundObject {
        let row = try decode(statement)
        return FoundObject(row: row, content: try decodeContent(statement, of: row))
    }

    func decodeContent(
        _ statement: Statement, of row: borrowing ObjectRow
    ) throws(StoreError) -> BlobContent {
        guard statement.isNull(18) == (row.blobRowID != nil) else {
            throw damaged("holds an object with its bytes in two places, or in none")
        }
        if row.blobRowID == nil { return .inline(statement.bytes(18)) }
        guard !statement.isNull(17) else { throw damaged("holds an object without content") }
        guard statement.holds(row.objectID, in: 17) else {
            throw damaged("holds an object whose blob is another's")
        }
        return .file
    }

    func decodeDirectory(_ statement: Statement) throws(StoreError) -> DirectoryRow {
        let row = DirectoryRow(
            rowID: Int(statement.int(4)), tag: statement.bytes(0), parent: statement.bytes(1),
            revision: statement.bytes(2), document: statement.bytes(3))
        guard Self.isIdentifier(row.tag), Self.isIdentifier(row.parent),
            row.revision.count == Format.revisionByteCount
        else { throw damaged("holds a directory row with fields of impossible lengths") }
        return row
    }
}

extension OpenObject {
    /// Whether a statement's current row is this one, column by column.
    func isRow(_ statement: Statement) -> Bool {
        row.rowID == statement.int(0)
            && statement.holds(row.tag, in: 1)
            && statement.holds(row.directory, in: 2)
            && statement.holds(row.objectID, in: 3)
            && statement.holds(row.revision, in: 4)
            && row.byteCount == statement.int(5)
            && row.storedByteCount == statement.int(6)
            && row.chunkSize.exponent == statement.int(7)
            && row.codec.rawValue == statement.int(8)
            && statement.holds(row.tableDigest, in: 9)
            && statement.holds(row.commitment, in: 10)
            && row.wrappedKeyRowID == statement.int(11)
            && (row.blobRowID.map { $0 == statement.int(12) } ?? statement.isNull(12))
            && statement.holds(row.document, in: 13)
            && row.wrapped.scheme == statement.int(14)
            && row.keyRowID == statement.int(15)
            && statement.holds(row.wrapped.bytes, in: 16)
    }
}

extension Statement {
    fileprivate func holds(_ bytes: [UInt8]?, in column: Int32) -> Bool {
        guard let bytes else { return isNull(column) }
        return !isNull(column) && holds(bytes, in: column)
    }
}
