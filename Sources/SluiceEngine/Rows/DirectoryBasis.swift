/// The directories that an object is to be in: those that are there, for all that is known, and the others' rows,
/// sealed beforehand.
struct DirectoryBasis: Sendable {
    /// The innermost first; of these, what is missing is made.
    var rows: [DirectoryRow] = []
    /// The tag of the directory that holds all of them, which must be there; nil if that is the root, which has
    /// no row.
    var holder: [UInt8]?
}
