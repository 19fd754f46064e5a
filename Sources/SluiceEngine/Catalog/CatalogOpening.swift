internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// How connections to the catalog are made, and the catalog itself, where there is none.
enum CatalogOpening {
    /// Bytes of a database page; measured, see the DESIGN article.
    static let pageByteCount = 4096
    /// A store in memory shares pages among its connections under locks, which wait this long.
    private static let busyTimeoutMilliseconds = 10_000

    /// The connection that whoever opens the store makes first, and SQLite with it the files of the
    /// log: on a full disk they take the space and the inodes of the reserve.
    static func connectFirst(
        _ path: String, _ lock: StoreLock, _ reserve: SpaceReserve?, _ durability: Durability,
        create: Bool
    ) throws(StoreError) -> Connection {
        do throws(StoreError) {
            // A new database is switched to its log alone: SQLite refuses the second who tries at the
            // same time, without waiting.
            if create { try lock.lockWrites() }
            defer { if create { lock.unlockWrites() } }
            return try connect(path, durability, create: create)
        } catch {
            // Of a file that finds no inode SQLite says only that it can't be opened.
            guard error.code == .noSpace || error.code == .cannotCreate, let reserve else {
                throw error
            }
            // So that nobody takes it again meanwhile.
            try lock.lockWrites()
            defer { lock.unlockWrites() }
            guard reserve.giveUp() else { throw error }
            return try connect(path, durability, create: create)
        }
    }

    private static func connect(
        _ path: String, _ durability: Durability, create: Bool
    ) throws(StoreError) -> Connection {
        do throws(DatabaseError) {
            let connection = try Connection(
                path: path, mode: create ? .readWriteCreate : .readWrite, gathersWrites: true,
                followLinks: false, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
            // A checkpoint syncs either way: it copies what others have committed durably, too, over whose
            // frames the log then begins anew.
            let synchronous = durability == .full ? "FULL" : "NORMAL"
            try connection.execute(
                """
                PRAGMA page_size = \(pageByteCount);
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = \(synchronous);
                PRAGMA secure_delete = ON;
                PRAGMA temp_store = MEMORY;
                PRAGMA cache_size = -8192;
                """)
            connection.watchLog()
            return connection
        } catch {
            throw failure(error, "open the catalog '\(path)'", at: path)
        }
    }

    /// A connection to a database that this process can't write to.
    static func connectUnwritable(_ path: String) throws(StoreError) -> Connection {
        do throws(DatabaseError) {
            let connection = try Connection.openUnwritable(
                path: path, busyTimeoutMilliseconds: busyTimeoutMilliseconds)
            try connection.execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;")
            return connection
        } catch {
            throw StoreError(catalog: error, "open the catalog '\(path)'")
        }
    }

    static func connectGuarded(
        _ path: String, _ durability: Durability
    ) throws(StoreError) -> Connection {
        let connection = try connect(path, durability, create: false)
        try guardTables(of: connection)
        return connection
    }

    static func guardTables(of connection: Connection) throws(StoreError) {
        do throws(DatabaseError) {
            try CatalogSchema.guardTables(of: connection)
        } catch {
            throw StoreError(catalog: error, "use the catalog")
        }
    }

    /// Makes the name of the log durable, which opening has made. SQLite does so with the first commit, but
    /// takes no notice if it fails: then what was acknowledged could vanish with the log.
    static func syncNames(in directory: Directory) throws(StoreError) {
        do throws(SystemError) {
            try directory.sync()
        } catch {
            throw StoreError(system: error, "make the catalog's log durable")
        }
    }

    /// What a failure to open a database comes from: SQLite doesn't tell that it found no inode for one
    /// of its files.
    static func failure(
        _ error: DatabaseError, _ what: String, at path: String
    ) -> StoreError {
        guard error.isCannotOpen, let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
            return StoreError(catalog: error, what)
        }
        do throws(SystemError) {
            _ = try File.createUnnamed(inDirectory: String(path[..<slash]))
        } catch {
            if error.isNoSpace { return StoreError(system: error, what) }
        }
        return StoreError(catalog: error, what)
    }

    static func createIfEmpty(
        _ connection: Connection, in directory: Directory?, _ durability: Durability,
        lock: StoreLock, row: StoreRow
    ) throws(StoreError) {
        let schema = "SELECT count(*) FROM sqlite_schema"
        guard try connection.integer(schema) == 0 else { return }
        if durability == .full, let directory { try syncNames(in: directory) }
        try lock.lockWrites()
        defer { lock.unlockWrites() }
        do throws(DatabaseError) {
            try connection.immediateTransaction { () throws(DatabaseError) in
                // Another process may have been first.
                let tables = try connection.prepare(schema)
                guard try tables.step(), tables.int(0) == 0 else { return }
                tables.reset()
                try CatalogSchema.make(connection)
                let insert = try connection.prepare(
                    """
                    INSERT INTO store (id, store_id, format, created) VALUES (1, ?1, ?2, ?3)
                    """)
                try insert.bind(1, row.storeID)
                try insert.bind(2, row.formatVersion)
                try insert.bind(3, WallClock.nowMilliseconds)
                try insert.run()
                guard durability == .none, directory != nil else { return }
                try connection.execute(UnsyncedMark.setting)
            }
        } catch {
            throw StoreError(catalog: error, "make the catalog")
        }
    }

    /// Throws unless the file is a catalog of a version that this code knows.
    static func checkHeader(_ connection: Connection) throws(StoreError) {
        guard try connection.integer("PRAGMA application_id") == Int(Format.applicationID) else {
            throw StoreError(
                .damagedCatalog, "the catalog is not one of Sluice's",
                remedies: [.choose(.store), .restoreBackup])
        }
        let version = try connection.integer("PRAGMA user_version")
        guard version >= 1 else {
            throw StoreError(
                .damagedCatalog, "the catalog has format \(version), which never was",
                remedies: [.restoreBackup])
        }
        guard version >= Int(Format.version) else { throw olderVersion(version) }
        guard version <= Int(Format.version) else {
            throw StoreError(
                .newerVersion,
                """
                the store has format \(version), made by a newer Sluice, and this one reads format \
                \(Format.version)
                """, remedies: [.updateSluice])
        }
    }

    /// That a catalog has a format of before this code's.
    static func olderVersion(_ version: Int) -> StoreError {
        StoreError(
            .olderVersion,
            """
            the store has format \(version), made by an older Sluice, and this one reads format \
            \(Format.version) alone: stores are not carried over before release 1.0
            """,
            remedies: [
                .other(
                    "get its objects with the Sluice that made it, and put them into a new store")
            ])
    }

    static func readStoreRow(_ connection: Connection) throws(StoreError) -> StoreRow {
        var statement = CatalogStatement(
            "SELECT store_id, format FROM store WHERE id = 1", to: "read the catalog")
        let query = try statement.query(connection)
        defer { query.reset() }
        guard try query.step(), query.statement.bytes(0).count == Format.identifierByteCount
        else {
            throw StoreError(
                .damagedCatalog, "the catalog doesn't say which store it is",
                remedies: [.restoreBackup])
        }
        return StoreRow(
            storeID: query.statement.bytes(0), formatVersion: Int(query.statement.int(1)))
    }
}
