internal import SluiceFormat
internal import SluiceNative

/// The names of a store's files, and which bytes of them are locked for what (FORMAT section 2).
enum StoreLayout {
    static let catalog = "catalog.db"
    static let catalogLog = "catalog.db-wal"
    static let catalogIndex = "catalog.db-shm"
    /// A catalog that a repair has rebuilt, until it has taken its place.
    static let repairedCatalog = "catalog.db.repaired"
    /// Half of one.
    static let catalogInRepair = "catalog.db.repairing"
    /// The catalog of a copy that is not whole.
    static let unfinishedCatalog = "catalog.db.unfinished"

    static let blobs = "blobs"
    /// What has the name of ``blobs`` where the blobs are elsewhere: a file, so that nobody makes the directory.
    static let blobsElsewhere = "blobs"
    static let staging = "staging"

    /// Names in order, for listings: a directory for each scope, by its id, with a file for each directory, by its tag.
    static let runs = "runs"

    static let lock = "lock"
    /// The file ``lock`` before whoever makes it has locked it.
    static let unlockedLock = "lock.new"

    static let lostAndFound = "lost+found"
    static let repairReport = "report.txt"
    static let repairedRows = "rows.sql"

    /// Bytes of the file ``lock``.
    enum LockByte {
        /// Held by who commits.
        static let write = 0
        /// Held by who removes blobs; shared, by who copies them.
        static let reap = 1
        /// Held by everyone who has the store open: shared, or alone to repair it.
        static let presence = 2
        /// Held by who waits for ``write``.
        static let queue = 3
    }

    /// The byte of a file in ``staging`` that its writer holds while it lives.
    static let writerByte = 0

    // MARK: Runs

    static func runsName(ofScope scopeID: [UInt8]) -> String { String(hexadecimal: scopeID) }

    static func runName(ofDirectory tag: [UInt8]) -> String { String(hexadecimal: tag) }

    /// What a run is called while it is written.
    static func unfinishedName(ofRun name: String) -> String { name + unfinishedSuffix }

    static let unfinishedSuffix = ".new"

    // MARK: Blobs

    /// How many directories there are in ``blobs``.
    static let shardCount = 256

    static func shardName(_ number: Int) -> String { String(hexadecimal: [UInt8(number)]) }

    static func blobName(_ objectID: [UInt8]) -> String { String(hexadecimal: objectID) }

    /// The directory in ``blobs`` that a blob of this name is in.
    static func shardName(ofBlob name: String) -> String { String(name.prefix(2)) }

    /// What the blob of a part is called in ``staging`` until it is durable.
    static func partName(_ objectID: [UInt8]) -> String { blobName(objectID) + partSuffix }

    private static let partSuffix = ".part"

    /// The object id of what has a name in ``staging``, and whether it is the blob of a part; nil if it is none of a
    /// put's.
    static func staged(_ name: String) -> (objectID: [UInt8], isPart: Bool)? {
        let isPart = name.hasSuffix(partSuffix)
        let text = isPart ? String(name.dropLast(partSuffix.count)) : name
        return objectID(text).map { ($0, isPart) }
    }

    /// The object id that a text spells, such as a blob's name, or nil if it spells none.
    static func objectID(_ text: String) -> [UInt8]? {
        guard text.utf8.count == 2 * Format.identifierByteCount else { return nil }
        return [UInt8](hexadecimal: text)
    }
}
