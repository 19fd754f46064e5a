internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// The one connection of a process that writes the catalog. Its methods run inside the transaction
/// of a batch (``GroupCommit``); each checks its conditions, and what the operation takes to be so, before it
/// writes its first row, so that a refusal, or a stale operation, leaves the transaction as it was.
///
/// Invariant: nothing is sealed, wrapped or authenticated here. Rows come sealed.
struct CatalogWriter: ~Copyable, Sendable {
    let connection: Connection
    var reader: CatalogReader
    /// Whether anything was written since it was last set to false.
    var hasWritten = false
    /// Whether the batch left blobs behind that nothing references.
    var hasLeftGarbage = false
    /// What the batch's COMMIT needs of the vaults.
    private(set) var needs: [Need] = []
    /// The work of the batch that runs now.
    private var work = 0

    private var unsynced: UnsyncedMark
    var directories = DirectoryTable()
    private var wrappedKeys = WrappedKeyTable()
    var objects = ObjectTable()
    var blobs = BlobTable()
    var parts = PartTable()
    var extents = ExtentRows()
    var states = StateTable()
    private var keys = KeyTable()
    private var census = CensusTable()
    let scopes = ScopeTable()
    private let pins = PinTable()
    /// The current keys of scopes, as this batch has read them; rows of `scopes` and of `keys`.
    private var scopeKeys: [Int: ScopeKey] = [:]
    /// What scopes keep, likewise.
    private var policies: [Int: RetentionPolicy] = [:]
    private var seenDataVersion = -1

    /// What a work needs.
    struct Need {
        let work: Int
        let use: KeyUse
    }

    private var dataVersion = CatalogStatement("PRAGMA data_version", to: "write the catalog")

    init(
        connection: Connection, unsynced: UnsyncedMark, keyNames: KeyNames
    ) {
        self.connection = connection
        self.unsynced = unsynced
        reader = CatalogReader(connection: connection, keyNames: keyNames)
    }

    // MARK: Batches

    /// Begins a batch's work, inside its transaction.
    mutating func beginBatch() throws(StoreError) {
        hasWritten = false
        hasLeftGarbage = false
        census.beginBatch()
        wrappedKeys.beginBatch()
        scopeKeys.removeAll(keepingCapacity: true)
        policies.removeAll(keepingCapacity: true)
        needs.removeAll(keepingCapacity: true)
        let query = try dataVersion.query(connection)
        defer { query.reset() }
        let version = try query.step() ? Int(query.statement.int(0)) : -1
        if version != seenDataVersion {
            directories.forget()
            unsynced.forget()
            states.forget()
            seenDataVersion = version
        }
        try unsynced.beginBatch(connection)
    }

    /// Begins a work of the batch.
    mutating func beginWork(_ work: Int) {
        self.work = work
        hasWritten = false
    }

    /// Ends a batch's work, before its COMMIT: writes what was counted.
    mutating func endBatch() throws(StoreError) {
        try wrappedKeys.endBatch(connection)
        try census.endBatch(connection)
        try unsynced.endBatch(connection)
    }

    /// Makes durable what was committed so far, be it by others, who don't wait for the disk.
    mutating func settle() throws(StoreError) {
        try unsynced.settle(connection)
    }

    /// Whether a commit is durable when it has returned.
    var waitsForDisk: Bool { unsynced.isDurable }

    /// Forgets what a rollback made untrue.
    mutating func forget() {
        unsynced.forget()
        scopeKeys.removeAll()
        policies.removeAll()
        keys.forget()
        census.forget()
        directories.forget()
        wrappedKeys.forget()
        states.forget()
    }

    // MARK: Objects

