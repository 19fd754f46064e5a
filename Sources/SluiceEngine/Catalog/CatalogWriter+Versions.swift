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

    private mutating func check(
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
            scope: scope, key: now.keyRowID, wrappedKey: now.wrappedKeyRowID, objectCount: 1,
            byteCount: now.byteCount)
    }

    /// Has whoever removes what is garbage look for what is due, too.
    mutating func noteDue(_ milliseconds: Int?) {
        if milliseconds != nil { hasLeftGarbage = true }
    }
}
