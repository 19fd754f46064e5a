/// What verifying and repairing a catalog asks of it. Takes time in proportion to its size.
protocol CatalogAudit: AnyObject, Sendable {
    // MARK: Verifying

    /// What is wrong with the database itself, in words.
    func integrityProblems() throws(StoreError) -> [String]
    /// Counts of the census that differ from what the rows add up to.
    func miscountedKeyCount() throws(StoreError) -> Int
    /// Rows whose count of references isn't the number of references: of blobs or of wrapped keys.
    func misreferencedRowCount(of table: CatalogTable) throws(StoreError) -> Int
    /// Rows in a scope that isn't there.
    func strayRowCount(of table: CatalogTable) throws(StoreError) -> Int
    /// The first row of an object with a row id above `rowID`: a way through all.
    func nextRow(scope: Int, afterRow rowID: Int) throws(StoreError) -> Int?

    // MARK: Looking for what to repair

    /// The row ids of a table.
    func rowIDs(of table: CatalogTable) throws(StoreError) -> [Int]
    /// The row ids of a scope's objects.
    func objectRowIDs(inScope scope: Int) throws(StoreError) -> [Int]
    /// The row ids of scopes whose rows can't be ones.
    func impossibleScopes() throws(StoreError) -> [Int]
    /// Rows of directories whose values have lengths that none can have.
    func impossibleDirectories() throws(StoreError) -> [Int]
    /// What holds objects of a scope.
    func states(inScope scope: Int) throws(StoreError) -> [StateRow]
    /// The directories of a scope.
    func directories(inScope scope: Int) throws(StoreError) -> [DirectoryRow]
    /// Rows that lead to no bytes, to two places, or to another's.
    func wrongReferences(of table: CatalogTable) throws(StoreError) -> [BlobReference]
    /// What the catalog calls the key version of an object's data key: nil if its wrapped key is gone, empty if
    /// the version's name is.
    func keyIdentifier(ofObject rowID: Int) throws(StoreError) -> String?
    func wrappedKeyRowID(ofObject rowID: Int) throws(StoreError) -> Int
    func claimedPlace(
        ofRow rowID: Int, in table: CatalogTable
    ) throws(StoreError) -> ClaimedPlace
    /// The statement that would put a row back as it is; nil if there is none.
    func insertStatement(of rowID: Int, in table: CatalogTable) throws(StoreError) -> String?

    // MARK: Repairing

    /// Removes a row, which nothing is counted for.
    func deleteRow(_ rowID: Int, of table: CatalogTable) throws(StoreError)
    /// Leads a row to the bytes that bear its object id.
    func mend(_ reference: BlobReference) throws(StoreError)
    /// Gives an object's row the tag by which it is found.
    func setTag(_ tag: [UInt8], ofObject rowID: Int) throws(StoreError)
    /// Gives an object's row its encryption scope; nil for the one that has its name.
    func setEncryptionScope(_ scope: Int?, ofObject rowID: Int) throws(StoreError)
    /// The row of the scope that an object's data key is said to be wrapped for.
    func wrappingScope(ofObject rowID: Int) throws(StoreError) -> Int?
    /// Makes counts what the rows add up to, and says how many were not.
    func recount() throws(StoreError) -> Int
    /// Adds those of the directories that are missing.
    func addDirectories(_ rows: [DirectoryRow], scope: Int) throws(StoreError)
    /// Removes the row of a directory that holds nothing any more, and those above it likewise.
    func pruneDirectory(_ directory: [UInt8], scope: Int) throws(StoreError)
}
