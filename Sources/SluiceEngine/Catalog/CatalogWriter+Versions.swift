internal import SluiceAccess
internal import SluiceNative

/// Past versions of objects: rows of their own, under names of their own, that share the bytes and the data key.
extension CatalogWriter {
    /// What is so, if the object that is to stay as a version isn't the one that was looked at; else nil, and ``keep(_:scope:)``
    /// can go on.
    mutating func check(
        _ keeping: Keeping, of now: ObjectRow?, scope: Int
    ) throws(StoreError) -> CatalogFinding? {
        guard now?.revision == keeping.version?.row.revision else { return .otherObject }
        guard let version = keeping.version else { return nil }
        return try check(version, scope: scope)
    }

    /// The same of an object that was found to be the one that was looked at.
    mutating func check(
        _ version: KeptVersion, scope: Int
    ) throws(StoreError) -> CatalogFinding? {
        guard try reader.objects.object(scope: scope, tag: version.kept.tag) == nil else {
            return .otherObject
        }
        let missing = try directories.missingHolder(version.directories, scope: scope, connection)
        return missing.map { .noDirectory($0) }
    }

    /// Gives the object the name of a version, and its own name up. Its directory may hold nothing then.
    mutating func keep(_ version: KeptVersion, scope: Int) throws(StoreError) {
        hasWritten = true
        _ = try makeDirectories(version.directories, scope: scope)
        try objects.rename(
            rowID: version.row.rowID, to: version.kept, dueMilliseconds: version.dueMilliseconds,
            connection)
        noteDue(version.dueMilliseconds)
    }

    /// Adds a version of an object, which stays where it is.
    mutating func snapshot(
        _ operation: SnapshotOperation
    ) throws(StoreError) -> CatalogAnswer<Void> {
        let (version, scope) = (operation.version, operation.scope.rowID)
        if let finding = try use(operation.scope) { return .stale(finding) }
        guard let now = try reader.objects.object(scope: scope, tag: version.row.tag) else {
            throw StoreError.noObject(operation.name)
        }
        guard now.revision == version.row.revision else { return .stale(.otherObject) }
        if let refusal = operation.condition.refusal(of: operation.name, existing: now) {
            throw refusal
        }
        if let finding = try check(version, scope: scope) { return .stale(finding) }
        try copy(now, as: version, scope: scope)
        return .committed(())
    }

    /// Adds the row of a version that shares everything with an object's.
    mutating func copy(
        _ now: ObjectRow, as version: KeptVersion, scope: Int
    ) throws(StoreError) {
        hasWritten = true
        _ = try makeDirectories(version.directories, scope: scope)
        try objects.copy(
            rowID: now.rowID, as: version.kept, dueMilliseconds: version.dueMilliseconds,
            connection)
        if let blob = now.blobRowID { try blobs.retain(rowID: blob, connection) }
        count(
            scope: now.encryptionRowID ?? scope, key: now.keyRowID,
            wrappedKey: now.wrappedKeyRowID, objectCount: 1,
            byteCount: now.byteCount)
    }

    /// Has whoever removes what is garbage look for what is due, too.
    mutating func noteDue(_ milliseconds: Int?) {
        if milliseconds != nil { hasLeftGarbage = true }
    }

    /// Removes whatever has this object id; the tags that it had. Of what is leased or held nobody can tell here whether it
    /// is still.
    mutating func remove(objectID: [UInt8], scope: Int) throws(StoreError) -> [[UInt8]] {
        var rows: [ObjectRow] = []
        for rowID in try reader.objects.rowIDs(ofObject: objectID, scope: scope) {
            guard let row = try reader.objects.object(scope: scope, rowID: rowID) else { continue }
            guard try holds(.none, tag: row.tag, scope: scope) else {
                throw StoreError(
                    .held,
                    "the object '\(String(hexadecimal: objectID))' was leased or held at some time, and whether it "
                        + "still is can't be told without its scope's key",
                    about: .object(String(hexadecimal: objectID)),
                    remedies: [.other("remove it by its name, when access is given back")])
            }
            rows.append(row)
        }
        for row in rows { try remove(row, scope: scope) }
        return rows.map(\.tag)
    }

    /// Sets when an object goes for good, as a hint, if its row is the one that was looked at.
    mutating func setDue(
        _ milliseconds: Int?, ofObject rowID: Int, revision: [UInt8]
    ) throws(StoreError) {
        var statement = CatalogStatement(
            "UPDATE objects SET due = ?2 WHERE id = ?1 AND revision = ?3",
            to: "note when an object goes")
        hasWritten = true
        let query = try statement.query(connection)
        try query.bind(1, rowID)
        if let milliseconds { try query.bind(2, milliseconds) }
        try query.bind(3, revision)
        try query.run()
    }

    /// Notes a moment by which a clock is believed.
    mutating func note(_ moment: BootMoment) throws(StoreError) {
        var statement = CatalogStatement(
            """
            INSERT OR REPLACE INTO moments (id, boot, wall_seconds, boot_seconds) \
            VALUES (1, ?1, ?2, ?3)
            """, to: "note the time")
        hasWritten = true
        let query = try statement.query(connection)
        try query.bind(1, moment.boot)
        try query.bind(2, moment.wallSeconds)
        try query.bind(3, moment.secondsSinceBoot)
        try query.run()
    }
}
