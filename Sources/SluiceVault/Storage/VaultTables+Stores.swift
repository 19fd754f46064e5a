internal import SluiceAccess
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
        try insert.runChangingOneRow()
    }

    /// Forgets what is registered for a scope of a store.
    func removeAnchor(store: [UInt8], scope: [UInt8]) throws(DatabaseError) {
        let delete = try connection.prepare("DELETE FROM anchors WHERE store = ? AND scope = ?")
        try delete.bind(1, store)
        try delete.bind(2, scope)
        try delete.run()
    }

    /// Notes a place where a store is, beside those that are known; nil for memory.
    func addPlace(_ path: String?, ofStore store: [UInt8]) throws(DatabaseError) {
        let insert = try connection.prepare("INSERT OR IGNORE INTO stores VALUES (?, ?)")
        try insert.bind(1, store)
        try insert.bind(2, path ?? "")
        try insert.run()
    }

    /// Forgets a place where a store was.
    func removePlace(_ path: String, ofStore store: [UInt8]) throws(DatabaseError) {
        let delete = try connection.prepare("DELETE FROM stores WHERE store = ? AND path = ?")
        try delete.bind(1, store)
        try delete.bind(2, path)
        try delete.run()
    }

    /// Whether a store has registered a commitment here.
    func knows(store: [UInt8]) throws(DatabaseError) -> Bool {
        let select = try connection.prepare("SELECT 1 FROM anchors WHERE store = ?")
        try select.bind(1, store)
        return try select.step()
    }

    /// The stores that have registered a commitment here, in the order of their ids and places.
    func stores() throws(DatabaseError) -> [RegisteredStore] {
        let select = try connection.prepare("SELECT store, path FROM stores ORDER BY store, path")
        var stores: [RegisteredStore] = []
        while try select.step() {
            let path = select.text(1)
            stores.append(
                RegisteredStore(storeID: select.bytes(0), path: path.isEmpty ? nil : path))
        }
        return stores
    }
}
