internal import SluiceNative

/// A connection for reading, with what is asked of each table. One thread at a time uses it; every method is one
/// short read transaction.
struct CatalogReader: ~Copyable, Sendable {
    let connection: Connection
    var objects: ObjectQueries
    var directories: DirectoryQueries
    var scopes: ScopeQueries
    var keyNames: KeyNameQuery
    var wrappedKeys: WrappedKeyQueries
    let blobs: BlobQueries
    let pins: PinQueries
    var parts: PartQueries
    var states = StateTable()
    let audit: AuditQueries
    let repair: RepairQueries

    init(connection: Connection, keyNames known: KeyNames) {
        self.connection = connection
        let keyNames = KeyNameQuery(connection, known: known)
        self.keyNames = keyNames
        objects = ObjectQueries(connection, keyNames)
        directories = DirectoryQueries(connection)
        scopes = ScopeQueries(connection, keyNames)
        wrappedKeys = WrappedKeyQueries(connection, keyNames)
        blobs = BlobQueries(connection)
        pins = PinQueries(connection)
        parts = PartQueries(connection)
        audit = AuditQueries(connection)
        repair = RepairQueries(connection)
    }
}