    /// Commits a put: inserts the object, or replaces the one with its name.
    ///
    /// Throws, before anything is written, if its condition isn't met. It is stale if the scope has another key
    /// version now than when the object was sealed. Then its data key isn't wrapped again here: others may share it,
    /// and stand under the older version.
    mutating func put(
        _ put: PutOperation
    ) throws(StoreError) -> CatalogAnswer<PutOutcome> {
        let (new, scope) = (put.object, put.scope.rowID)
        if let finding = try use(put.scope, put.encryption) { return .stale(finding) }
        let sealing = put.sealing
        guard new.wrapped.key == sealing.need.key else {
            let record = try reader.scopes.scope(rowID: sealing.rowID)
            return .stale(.scope(rowID: sealing.rowID, record))
        }
        need(put.needs)
        if let extents = put.extents, let finding = try check(extents) {
            return .stale(finding)
        }
        var old: ObjectRow?
        // Most names are new, and the INSERT finds out for itself.
        if put.condition != .always || put.keeping != nil {
            old = try reader.objects.object(scope: scope, tag: new.tag)
            guard put.basis?.isSo(of: old) != false else { return .stale(.otherObject) }
            if let refusal = put.condition.refusal(of: new.name, existing: old) { throw refusal }
        }
        guard try holds(put.state, tag: new.tag, scope: scope) else { return .stale(.otherState) }
        if let keeping = put.keeping, let finding = try check(keeping, of: old, scope: scope) {
            return .stale(finding)
        }
        // A row that was moved to another directory behind the store's back is put right, too.
        if old?.directory != new.directory {
            if let tag = try makeDirectories(put.directories, scope: scope) {
                return .stale(.noDirectory(tag))
            }
        }
        hasWritten = true
        let dataKey = try wrappedKeys.row(
            for: new.wrapped, under: sealing.keyRowID, scope: sealing.rowID, connection)
        let blob = try insertBlob(new)
        let place = ObjectTable.Place(
            scope: scope, encryption: put.encryption?.rowID, dataKey: dataKey, blob: blob)
        if let extents = put.extents, let blob {
            try reference(extents, manifest: blob, scope: scope, tag: new.tag)
        }
        let isReplacement = old != nil
        if let version = put.keeping?.version {
            try keep(version, scope: scope)
            old = nil
            if blob != nil { unsynced.noteReplacement() }
        }
        if old == nil {
            let isInserted = try objects.insert(new, place, connection)
            if !isInserted { old = try objectInTheWay(of: new, scope: scope) }
        }
        if let old {
            try objects.replace(with: new, place, connection)
            try release(old, scope: scope)
            if blob != nil { unsynced.noteReplacement() }
        }
        count(
            scope: sealing.rowID, key: dataKey.keyRowID, wrappedKey: dataKey.rowID, objectCount: 1,
            byteCount: new.byteCount)
        return .committed(PutOutcome(isReplacement: isReplacement || old != nil))
    }

    /// The object that has the name of one that could not be inserted.
    private mutating func objectInTheWay(
        of new: NewObject, scope: Int
    ) throws(StoreError) -> ObjectRow {
        guard let row = try reader.objects.object(scope: scope, tag: new.tag) else {
            throw StoreError(
                .damagedCatalog, "can't store the object: the index of names leads to no row",
                remedies: [.run(.repair(store: nil)), .restoreBackup])
        }
        return row
    }

    /// What is so of a scope, if it isn't what an operation takes to be so; nil, and what the COMMIT needs is noted,
    /// if it is.
    mutating func use(_ scope: ScopeUse) throws(StoreError) -> CatalogFinding? {
        let isPolicySeen = scope.retention == nil || policies[scope.rowID] == scope.retention
        if scopeKeys[scope.rowID] != ScopeKey(scope) || !isPolicySeen {
            let standing = try reader.scopes.standing(
                ofScope: scope.rowID, under: scope.keyRowID, as: scope.identity, scope.retention)
            switch standing {
            case .same:
                scopeKeys[scope.rowID] = ScopeKey(scope)
                policies[scope.rowID] = scope.retention ?? policies[scope.rowID]
            case .other(let record): return .scope(rowID: scope.rowID, record)
            }
        }
        need(scope.need)
        return nil
    }

    /// The same of an object's scope and, if that is another, its encryption scope.
    mutating func use(
        _ scope: ScopeUse, _ encryption: ScopeUse?
    ) throws(StoreError) -> CatalogFinding? {
        if let finding = try use(scope) { return finding }
        guard let encryption else { return nil }
        return try use(encryption)
    }

    /// Notes what the COMMIT needs for the work that runs now, be it refused.
    mutating func need(_ use: KeyUse) {
        needs.append(Need(work: work, use: use))
    }

