internal import SluiceAccess
internal import SluiceNative

/// What is asked of `keys`: which version a row names.
struct KeyNameQuery: Sendable {
    private let connection: Connection
    private let known: KeyNames
    private var find = CatalogStatement(
        "SELECT identifier FROM keys WHERE id = ?1", to: "look up a key version")

    init(_ connection: Connection, known: KeyNames) {
        self.connection = connection
        self.known = known
    }

    /// The key version in this row of `keys`.
    mutating func key(rowID: Int) throws(StoreError) -> KeyIdentifier {
        if let key = known[rowID] { return key }
        let query = try find.query(connection)
        try query.bind(1, rowID)
        defer { query.reset() }
        guard try query.step() else {
            throw CatalogFault.impossible("names key version \(rowID), which isn't there")
        }
        let text = query.statement.text(0)
        guard let key = try? KeyIdentifier(parsing: text), key.description == text else {
            throw CatalogFault.impossible("names a key version that is no key identifier")
        }
        known.insert(key, rowID: rowID)
        return key
    }
}
