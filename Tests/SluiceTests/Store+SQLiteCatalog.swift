import Testing

@testable import SluiceEngine

extension Store {
    /// The catalog, for those who look behind what a ``CatalogStore`` tells.
    var sqliteCatalog: SQLiteCatalog {
        get throws { try #require(context.catalog as? SQLiteCatalog) }
    }
}
