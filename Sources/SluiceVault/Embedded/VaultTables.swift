internal import SluiceNative

/// The tables of a vault's database: all SQL about vaults is here.
///
/// Belongs to whoever holds the connection.
struct VaultTables {
    let connection: Connection

    /// The version of the tables that this code makes and reads.
    static let currentFormat = 1

    /// What every connection to a vault's database is set to: a COMMIT is durable, what is deleted is
    /// overwritten, and nothing but ``Vault`` decides when to checkpoint.
    static let settings = """
        PRAGMA synchronous = FULL;
        PRAGMA secure_delete = ON;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA foreign_keys = ON;
        """

    private static let schema = """
        CREATE TABLE vault (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            name TEXT NOT NULL,
            created INTEGER NOT NULL,
            retention_days INTEGER NOT NULL,
            purge_protection INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE keys (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE COLLATE NOCASE
        ) STRICT;
        -- Of two versions the newer has the greater id.
        CREATE TABLE versions (
            id INTEGER PRIMARY KEY,
            key INTEGER NOT NULL REFERENCES keys,
            version TEXT NOT NULL UNIQUE,
            modulus BLOB NOT NULL,
            exponent BLOB NOT NULL,
            operations TEXT NOT NULL,
            enabled INTEGER NOT NULL,
            not_before INTEGER,
            expires INTEGER,
            created INTEGER NOT NULL,
            updated INTEGER NOT NULL,
            salt BLOB NOT NULL,
            sealed BLOB NOT NULL
        ) STRICT;
        CREATE INDEX versions_by_key ON versions (key);
        CREATE TABLE tags (
            version INTEGER NOT NULL REFERENCES versions,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY (version, name)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE anchors (
            store BLOB NOT NULL,
            scope BLOB NOT NULL,
            commitment BLOB NOT NULL,
            authentication BLOB NOT NULL,
            PRIMARY KEY (store, scope)
        ) STRICT, WITHOUT ROWID;
        """

    // MARK: The vault

    /// Makes the tables, in a transaction of the caller's.
    func create(_ vault: VaultRow) throws(DatabaseError) {
        try connection.execute(Self.schema)
        try connection.execute("PRAGMA user_version = \(Self.currentFormat)")
        let insert = try connection.prepare("INSERT INTO vault VALUES (1, ?, ?, ?, ?)")
        try insert.bind(1, vault.name)
        try insert.bind(2, vault.createdSeconds)
        try insert.bind(3, vault.retentionDays)
        try insert.bind(4, vault.isPurgeProtected ? 1 : 0)
        try insert.run()
    }

    /// Which version of the tables the database has; 0 for none.
    func format() throws(DatabaseError) -> Int {
        let select = try connection.prepare("PRAGMA user_version")
        return try select.step() ? Int(select.int(0)) : 0
    }

    /// The vault's own row; nil if the database holds no vault.
    func vault() throws(DatabaseError) -> VaultRow? {
        let select = try connection.prepare(
            "SELECT name, created, retention_days, purge_protection FROM vault")
        guard try select.step() else { return nil }
        return VaultRow(
            name: select.text(0), createdSeconds: Int(select.int(1)),
            retentionDays: Int(select.int(2)), isPurgeProtected: select.int(3) != 0)
    }

    // MARK: Key versions

    /// One version of a key.
    func version(_ version: String, of name: String) throws(DatabaseError) -> KeyVersionRow? {
        let select = try connection.prepare(
            Self.selectVersions + "WHERE k.name = ? AND v.version = ?")
        try select.bind(1, name)
        try select.bind(2, version)
        return try rows(select).first
    }

    /// All versions of a key, the newest first.
    func versions(of name: String) throws(DatabaseError) -> [KeyVersionRow] {
        let select = try connection.prepare(
            Self.selectVersions + "WHERE k.name = ? ORDER BY v.id DESC")
        try select.bind(1, name)
        return try rows(select)
    }

    /// The newest version of a key; among those that are enabled, if any is.
    func newestVersion(of name: String) throws(DatabaseError) -> KeyVersionRow? {
        let select = try connection.prepare(
            Self.selectVersions + "WHERE k.name = ? ORDER BY v.enabled <> 0 DESC, v.id DESC LIMIT 1"
        )
        try select.bind(1, name)
        return try rows(select).first
    }

