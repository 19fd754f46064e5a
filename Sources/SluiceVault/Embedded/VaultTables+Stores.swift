internal import SluiceNative

extension VaultTables {
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

    /// Notes where a store is; nil leaves what is known.
    func setPath(_ path: String?, ofStore store: [UInt8]) throws(DatabaseError) {
        let insert = try connection.prepare(
            """
            INSERT INTO stores VALUES (?, ?)
            ON CONFLICT DO UPDATE SET path = coalesce(excluded.path, path)
            """)
        try insert.bind(1, store)
        if let path { try insert.bind(2, path) }
        try insert.run()
    }

    /// The stores that have registered a commitment here, in the order of their ids.
    func stores() throws(DatabaseError) -> [RegisteredStore] {
        let select = try connection.prepare("SELECT store, path FROM stores ORDER BY store")
        var stores: [RegisteredStore] = []
        while try select.step() {
            stores.append(
                RegisteredStore(
                    storeID: select.bytes(0), path: select.isNull(1) ? nil : select.text(1)))
        }
        return stores
    }
}
