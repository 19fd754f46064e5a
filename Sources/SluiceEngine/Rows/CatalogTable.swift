/// A table of the catalog; its name is what it is called in SQL and in reports.
enum CatalogTable: String, CustomStringConvertible {
    case scopes, objects, pins, parts, directories, states, blobs
    case wrappedKeys = "wrapped_keys"

    var description: String { rawValue }
}
