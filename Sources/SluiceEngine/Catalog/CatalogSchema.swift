internal import SluiceFormat
internal import SluiceNative

/// The catalog's tables (FORMAT section 3).
///
/// The bytes of a small object are the last column of its row: a look-up has them at once, and a
/// listing doesn't page through most of them, for SQLite keeps a long row's end apart. New rows go to
/// the end of every table; the name tag is the one index whose entries land at random, and it is kept
/// narrow for that.
enum CatalogSchema {
    static let tables = DatabaseSchema(
        statements, uniqueCounts: ["keys": 1, "scopes": 2, "blobs": 1, "pins": 1])

    /// What makes a file of SQLite's a catalog, and says of which version.
    private static let header = [
        "PRAGMA application_id = \(Format.applicationID)",
        "PRAGMA user_version = \(Format.version)",
    ]

    /// The longest row, and the longest value, that is read: a small object's row has not a tenth of it.
    static let longestRowByteCount = 1 << 20

    private static let statements = [
        """
        CREATE TABLE store (
            id INTEGER PRIMARY KEY CHECK (id = 1), store_id BLOB NOT NULL, format INTEGER NOT NULL,
            created INTEGER NOT NULL)
        """,
        "CREATE TABLE unsynced (id INTEGER PRIMARY KEY CHECK (id = 1))",
        "CREATE TABLE uncounted_extents (id INTEGER PRIMARY KEY CHECK (id = 1))",
        """
        CREATE TABLE moments (
            id INTEGER PRIMARY KEY CHECK (id = 1), boot TEXT NOT NULL,
            wall_seconds INTEGER NOT NULL, boot_seconds INTEGER NOT NULL)
        """,
        "CREATE TABLE keys (id INTEGER PRIMARY KEY, identifier TEXT NOT NULL UNIQUE)",
        """
        CREATE TABLE scopes (
            id INTEGER PRIMARY KEY, scope_id BLOB NOT NULL UNIQUE, name TEXT NOT NULL UNIQUE,
            key_setting TEXT NOT NULL, rewrap INTEGER NOT NULL, poll INTEGER NOT NULL,
            polled INTEGER NOT NULL, versions INTEGER NOT NULL, retention INTEGER NOT NULL,
            data_keys INTEGER NOT NULL, identity TEXT NOT NULL, key INTEGER NOT NULL REFERENCES keys, scheme INTEGER NOT NULL,
            wrapped BLOB NOT NULL, commitment BLOB NOT NULL, created INTEGER NOT NULL,
            code BLOB NOT NULL)
        """,
        """
        CREATE TABLE removed_scopes (
            id INTEGER PRIMARY KEY, scope_id BLOB NOT NULL, vaults TEXT NOT NULL,
            emptied INTEGER NOT NULL)
        """,
        """
        CREATE TABLE census (
            scope INTEGER NOT NULL, key INTEGER NOT NULL, objects INTEGER NOT NULL,
            bytes INTEGER NOT NULL, PRIMARY KEY (scope, key)) WITHOUT ROWID
        """,
        """
        CREATE TABLE wrapped_keys (
            id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, key INTEGER NOT NULL,
            objects INTEGER NOT NULL, bytes INTEGER NOT NULL, scheme INTEGER NOT NULL,
            wrapped BLOB NOT NULL)
        """,
        "CREATE INDEX wrapped_keys_by_key ON wrapped_keys (scope, key, scheme)",
        """
        CREATE TABLE blobs (
            id INTEGER PRIMARY KEY, refs INTEGER NOT NULL, file BLOB NOT NULL UNIQUE)
        """,
        "CREATE INDEX blobs_garbage ON blobs (id) WHERE refs = 0",
        """
        CREATE TABLE objects (
            id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, encryption INTEGER,
            tag BLOB NOT NULL, directory BLOB NOT NULL, object_id BLOB NOT NULL, entity_tag BLOB NOT NULL,
            revision BLOB NOT NULL, byte_count INTEGER NOT NULL,
            stored_byte_count INTEGER NOT NULL, chunk_exponent INTEGER NOT NULL,
            codec INTEGER NOT NULL, table_digest BLOB, commitment BLOB NOT NULL,
            wrapped_key INTEGER NOT NULL, blob INTEGER, document BLOB NOT NULL, metadata BLOB,
            due INTEGER, data BLOB)
        """,
        "CREATE UNIQUE INDEX objects_by_tag ON objects (scope, tag)",
        "CREATE INDEX objects_by_directory ON objects (scope, directory)",
        // What a count says is not needed is deleted only if these find no reference.
        "CREATE INDEX objects_by_wrapped_key ON objects (wrapped_key)",
        "CREATE INDEX objects_by_blob ON objects (blob) WHERE blob IS NOT NULL",
        "CREATE INDEX objects_by_encryption ON objects (encryption) WHERE encryption IS NOT NULL",
        "CREATE INDEX objects_by_due ON objects (due) WHERE due IS NOT NULL",
        """
        CREATE TABLE pins (
            id INTEGER PRIMARY KEY, pin_id BLOB NOT NULL UNIQUE, object_id BLOB NOT NULL,
            revision BLOB NOT NULL, byte_count INTEGER NOT NULL,
            stored_byte_count INTEGER NOT NULL, chunk_exponent INTEGER NOT NULL,
            codec INTEGER NOT NULL, table_digest BLOB, commitment BLOB NOT NULL, blob INTEGER,
            keys BLOB NOT NULL, document BLOB NOT NULL, data BLOB)
        """,
        "CREATE INDEX pins_by_blob ON pins (blob) WHERE blob IS NOT NULL",
        """
        CREATE TABLE extents (
            manifest INTEGER NOT NULL, blob INTEGER NOT NULL, stored_byte_count INTEGER NOT NULL,
            PRIMARY KEY (manifest, blob)) WITHOUT ROWID
        """,
        "CREATE INDEX extents_by_blob ON extents (blob)",
        """
        CREATE TABLE parts (
            id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, encryption INTEGER,
            tag BLOB NOT NULL, part BLOB NOT NULL, object_id BLOB NOT NULL, blob INTEGER NOT NULL, stored_byte_count INTEGER NOT NULL,
            revision BLOB NOT NULL, created INTEGER NOT NULL, keys BLOB NOT NULL,
            document BLOB NOT NULL)
        """,
        "CREATE UNIQUE INDEX parts_by_tag ON parts (scope, tag, part)",
        "CREATE INDEX parts_by_blob ON parts (blob)",
        "CREATE INDEX parts_by_encryption ON parts (encryption) WHERE encryption IS NOT NULL",
        "CREATE INDEX parts_by_time ON parts (created)",
        """
        CREATE TABLE states (
            id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, tag BLOB NOT NULL,
            created INTEGER NOT NULL, revision BLOB NOT NULL, document BLOB NOT NULL)
        """,
        "CREATE UNIQUE INDEX states_by_tag ON states (scope, tag)",
        """
        CREATE TABLE directories (
            id INTEGER PRIMARY KEY, scope INTEGER NOT NULL, tag BLOB NOT NULL,
            parent BLOB NOT NULL, revision BLOB NOT NULL, document BLOB NOT NULL)
        """,
        "CREATE UNIQUE INDEX directories_by_tag ON directories (scope, tag)",
        "CREATE INDEX directories_by_parent ON directories (scope, parent)",
    ]

    /// Makes the tables in an empty database, in a transaction of the caller's.
    static func make(_ connection: Connection) throws(DatabaseError) {
        for statement in tables.statements + header { try connection.execute(statement) }
    }

    /// Sees to it that the connection works by these tables only, and reads no row that can't be one.
    static func guardTables(of connection: Connection) throws(DatabaseError) {
        connection.limitValues(byteCount: longestRowByteCount)
        try connection.expect(tables)
    }

    /// The columns of an ``ObjectRow``, in the order in which ``ObjectQueries`` decodes them.
    static let objectColumns = """
        o.id, o.tag, o.directory, o.object_id, o.revision, o.byte_count, o.stored_byte_count, \
        o.chunk_exponent, o.codec, o.table_digest, o.commitment, o.wrapped_key, o.blob, \
        o.document, w.scheme, w.key, w.wrapped, o.entity_tag, o.metadata, o.encryption
        """
}
