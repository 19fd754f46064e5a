internal import SluiceAccess
internal import SluiceNative

/// What is asked of `wrapped_keys`, and of the census, which counts what is under them.
struct WrappedKeyQueries: Sendable {
    private let connection: Connection
    private var keyNames: KeyNameQuery

    private var findObjectKey = CatalogStatement(
        """
        SELECT w.key, w.scheme, w.wrapped FROM objects o JOIN wrapped_keys w ON w.id = o.wrapped_key \
        WHERE o.id = ?1 AND o.object_id = ?2
        """, to: "look up an object's key")

    init(_ connection: Connection, _ keyNames: KeyNameQuery) {
        self.connection = connection
        self.keyNames = keyNames
    }

    /// The row of `keys` that an object's data key is said to be wrapped under now, and its bytes; nil if
    /// the object isn't in that row.
    mutating func wrappedKey(
        ofObject objectID: [UInt8], rowID: Int
    ) throws(StoreError) -> ObjectKeyRow? {
        let query = try findObjectKey.query(connection)
        try query.bind(1, rowID)
        try query.bind(2, objectID)
        defer { query.reset() }
        guard try query.step() else { return nil }
        let row = query.statement
        return ObjectKeyRow(
            keyRowID: Int(row.int(0)), scheme: UInt8(clamping: row.int(1)), bytes: row.bytes(2))
    }

    /// The row of the scope that an object's data key is said to be wrapped for.
    func scope(ofObject rowID: Int) throws(StoreError) -> Int? {
        var scope: Int?
        try connection.forEachRow(
            """
            SELECT w.scope FROM objects o JOIN wrapped_keys w ON w.id = o.wrapped_key \
            WHERE o.id = \(rowID)
            """
        ) { row throws(StoreError) in scope = Int(row.int(0)) }
        return scope
    }

    /// Objects and bytes of a scope by key version, as counted at each commit.
    mutating func census(scope: Int) throws(StoreError) -> [CensusEntry] {
        var entries: [CensusEntry] = []
        for count in try censusByKeyRow(scope: scope) {
            entries.append(
                CensusEntry(
                    key: try keyNames.key(rowID: count.keyRowID), objectCount: count.objectCount,
                    byteCount: count.byteCount))
        }
        return entries
    }

    /// The census by rows of `keys`, without empty counts. All that it counts of a scope together is no
    /// more than one count can be.
    func censusByKeyRow(
        scope: Int
    ) throws(StoreError) -> [(keyRowID: Int, objectCount: Int, byteCount: Int)] {
        var counts: [(keyRowID: Int, objectCount: Int, byteCount: Int)] = []
        var (objectRoom, byteRoom) = (Statement.largestCount, Statement.largestCount)
        try connection.forEachRow(
            """
            SELECT key, objects, bytes FROM census WHERE scope = \(scope) AND objects <> 0 ORDER BY key
            """
        ) { row throws(StoreError) in
            let objects = min(row.count(1), objectRoom)
            let bytes = min(row.count(2), byteRoom)
            objectRoom -= objects
            byteRoom -= bytes
            counts.append((Int(row.int(0)), objects, bytes))
        }
        return counts
    }

    /// See ``CatalogKeys/keysInUse(ofScope:)``.
    func keysInUse(
        ofScope scope: Int
    ) throws(StoreError) -> [(group: KeyGroup, objectCount: Int)] {
        let counted = try censusByKeyRow(scope: scope)
        var keys: [(group: KeyGroup, objectCount: Int)] = []
        try connection.forEachValue(
            "SELECT min(key) FROM wrapped_keys WHERE scope = \(scope) AND key >= ?1",
            to: "see what is wrapped under which key"
        ) { keyRowID throws(StoreError) in
            let rows = "FROM wrapped_keys WHERE scope = \(scope) AND key = \(keyRowID)"
            var schemes: [UInt8] = []
            try connection.forEachValue(
                "SELECT min(scheme) \(rows) AND scheme >= ?1",
                to: "see how data keys are wrapped"
            ) { scheme throws(StoreError) in
                // What isn't a scheme is for a repair to find.
                if let scheme = UInt8(exactly: scheme) { schemes.append(scheme) }
                return true
            }
            let census = counted.first { $0.keyRowID == keyRowID }?.objectCount ?? 0
            for scheme in schemes {
                let isAlone = schemes.count == 1
                let objectCount =
                    isAlone && census > 0
                    ? census
                    : try connection.integer(
                        """
                        SELECT \(isAlone ? "count(*)" : "ifnull(sum(max(objects, 1)), 0)") \(rows) \
                        AND scheme = \(scheme)
                        """)
                keys.append((KeyGroup(keyRowID: keyRowID, scheme: scheme), objectCount))
            }
            return true
        }
        return keys
    }

    /// What needs a key version, by the rows that are wrapped under it, whatever their counts say.
    func need(of identifier: String) throws(StoreError) -> KeyNeed {
        var count = CatalogStatement(
            """
            SELECT (SELECT count(*) FROM wrapped_keys w WHERE w.key = k.id), \
            (SELECT min(s.name) FROM wrapped_keys w JOIN scopes s ON s.id = w.scope \
            WHERE w.key = k.id), (SELECT min(s.name) FROM scopes s WHERE s.key = k.id), \
            (SELECT s.key_setting = k.identifier FROM scopes s WHERE s.key = k.id \
            ORDER BY s.name LIMIT 1) \
            FROM keys k WHERE k.identifier = ?1
            """, to: "see what needs a key version")
        let query = try count.query(connection)
        defer { query.reset() }
        try query.bind(1, identifier)
        var need = KeyNeed()
        while try query.step() {
            let row = query.statement
            need.dataKeyCount += Int(row.int(0))
            if !row.isNull(1) { need.dataKeyScope = row.text(1) }
            if !row.isNull(2) {
                need.scopeName = row.text(2)
                need.isScopePinned = row.int(3) != 0
            }
        }
        return need
    }

    /// A page of a scope's keys that are wrapped in one way under one version.
    mutating func wrappedKeys(
        scope: Int, in group: KeyGroup, afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [WrappedKeyRow] {
        let keyRowID = group.keyRowID
        let key = try keyNames.key(rowID: keyRowID)
        var statement = CatalogStatement(
            """
            SELECT id, scheme, wrapped, objects, bytes FROM wrapped_keys \
            WHERE scope = ?1 AND key = ?2 AND scheme = ?5 AND id > ?3 ORDER BY id LIMIT ?4
            """, to: "list wrapped keys")
        let query = try statement.query(connection)
        defer { query.reset() }
        try query.bind(1, scope)
        try query.bind(2, keyRowID)
        try query.bind(3, rowID)
        try query.bind(4, limit)
        try query.bind(5, Int(group.scheme))
        var rows: [WrappedKeyRow] = []
        while try query.step() {
            let row = query.statement
            rows.append(
                WrappedKeyRow(
                    rowID: Int(row.int(0)), keyRowID: keyRowID,
                    wrapped: WrappedKey(
                        scheme: UInt8(truncatingIfNeeded: row.int(1)), key: key,
                        bytes: row.bytes(2)),
                    objectCount: row.count(3), byteCount: row.count(4)))
        }
        return rows
    }
}
