/// A directory's row.
struct DirectoryRow: Sendable {
    /// Not of a row that is to be inserted.
    var rowID = 0
    var tag: [UInt8]
    var parent: [UInt8]
    var revision: [UInt8]
    var document: [UInt8]
}