    mutating func need(_ uses: Set<KeyUse>) {
        for use in uses { need(use) }
    }

    /// Removes the object with this tag.
    mutating func remove(
        _ removal: RemoveOperation
    ) throws(StoreError) -> CatalogAnswer<RemoveOutcome> {
        let scope = removal.scope.rowID
        if let finding = try use(removal.scope) { return .stale(finding) }
        guard let row = try reader.objects.object(scope: scope, tag: removal.tag) else {
            return .committed(RemoveOutcome())
        }
        guard removal.basis?.isSo(of: row) != false,
            removal.revision ?? row.revision == row.revision
        else { return .stale(.otherObject) }
        if let name = removal.name,
            let refusal = removal.condition.refusal(of: name, existing: row)
        {
            throw refusal
        }
        guard try holds(removal.state, tag: removal.tag, scope: scope) else {
            return .stale(.otherState)
        }
        if let keeping = removal.keeping, let finding = try check(keeping, of: row, scope: scope) {
            return .stale(finding)
        }
        try releaseState(removal.state, tag: removal.tag, scope: scope)
        let isDirectoryGone: Bool
        if let version = removal.keeping?.version {
            try keep(version, scope: scope)
            isDirectoryGone = try pruneDirectory(row.directory, scope: scope)
        } else {
            isDirectoryGone = try remove(row, scope: scope)
        }
        return .committed(RemoveOutcome(isRemoved: true, isDirectoryGone: isDirectoryGone))
    }

    /// Removes an object that was just looked up in this transaction; whether its directory went with it.
    @discardableResult
    mutating func remove(_ row: ObjectRow, scope: Int) throws(StoreError) -> Bool {
        try delete(row, scope: scope)
        return try pruneDirectory(row.directory, scope: scope)
    }

    private mutating func delete(_ row: ObjectRow, scope: Int) throws(StoreError) {
        hasWritten = true
        try objects.delete(rowID: row.rowID, connection)
        try release(row, scope: scope)
    }

    /// Gives an object another name, in the place of the one that has it.
    mutating func rename(
        _ rename: RenameOperation
    ) throws(StoreError) -> CatalogAnswer<Void> {
        let (scope, renamed) = (rename.scope.rowID, rename.renamed)
        // Also where nothing is written: what is known of the object is given back.
        if let finding = try use(rename.scope) { return .stale(finding) }
        guard let now = try reader.objects.object(scope: scope, tag: rename.row.tag) else {
            throw StoreError.noObject(rename.name)
        }
        guard now.revision == rename.row.revision else { return .stale(.otherObject) }
        let target = try reader.objects.object(scope: scope, tag: renamed.tag)
        guard rename.basis?.isSo(of: target) != false else { return .stale(.otherObject) }
        if let refusal = rename.condition.refusal(of: rename.newName, existing: target) {
            throw refusal
        }
        guard renamed.tag != now.tag else { return .committed(()) }
        guard try holds(rename.state, tag: now.tag, scope: scope),
            try holds(rename.targetState, tag: renamed.tag, scope: scope)
        else { return .stale(.otherState) }
        if let keeping = rename.keeping, let finding = try check(keeping, of: target, scope: scope)
        {
            return .stale(finding)
        }
        if let tag = try makeDirectories(rename.directories, scope: scope) {
            return .stale(.noDirectory(tag))
        }
        try releaseState(rename.state, tag: now.tag, scope: scope)
        if let version = rename.keeping?.version {
            try keep(version, scope: scope)
        } else if let target {
            try delete(target, scope: scope)
        }
        hasWritten = true
        try objects.rename(rowID: now.rowID, to: renamed, connection)
        if let target { _ = try pruneDirectory(target.directory, scope: scope) }
        _ = try pruneDirectory(now.directory, scope: scope)
        return .committed(())
    }

