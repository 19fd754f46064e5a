internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// The catalog in a database of SQLite's, in a file or in memory.
///
/// All SQL stays behind this type: ``CatalogReader`` and ``CatalogWriter`` have the statements, and their methods are
/// its operations. Reads take a connection each. Writes of many callers share a transaction under the store's
/// write lock (``GroupCommit``). Thread-safe.
final class SQLiteCatalog: CatalogStore {
    let store: StoreRow
    private let readers: ResourcePool<CatalogReader>
    let commits: GroupCommit
    /// What is open, to be looked for before and after each COMMIT.
    let place: CatalogPlace
    private let keyNames = KeyNames()
    /// Whether this process can write to the database.
    private let isWritable: Bool

    private static let readerLimit = 64

    /// Opens the catalog at `path`, a file in `directory` or a `file:` URI of a database in memory, and
    /// makes it if it isn't there and `creating` has a row for it.
    ///
    /// When there is no room even to open it, `reserve` makes some. Every COMMIT runs inside `permit`.
    init(
        path: String, in directory: Directory?, isWritable: Bool = true, lock: StoreLock,
        reserve: SpaceReserve?, durability: Durability, creating newStore: StoreRow?,
        permit: any CommitPermit, checkpointFrameCount: Int
    ) throws(StoreError) {
        self.isWritable = isWritable
        let first =
            isWritable
            ? try CatalogOpening.connectFirst(
                path, lock, reserve, durability, create: newStore != nil)
            : try CatalogOpening.connectUnwritable(path)
        if let newStore {
            try CatalogOpening.createIfEmpty(
                first, in: directory, durability, lock: lock, row: newStore)
        }
        try CatalogOpening.checkHeader(first)
        try CatalogOpening.guardTables(of: first)
        store = try CatalogOpening.readStoreRow(first)
        // A store that has none yet gets it, be it opened for reading; whoever writes does the same.
        if let reserve, (try? lock.tryLockWrites()) == true {
            reserve.take()
            lock.unlockWrites()
        }
        let place = try CatalogPlace(directory)
        try place.add(catalogOf: first)
        self.place = place
        let keyNames = keyNames
        commits = GroupCommit(
            lock: lock, place: place, permit: permit, reserve: reserve,
            checkpointFrameCount: checkpointFrameCount
        ) { () throws(StoreError) in
            let connection = try CatalogOpening.connectGuarded(path, durability)
            if durability == .full, let directory { try CatalogOpening.syncNames(in: directory) }
            return CatalogWriter(
                connection: connection,
                unsynced: UnsyncedMark(directory, isDurable: durability == .full),
                keyNames: keyNames)
        }
        readers = ResourcePool(idleLimit: Self.readerLimit) { () throws(StoreError) in
            let connection =
                isWritable
                ? try CatalogOpening.connectGuarded(path, durability)
                : try CatalogOpening.connectUnwritable(path)
            if !isWritable { try CatalogOpening.guardTables(of: connection) }
            return CatalogReader(connection: connection, keyNames: keyNames)
        }
        readers.add(CatalogReader(connection: first, keyNames: keyNames))
    }

    // MARK: Inside the folder

    /// Lends a connection for reading.
    func read<Value: Sendable>(
        _ body: (inout CatalogReader) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        if isWritable { return try readers.withElement(body) }
        while true {
            let outcome: Result<Value, StoreError>? = try readers.withElement {
                reader throws(StoreError) in
                let outcome = Result { () throws(StoreError) in try body(&reader) }
                return reader.connection.isUndisturbed ? outcome : nil
            }
            if let outcome { return try outcome.get() }
            // Somebody writes to what was read as a file that doesn't change.
            readers.drain()
        }
    }

    /// Runs `body` in a transaction, perhaps with other callers', and returns when it is committed.
    ///
    /// What `freesSpace` may use the store's reserve of space on a full disk.
    @discardableResult
    func write<Value: Sendable>(
        freesSpace: Bool = false,
        _ body: @escaping @Sendable (inout CatalogWriter) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        try commits.write(freesSpace: freesSpace, body)
    }

    /// Runs `apply` with the place of each of so many operations, all in one transaction; an answer for each.
    func commit<Outcome: Sendable>(
        count: Int, freesSpace: Bool = false,
        _ apply:
            @escaping @Sendable (inout CatalogWriter, Int) throws(StoreError) ->
            CatalogAnswer<Outcome>
    ) throws(StoreError) -> [CatalogAnswer<Outcome>] {
        let answers = Answers<Outcome>(count: count)
        var works: [CatalogWork] = []
        for index in 0..<count {
            let work: CatalogWork = { writer throws(StoreError) in
                let answer = try apply(&writer, index)
                answers.set(answer, at: index)
            }
            works.append(work)
        }
        let refusals = try commits.commit(CatalogChange(works: works, freesSpace: freesSpace))
        return answers.merged(refusals)
    }

    /// What the works of a change have come to: the leader notes it, and the caller takes it.
    private final class Answers<Outcome: Sendable>: Sendable {
        private let answers: Mutex<[CatalogAnswer<Outcome>?]>

        init(count: Int) {
            answers = Mutex([CatalogAnswer<Outcome>?](repeating: nil, count: count))
        }

        func set(_ answer: CatalogAnswer<Outcome>, at index: Int) {
            answers.withLock { $0[index] = answer }
        }

        func merged(_ refusals: [StoreError?]) -> [CatalogAnswer<Outcome>] {
            zip(answers.withLock { $0 }, refusals).map { answer, refusal in
                if let refusal { return .refused(refusal) }
                guard let answer else { preconditionFailure("committed without an answer") }
                return answer
            }
        }
    }

    // MARK: The whole

    func checkPlace() throws(StoreError) { try place.check() }

    func settle() throws(StoreError) {
        let isUnsynced = try read { reader throws(StoreError) in
            try reader.connection.integer(UnsyncedMark.count) != 0
        }
        guard isUnsynced else { return }
        try write(freesSpace: true) { writer throws(StoreError) in try writer.settle() }
    }

    func setGarbageHandler(_ handler: @escaping @Sendable () -> Void) {
        commits.setGarbageHandler(handler)
    }

    func backup(to path: String) throws(StoreError) {
        try read { reader throws(StoreError) in
            do throws(DatabaseError) {
                let copy = try Connection(path: path, mode: .readWriteCreate, followLinks: false)
                defer { copy.close() }
                try reader.connection.backup(to: copy)
                try CatalogSchema.guardTables(of: copy)
            } catch {
                throw CatalogOpening.failure(error, "back up the catalog", at: path)
            }
        }
    }

    func close() {
        readers.drain()
        commits.close()
    }
}
