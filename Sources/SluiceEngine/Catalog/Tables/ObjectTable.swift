internal import SluiceFormat
internal import SluiceNative

/// The writer's side of `objects`.
struct ObjectTable: Sendable {
    /// Behind all others, whatever the highest is that somebody may have planted.
    private static let freeRowID = """
        (SELECT ifnull(max(id), 0) + 1 FROM objects WHERE id < \(Int.max - 1))
        """

    private var insertRow = CatalogStatement(
        """
        INSERT INTO objects (scope, tag, directory, object_id, revision, byte_count, \
        stored_byte_count, chunk_exponent, codec, table_digest, commitment, wrapped_key, blob, \
        document, data, entity_tag, metadata, encryption) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) \
        ON CONFLICT (scope, tag) DO NOTHING
        """, to: "store the object")
    private var updateRow = CatalogStatement(
        """
        UPDATE objects SET object_id = ?4, revision = ?5, byte_count = ?6, \
        stored_byte_count = ?7, chunk_exponent = ?8, codec = ?9, table_digest = ?10, \
        commitment = ?11, wrapped_key = ?12, blob = ?13, document = ?14, data = ?15, \
        directory = ?3, entity_tag = ?16, metadata = ?17, encryption = ?18 \
        WHERE scope = ?1 AND tag = ?2
        """, to: "replace the object")
    // The row goes to the end: who walks through a directory's rows meets what has come into it meanwhile.
    private var updateName = CatalogStatement(
        """
        UPDATE objects SET id = \(freeRowID), tag = ?2, directory = ?3, \
        revision = ?4, document = ?5, due = ?6 WHERE id = ?1
        """, to: "rename the object")
    private var copyRow = CatalogStatement(
        """
        INSERT INTO objects (scope, encryption, tag, directory, object_id, entity_tag, revision, \
        byte_count, stored_byte_count, chunk_exponent, codec, table_digest, commitment, \
        wrapped_key, blob, document, metadata, due, data) \
        SELECT scope, encryption, ?2, ?3, object_id, entity_tag, ?4, byte_count, stored_byte_count, \
        chunk_exponent, codec, table_digest, commitment, wrapped_key, blob, ?5, metadata, ?6, data \
        FROM objects WHERE id = ?1
        """, to: "store the version")
    private var updateAttributes = CatalogStatement(
        """
        UPDATE objects SET entity_tag = ?2, revision = ?3, document = ?4, metadata = ?5, due = ?6 \
        WHERE id = ?1
        """, to: "change the object")
    private var deleteRow = CatalogStatement(
        "DELETE FROM objects WHERE id = ?1", to: "remove the object")

    /// The rows that an object's row names.
    struct Place {
        let scope: Int
        /// Of its encryption scope, if that is another.
        let encryption: Int?
        let dataKey: WrappedKeyTable.Row
        let blob: Int?
    }

    /// Inserts an object; whether it could be: no other has its name.
    mutating func insert(
        _ new: NewObject, _ place: Place, _ connection: Connection
    ) throws(StoreError) -> Bool {
        try insertRow.query(connection).run(new, place)
        return connection.changedRowCount != 0
    }

    /// Puts an object in the place of the one that has its name.
    mutating func replace(
        with new: NewObject, _ place: Place, _ connection: Connection
    ) throws(StoreError) {
        let update = try updateRow.query(connection)
        try update.run(new, place)
        try update.requireOneChangedRow()
    }

    /// Gives the object in a row another name, which no object has.
    ///
    /// - Parameter dueMilliseconds: When it goes for good; nil if it doesn't.
    mutating func rename(
        rowID: Int, to renamed: ObjectRow, dueMilliseconds: Int? = nil, _ connection: Connection
    ) throws(StoreError) {
        try updateName.query(connection).run(rowID, as: renamed, dueMilliseconds)
    }

    /// Adds a row that shares everything with an object's but its name.
    mutating func copy(
        rowID: Int, as version: ObjectRow, dueMilliseconds: Int?, _ connection: Connection
    ) throws(StoreError) {
        try copyRow.query(connection).run(rowID, as: version, dueMilliseconds)
    }

    /// Changes what the object in a row is said to be: its entity tag, revision, document and metadata.
    mutating func update(
        rowID: Int, to changed: ObjectRow, dueMilliseconds: Int?, _ connection: Connection
    ) throws(StoreError) {
        let query = try updateAttributes.query(connection)
        try query.bind(1, rowID)
        try query.bind(2, changed.entityTag)
        try query.bind(3, changed.revision)
        try query.bind(4, changed.document)
        try query.bind(5, changed.metadata)
        if let dueMilliseconds { try query.bind(6, dueMilliseconds) }
        try query.runChangingOneRow()
    }

    mutating func delete(rowID: Int, _ connection: Connection) throws(StoreError) {
        try deleteRow.query(connection).runChangingOneRow(rowID: rowID)
    }
}

extension CatalogQuery {
    /// Runs a statement that takes the row of an object for another name's.
    fileprivate func run(
        _ rowID: Int, as renamed: ObjectRow, _ dueMilliseconds: Int?
    ) throws(StoreError) {
        try bind(1, rowID)
        try bind(2, renamed.tag)
        try bind(3, renamed.directory)
        try bind(4, renamed.revision)
        try bind(5, renamed.document)
        if let dueMilliseconds { try bind(6, dueMilliseconds) }
        try runChangingOneRow()
    }

    /// Runs the statement that inserts an object, or the one that replaces it.
    fileprivate func run(
        _ new: NewObject, _ place: ObjectTable.Place
    ) throws(StoreError) {
        try bind(1, place.scope)
        try bind(2, new.tag)
        try bind(3, new.directory)
        try bind(4, new.objectID)
        try bind(5, new.revision)
        try bind(6, new.byteCount)
        try bind(7, new.storedByteCount)
        try bind(8, Int(new.chunkSize.exponent))
        try bind(9, Int(new.codec.rawValue))
        try bind(10, new.tableDigest)
        try bind(11, new.commitment)
        try bind(12, place.dataKey.rowID)
        if let blob = place.blob { try bind(13, blob) }
        try bind(14, new.document)
        try bind(16, new.entityTag)
        try bind(17, new.metadata)
        if let encryption = place.encryption { try bind(18, encryption) }
        if case .inline(let bytes) = new.content {
            try run(binding: 15, bytes)
        } else {
            try run()
        }
    }
}