    /// Changes what an object is said to be, if it is the one that was looked at.
    mutating func update(_ update: UpdateOperation) throws(StoreError) -> CatalogAnswer<Void> {
        if let finding = try use(update.scope, update.encryption) { return .stale(finding) }
        guard
            let now = try reader.objects.object(scope: update.scope.rowID, tag: update.row.tag)
        else { throw StoreError.noObject(update.name) }
        guard now.revision == update.row.revision else { return .stale(.otherObject) }
        if let refusal = update.condition.refusal(of: update.name, existing: now) { throw refusal }
        guard try holds(update.state, tag: now.tag, scope: update.scope.rowID) else {
            return .stale(.otherState)
        }
        if let version = update.kept {
            if let finding = try check(version, scope: update.scope.rowID) {
                return .stale(finding)
            }
            try copy(now, as: version, scope: update.scope.rowID)
        }
        hasWritten = true
        try objects.update(
            rowID: now.rowID, to: update.changed, dueMilliseconds: update.dueMilliseconds,
            connection)
        noteDue(update.dueMilliseconds)
        return .committed(())
    }

    /// Commits a rewrap: puts each key's new wrapping in the place of what its row had; for each, whether that was
    /// still there. Never inserts: what was removed meanwhile stays away.
    mutating func rewrap(
        _ rewrap: RewrapOperation
    ) throws(StoreError) -> CatalogAnswer<[Bool]> {
        let scope = rewrap.scope
        if let finding = try use(scope) { return .stale(finding) }
        var isDone: [Bool] = []
        for key in rewrap.keys {
            isDone.append(
                key.wrapped.key == scope.need.key ? try self.rewrap(key, in: scope) : false)
        }
        return .committed(isDone)
    }

    private mutating func rewrap(
        _ key: RewrappedKey, in scope: ScopeUse
    ) throws(StoreError) -> Bool {
        let row = key.row
        let count: ObjectCount? = try wrappedKeys.rewrap(
            row, to: key.wrapped, keyRowID: scope.keyRowID, hasWritten: &hasWritten, connection)
        guard let count else { return false }
        need(
            KeyUse(
                key: row.wrapped.key, operation: .unwrapKey, identity: key.identity))
        for (keyRowID, sign) in [(row.keyRowID, -1), (scope.keyRowID, 1)] {
            census.count(
                scope: scope.rowID, key: keyRowID, objects: sign * count.objectCount,
                bytes: sign * count.byteCount)
        }
        return true
    }

    /// Has the transaction reach the log, though it changes nothing.
    mutating func writeSomething() throws(StoreError) {
        hasWritten = true
        do throws(DatabaseError) {
            try connection.writeSomething()
        } catch {
            throw StoreError(catalog: error, "settle what was cut short")
        }
    }

    /// The row of an object's blob; nil if its bytes go into its own row.
    private mutating func insertBlob(_ new: NewObject) throws(StoreError) -> Int? {
        guard case .file = new.content else { return nil }
        return try blobs.insert(file: new.objectID, connection)
    }

    /// Lets go of what a row referenced.
    private mutating func release(_ row: ObjectRow, scope: Int) throws(StoreError) {
        if let blob = row.blobRowID {
            try releaseBlob(blob)
        }
        count(
            scope: row.encryptionRowID ?? scope, key: row.keyRowID,
            wrappedKey: row.wrappedKeyRowID, objectCount: -1,
            byteCount: -row.byteCount)
    }

    /// Counts one reference to a blob less.
    mutating func releaseBlob(_ rowID: Int) throws(StoreError) {
        try blobs.release(rowID: rowID, connection)
        hasLeftGarbage = true
    }

    // MARK: Scopes

    /// Adds a scope; ``StoreError/Code/alreadyExists`` if there is one of that name, and
    /// ``StoreError/Code/damagedCatalog`` if it `isImplied` and objects are there of one that is lost.
    mutating func insert(_ record: ScopeRecord, isImplied: Bool) throws(StoreError) {
        guard try !reader.scopes.hasScope(named: record.name) else {
            throw StoreError(
                .alreadyExists, "the scope '\(record.name)' exists already",
                about: .scope(record.name.description), remedies: [.choose(.otherName)])
        }
        if isImplied, try reader.scopes.hasStrayObjects() {
            throw StoreError.lostScope(record.name)
        }
        let rowID = try scopes.freeRowID(connection)
        hasWritten = true
        let key = try keyRow(for: record.currentKey)
        try scopes.insert(record, rowID: rowID, key: key, connection)
    }