    /// The newest version of every key, in the order of their names.
    func newestVersions() throws(DatabaseError) -> [KeyVersionRow] {
        try rows(
            connection.prepare(
                Self.selectVersions + """
                    WHERE v.id IN (SELECT max(id) FROM versions GROUP BY key) ORDER BY k.name
                    """))
    }

    /// Adds a version, and the key if it is its first.
    func insert(_ row: KeyVersionRow) throws(DatabaseError) {
        let key = try connection.prepare(
            "INSERT INTO keys (name) VALUES (?) ON CONFLICT DO NOTHING")
        try key.bind(1, row.name)
        try key.run()
        let insert = try connection.prepare(
            """
            INSERT INTO versions (
                key, version, modulus, exponent, operations, enabled, not_before, expires, created,
                updated, salt, sealed
            ) VALUES ((SELECT id FROM keys WHERE name = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        try insert.bind(1, row.name)
        try insert.bind(2, row.version)
        try insert.bind(3, row.modulus)
        try insert.bind(4, row.exponent)
        try insert.bind(5, row.operations)
        try insert.bind(6, row.isEnabled ? 1 : 0)
        if let seconds = row.notBeforeSeconds { try insert.bind(7, seconds) }
        if let seconds = row.expiresSeconds { try insert.bind(8, seconds) }
        try insert.bind(9, row.createdSeconds)
        try insert.bind(10, row.updatedSeconds)
        try insert.bind(11, row.sealed.salt)
        try insert.bind(12, row.sealed.bytes)
        try insert.run()
        let id = connection.lastInsertedRowID
        let tag = try connection.prepare("INSERT INTO tags VALUES (?, ?, ?)")
        for (name, value) in row.tags {
            try tag.bind(1, id)
            try tag.bind(2, name)
            try tag.bind(3, value)
            try tag.run()
        }
    }

    // MARK: Anchors

    /// What is registered for a scope of a store.
    func anchor(store: [UInt8], scope: [UInt8]) throws(DatabaseError) -> AnchorRow? {
        let select = try connection.prepare(
            "SELECT commitment, authentication FROM anchors WHERE store = ? AND scope = ?")
        try select.bind(1, store)
        try select.bind(2, scope)
        guard try select.step() else { return nil }
        return AnchorRow(
            store: store, scope: scope, commitment: select.bytes(0),
            authentication: select.bytes(1))
    }

    /// Registers a commitment for a scope that has none.
    func insert(_ anchor: AnchorRow) throws(DatabaseError) {
        let insert = try connection.prepare("INSERT INTO anchors VALUES (?, ?, ?, ?)")
        try insert.bind(1, anchor.store)
        try insert.bind(2, anchor.scope)
        try insert.bind(3, anchor.commitment)
        try insert.bind(4, anchor.authentication)
        try insert.run()
    }

    // MARK: Private

    private static let selectVersions = """
        SELECT v.id, k.name, v.version, v.modulus, v.exponent, v.operations, v.enabled,
            v.not_before, v.expires, v.created, v.updated, v.salt, v.sealed
        FROM versions v JOIN keys k ON k.id = v.key

        """

    private func rows(_ select: Statement) throws(DatabaseError) -> [KeyVersionRow] {
        let selectTags = try connection.prepare("SELECT name, value FROM tags WHERE version = ?")
        var rows: [KeyVersionRow] = []
        while try select.step() {
            var tags: [String: String] = [:]
            try selectTags.bind(1, select.int(0))
            while try selectTags.step() { tags[selectTags.text(0)] = selectTags.text(1) }
            selectTags.reset()
            rows.append(
                KeyVersionRow(
                    name: select.text(1), version: select.text(2), modulus: select.bytes(3),
                    exponent: select.bytes(4), operations: select.text(5),
                    isEnabled: select.int(6) != 0,
                    notBeforeSeconds: select.isNull(7) ? nil : Int(select.int(7)),
                    expiresSeconds: select.isNull(8) ? nil : Int(select.int(8)),
                    createdSeconds: Int(select.int(9)), updatedSeconds: Int(select.int(10)),
                    sealed: SealedPrivateKey(salt: select.bytes(11), bytes: select.bytes(12)),
                    tags: tags))
        }
        return rows
    }
}
