/// A row of the catalog's `parts`: a part of an upload that isn't committed (FORMAT section 8).
struct PartRow: Sendable {
    /// Not of a row that is to be inserted.
    var rowID = 0
    /// Of the name that the upload is to have.
    var tag: [UInt8]
    /// Of the part's id.
    var part: [UInt8]
    /// What the file of its blob is called.
    var blobID: [UInt8]
    var storedByteCount: Int
    var revision: [UInt8]
    /// For removing what nobody has committed; the document has it, too.
    var createdMilliseconds: Int
    /// The part's keys, sealed.
    var keys: [UInt8]
    var document: [UInt8]
    /// The row of the scope that its keys are sealed for, if that is another than the one that is to have the name.
    var encryptionRowID: Int?
}