    /// Replaces a scope's row, if it is still as it was; whether it is.
    mutating func replace(
        _ old: ScopeRecord, with new: ScopeRecord
    ) throws(StoreError) -> Bool {
        guard let now = try reader.scopes.scope(rowID: old.rowID),
            now.wrappedKey == old.wrappedKey, now.code == old.code,
            now.polledMilliseconds == old.polledMilliseconds
        else { return false }
        hasWritten = true
        let key = try keyRow(for: new.currentKey)
        try scopes.update(old, to: new, key: key, connection)
        forgetScopeKey(old.rowID)
        return true
    }

    /// Forgets a scope's current key, which this batch has changed.
    mutating func forgetScopeKey(_ scope: Int) {
        scopeKeys[scope] = nil
        policies[scope] = nil
        wrappedKeys.forgetPresent()
    }

    // MARK: Pins

    /// Adds a pin of an object.
    mutating func insert(_ operation: PinOperation) throws(StoreError) -> CatalogAnswer<Void> {
        for scope in operation.scopes {
            if let finding = try use(scope) { return .stale(finding) }
        }
        need(operation.needs)
        guard
            let found = try reader.objects.objectWithContent(rowID: operation.objectRowID),
            found.row.objectID == operation.pin.objectID
        else { return .stale(.otherObject) }
        hasWritten = true
        if let blob = found.row.blobRowID { try blobs.retain(rowID: blob, connection) }
        try pins.insert(operation.pin, of: found, connection)
        return .committed(())
    }

    /// Removes the pin with this id; whether there was one.
    mutating func removePin(_ pinID: [UInt8]) throws(StoreError) -> Bool {
        guard let pin = try reader.pins.pins(pinID, withData: false).first else { return false }
        hasWritten = true
        try pins.delete(rowID: pin.rowID, connection)
        if let blob = pin.blobRowID { try releaseBlob(blob) }
        return true
    }

    // MARK: Repair

    /// Runs what a repair writes.
    mutating func mend<Result>(
        _ body: (TableMender) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        hasWritten = true
        return try body(TableMender(connection))
    }

    // MARK: Keys and census

    /// The row of a key version in `keys`, made if it isn't there.
    private mutating func keyRow(for key: KeyIdentifier) throws(StoreError) -> Int {
        try keys.row(for: key, hasWritten: &hasWritten, connection)
    }

    mutating func count(
        scope: Int, key: Int, wrappedKey: Int, objectCount: Int, byteCount: Int
    ) {
        census.count(scope: scope, key: key, objects: objectCount, bytes: byteCount)
        wrappedKeys.count(wrappedKey, objects: objectCount, bytes: byteCount)
    }

    // MARK: Directories

    /// Makes those rows of a basis that are missing; nil, or else the tag of the directory that isn't there and of
    /// which there is no row, and nothing is made.
    mutating func makeDirectories(
        _ basis: DirectoryBasis, scope: Int
    ) throws(StoreError) -> [UInt8]? {
        try directories.make(basis, scope: scope, hasWritten: &hasWritten, connection)
    }

    /// Makes those of the rows that are missing, whatever else is there.
    mutating func addDirectories(_ rows: [DirectoryRow], scope: Int) throws(StoreError) {
        try directories.make(all: rows, scope: scope, hasWritten: &hasWritten, connection)
    }

    /// Removes the row of a directory that holds nothing any more, and those above it likewise; whether there was
    /// one.
    mutating func pruneDirectory(
        _ directory: [UInt8], scope: Int
    ) throws(StoreError) -> Bool {
        try directories.prune(directory, scope: scope, &reader.directories, connection)
    }
}

extension ObjectBasis {
    /// Whether the object with this row, or none, is the one that was looked at.
    fileprivate func isSo(of row: ObjectRow?) -> Bool { row?.entityTag == entityTag }
}

/// Which version a scope's key is under, and as whom it is asked for.
private struct ScopeKey: Equatable {
    let keyRowID: Int
    let identity: String

    init(_ use: ScopeUse) {
        keyRowID = use.keyRowID
        identity = use.identity
    }
}
