internal import SluiceAccess
internal import SluiceNative

/// The tables of a vault's database: all SQL about vaults is here, and in the extensions beside.
///
/// Belongs to whoever holds the connection.
struct VaultTables {
    let connection: Connection

    /// The version of the tables that this code makes and reads: another one as soon as a statement below is, by a
    /// byte. Vaults of an older one are refused, and those of the golden vectors made anew (Data/README).
    static let currentFormat = 4

    /// What every connection to a vault's database is set to: a COMMIT is durable, what is deleted is
    /// overwritten, and nothing but ``Vault`` decides when to checkpoint.
    static let settings = """
        PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA foreign_keys = ON;
        """

    /// The tables of a vault's database, and nothing else is in one.
    static let tables = DatabaseSchema(
        statements, uniqueCounts: ["keys": 1, "versions": 1])

    /// The longest row, and the longest value, that is read: none that Sluice writes has a tenth of it.
    static let longestRowByteCount = 1 << 20

    private static let statements = [
        """
        CREATE TABLE vault (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            name TEXT NOT NULL,
            created INTEGER NOT NULL,
            retention_days INTEGER NOT NULL,
            purge_protection INTEGER NOT NULL,
            deleted INTEGER,
            purge_at INTEGER,
            purged INTEGER NOT NULL,
            -- A time that was believed: on the wall clock, since the boot, and which boot.
            noted INTEGER,
            noted_since_boot INTEGER,
            noted_boot TEXT
        ) STRICT
        """,
        """
        CREATE TABLE policies (
            identity TEXT PRIMARY KEY,
            permissions TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        // Those that were ever switched off; in the reserved vault, for all vaults.
        """
        CREATE TABLE identities (
            identity TEXT PRIMARY KEY,
            enabled INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE keys (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE COLLATE NOCASE,
            deleted INTEGER,
            purge_at INTEGER
        ) STRICT
        """,
        """
        CREATE TABLE rotation_policies (
            key INTEGER PRIMARY KEY REFERENCES keys ON DELETE CASCADE,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            expiry TEXT,
            rotate_after_create TEXT,
            rotate_before_expiry TEXT,
            notify_after_create TEXT,
            notify_before_expiry TEXT
        ) STRICT
        """,
        // Of two versions the newer has the greater id.
        """
        CREATE TABLE versions (
            id INTEGER PRIMARY KEY,
            key INTEGER NOT NULL REFERENCES keys ON DELETE CASCADE,
            version TEXT NOT NULL UNIQUE,
            -- As RSA-2048 or P-256; and the numbers of the public key, one after another.
            kind TEXT NOT NULL,
            public_key BLOB NOT NULL,
            operations TEXT NOT NULL,
            enabled INTEGER NOT NULL,
            not_before INTEGER,
            expires INTEGER,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            salt BLOB NOT NULL,
            sealed BLOB NOT NULL,
            deleted INTEGER,
            purge_at INTEGER,
            -- When it was noted that it is about to expire.
            notified INTEGER,
            -- Whether it is being retired, and wraps nothing meanwhile.
            retiring INTEGER NOT NULL DEFAULT 0
        ) STRICT
        """,
        "CREATE INDEX versions_by_key ON versions (key)",
        """
        CREATE TABLE tags (
            version INTEGER NOT NULL REFERENCES versions ON DELETE CASCADE,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (version, name)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE anchors (
            store BLOB NOT NULL,
            scope BLOB NOT NULL,
            commitment BLOB NOT NULL,
            authentication BLOB NOT NULL,
            PRIMARY KEY (store, scope)
        ) STRICT, WITHOUT ROWID
        """,
        // A store that was copied is in several places; one in memory has the path ''.
        """
        CREATE TABLE stores (
            store BLOB NOT NULL,
            path TEXT NOT NULL,
            PRIMARY KEY (store, path)
        ) STRICT, WITHOUT ROWID
        """,
    ]

    // MARK: The vault

    /// Makes the tables, with nothing in them, in a transaction of the caller's.
    func create() throws(DatabaseError) {
        for statement in Self.tables.statements { try connection.execute(statement) }
        try connection.execute("PRAGMA user_version = \(Self.currentFormat)")
    }

    /// Makes the tables, in a transaction of the caller's.
    func create(_ vault: VaultRow) throws(DatabaseError) {
        try create()
        let insert = try connection.prepare(
            """
            INSERT INTO vault VALUES (1, ?, ?, ?, ?, NULL, NULL, 0, NULL, NULL, NULL)
            """)
        try insert.bind(1, vault.name)
        try insert.bind(2, vault.createdSeconds)
        try insert.bind(3, vault.retentionDays)
        try insert.bind(4, vault.isPurgeProtected ? 1 : 0)
        try insert.runChangingOneRow()
        if let noted = vault.noted { try setNoted(noted) }
    }

    /// Notes a time that was believed.
    func setNoted(_ moment: BootMoment) throws(DatabaseError) {
        let update = try connection.prepare(
            "UPDATE vault SET noted = ?, noted_since_boot = ?, noted_boot = ?")
        try update.bind(1, moment.wallSeconds)
        try update.bind(2, moment.secondsSinceBoot)
        try update.bind(3, moment.boot)
        try update.runChangingOneRow()
    }

    /// Sees to it that the connection works by these tables only, and reads no row that can't be one.
    func guardSchema() throws(DatabaseError) {
        connection.limitValues(byteCount: Self.longestRowByteCount)
        try connection.expect(Self.tables)
    }

    /// Which version of the tables the database has; 0 for none.
    func format() throws(DatabaseError) -> Int {
        let select = try connection.prepare("PRAGMA user_version")
        return try select.step() ? Int(select.int(0)) : 0
    }

    /// A number that is another one whenever another connection has committed something since this connection was last
    /// asked.
    func dataVersion() throws(DatabaseError) -> Int {
        let select = try connection.prepare("PRAGMA data_version")
        return try select.step() ? Int(select.int(0)) : 0
    }

    /// The vault's own row; nil if the database holds no vault.
    func vault() throws(DatabaseError) -> VaultRow? {
        let select = try connection.prepare(
            """
            SELECT name, created, retention_days, purge_protection, deleted, purge_at, purged,
                noted, noted_since_boot, noted_boot
            FROM vault
            """)
        guard try select.step() else { return nil }
        return VaultRow(
            name: select.text(0), createdSeconds: Int(select.int(1)),
            // What a vault can be made with, whatever the database says by now: it is reckoned with.
            retentionDays: min(max(Int(select.int(2)), 7), 90),
            isPurgeProtected: select.int(3) != 0,
            deletion: deletion(select, 4), isPurged: select.int(6) != 0, noted: noted(select, 7))
    }

    private func noted(_ row: Statement, _ column: Int32) -> BootMoment? {
        guard !row.isNull(column), !row.isNull(column + 1), !row.isNull(column + 2) else {
            return nil
        }
        return BootMoment(
            wallSeconds: Int(row.int(column)), secondsSinceBoot: Int(row.int(column + 1)),
            boot: row.text(column + 2))
    }

    /// Saves what can change of the vault's own row.
    func update(_ vault: VaultRow) throws(DatabaseError) {
        let update = try connection.prepare(
            "UPDATE vault SET purge_protection = ?, deleted = ?, purge_at = ?, purged = ?")
        try update.bind(1, vault.isPurgeProtected ? 1 : 0)
        if let deletion = vault.deletion {
            try update.bind(2, deletion.deletedSeconds)
            try update.bind(3, deletion.purgeSeconds)
        }
        try update.bind(4, vault.isPurged ? 1 : 0)
        try update.runChangingOneRow()
    }

    /// The two columns from `column` on as a deletion; nil if they are NULL.
    func deletion(_ row: Statement, _ column: Int32) -> Deletion? {
        guard !row.isNull(column) else { return nil }
        return Deletion(
            deletedSeconds: Int(row.int(column)), purgeSeconds: Int(row.int(column + 1)))
    }
}

extension VaultTables {
    /// Removes for good what was deleted and is due, if the clock is believed, and notes the time for later.
    func settle(_ time: PresentTime) throws(DatabaseError) {
        guard let row = try vault() else { return }
        if time.isBelieved(by: row.noted) { try purgeWhatIsDue(atSeconds: time.seconds) }
        try note(time, in: row)
    }

    /// Notes the time, if that says more than what is noted.
    func note(_ time: PresentTime, in row: VaultRow) throws(DatabaseError) {
        if let moment = time.moment, moment.replaces(row.noted) { try setNoted(moment) }
    }
}
