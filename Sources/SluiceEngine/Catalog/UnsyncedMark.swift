internal import SluiceNative

/// A writer's side of the table `unsynced`: the mark of commits that didn't wait for the disk (``Durability/none``).
///
/// Invariant: what is committed while there is no mark is durable, with its blobs and its names. While there is,
/// whoever relies on what is committed has the whole file system synced first: a durable commit, a put over an
/// older version, the removal of that one's blob, the retirement of a key version.
struct UnsyncedMark: Sendable {
    /// The store's; nil in memory, where nothing is durable.
    private let directory: Directory?
    let isDurable: Bool
    /// As this connection has read or written it, until anybody else commits.
    private var known: Bool?
    /// Whether the batch has put a blob in the place of another version's bytes.
    private var isReplacing = false

    /// How many marks there are: one or none.
    static let count = "SELECT count(*) FROM unsynced"
    /// Sets the mark, if it isn't.
    static let setting = "INSERT OR IGNORE INTO unsynced VALUES (1)"

    private var find = CatalogStatement(count, to: "see what is durable")
    private var set = CatalogStatement(setting, to: "note what is not durable")
    private var clear = CatalogStatement("DELETE FROM unsynced", to: "note what is durable")

    /// The mark of a store in `directory`, for a writer whose commits are durable or not.
    init(_ directory: Directory?, isDurable: Bool) {
        self.directory = directory
        self.isDurable = isDurable
    }

    /// Forgets what is known, for it may no longer be true.
    mutating func forget() {
        known = nil
    }

    /// Before a batch's first write: a durable commit makes durable all that came before it.
    mutating func beginBatch(_ connection: Connection) throws(StoreError) {
        isReplacing = false
        guard isDurable, try settle(connection) else { return }
        try clear.query(connection).run()
        known = false
    }

    /// Notes that the batch has put a blob in the place of another version's bytes.
    mutating func noteReplacement() {
        isReplacing = true
    }

    /// Before a batch's COMMIT. One that puts a blob in the place of what may be durable waits for the disk
    /// all the same, or a power cut could leave neither.
    mutating func endBatch(_ connection: Connection) throws(StoreError) {
        guard !isDurable, directory != nil else { return }
        if isReplacing { try sync() }
        guard try !isSet(connection) else { return }
        try set.query(connection).run()
        known = true
    }

    /// Makes durable what was committed so far, by whomever; says whether any of it may not have been.
    @discardableResult
    mutating func settle(_ connection: Connection) throws(StoreError) -> Bool {
        guard try isSet(connection) else { return false }
        try writeLogAgain(connection)
        try sync()
        return true
    }

    /// Whether anything that was committed may not be durable.
    private mutating func isSet(_ connection: Connection) throws(StoreError) -> Bool {
        guard directory != nil else { return false }
        if let known { return known }
        let query = try find.query(connection)
        defer { query.reset() }
        let isSet = try query.step() && query.statement.int(0) != 0
        known = isSet
        return isSet
    }

    /// A checkpoint's sync of the log may have failed, of which its writer takes no notice: what is committed
    /// behind the gap would be lost with it.
    private func writeLogAgain(_ connection: Connection) throws(StoreError) {
        do throws(SystemError) {
            try connection.writeLogAgain()
        } catch {
            throw StoreError(system: error, "make durable what the catalog's log holds")
        }
    }

    private func sync() throws(StoreError) {
        do throws(SystemError) {
            try directory?.syncFileSystem()
        } catch {
            throw StoreError(
                system: error, "make durable what was put without waiting for the disk")
        }
    }
}
