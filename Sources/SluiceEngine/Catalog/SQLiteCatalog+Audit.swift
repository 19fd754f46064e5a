/// What a verification asks; what a repair looks for, and what it does.
extension SQLiteCatalog {
    func integrityProblems() throws(StoreError) -> [String] {
        try read { reader throws(StoreError) in try reader.audit.integrityProblems() }
    }

    func miscountedKeyCount() throws(StoreError) -> Int {
        try read { reader throws(StoreError) in try reader.audit.miscountedKeyCount() }
    }

    func misreferencedRowCount(of table: CatalogTable) throws(StoreError) -> Int {
        try read { reader throws(StoreError) in try reader.audit.misreferencedRowCount(of: table) }
    }

    func strayRowCount(of table: CatalogTable) throws(StoreError) -> Int {
        try read { reader throws(StoreError) in try reader.audit.strayRowCount(of: table) }
    }

    func nextRow(scope: Int, afterRow rowID: Int) throws(StoreError) -> Int? {
        try read { reader throws(StoreError) in
            try reader.objects.nextRow(scope: scope, afterRow: rowID)
        }
    }

    // MARK: Repair

    func rowIDs(of table: CatalogTable) throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in try reader.audit.rowIDs(of: table) }
    }

    func objectRowIDs(inScope scope: Int) throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in
            try reader.audit.rowIDs(of: .objects, inScope: scope)
        }
    }

    func impossibleScopes() throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in try reader.scopes.impossibleScopes() }
    }

    func impossibleDirectories() throws(StoreError) -> [Int] {
        try read { reader throws(StoreError) in try reader.repair.impossibleDirectories() }
    }

    func states(inScope scope: Int) throws(StoreError) -> [StateRow] {
        try read { reader throws(StoreError) in try reader.repair.states(inScope: scope) }
    }

    func directories(inScope scope: Int) throws(StoreError) -> [DirectoryRow] {
        try read { reader throws(StoreError) in try reader.repair.directories(inScope: scope) }
    }

    func wrongReferences(of table: CatalogTable) throws(StoreError) -> [BlobReference] {
        try read { reader throws(StoreError) in try reader.repair.wrongReferences(of: table) }
    }

    func keyIdentifier(ofObject rowID: Int) throws(StoreError) -> String? {
        try read { reader throws(StoreError) in try reader.repair.keyIdentifier(ofObject: rowID) }
    }

    func wrappedKeyRowID(ofObject rowID: Int) throws(StoreError) -> Int {
        try read { reader throws(StoreError) in try reader.repair.wrappedKeyRowID(ofObject: rowID) }
    }

    func claimedPlace(
        ofRow rowID: Int, in table: CatalogTable
    ) throws(StoreError) -> ClaimedPlace {
        try read { reader throws(StoreError) in
            try reader.repair.claimedPlace(ofRow: rowID, in: table)
        }
    }

    func insertStatement(of rowID: Int, in table: CatalogTable) throws(StoreError) -> String? {
        try read { reader throws(StoreError) in
            try reader.repair.insertStatement(of: rowID, in: table)
        }
    }

    func deleteRow(_ rowID: Int, of table: CatalogTable) throws(StoreError) {
        try write { writer throws(StoreError) in
            try writer.mend { mender throws(StoreError) in try mender.deleteRow(rowID, of: table) }
        }
    }

    func mend(_ reference: BlobReference) throws(StoreError) {
        try write { writer throws(StoreError) in
            try writer.mend { mender throws(StoreError) in try mender.mend(reference) }
        }
    }

    func setEncryptionScope(_ scope: Int?, ofObject rowID: Int) throws(StoreError) {
        try write { writer throws(StoreError) in
            try writer.mend { mender throws(StoreError) in
                try mender.setEncryptionScope(scope, ofObject: rowID)
            }
        }
    }

    func wrappingScope(ofObject rowID: Int) throws(StoreError) -> Int? {
        try read { reader throws(StoreError) in
            try reader.wrappedKeys.scope(ofObject: rowID)
        }
    }

    func setTag(_ tag: [UInt8], ofObject rowID: Int) throws(StoreError) {
        try write { writer throws(StoreError) in
            try writer.mend { mender throws(StoreError) in
                try mender.setTag(tag, ofObject: rowID)
            }
        }
    }

    func recount() throws(StoreError) -> Int {
        try write { writer throws(StoreError) in
            try writer.mend { mender throws(StoreError) in try mender.recount() }
        }
    }

    func addDirectories(_ rows: [DirectoryRow], scope: Int) throws(StoreError) {
        try write { writer throws(StoreError) in
            try writer.addDirectories(rows, scope: scope)
        }
    }

    func pruneDirectory(_ directory: [UInt8], scope: Int) throws(StoreError) {
        try write { writer throws(StoreError) in
            _ = try writer.pruneDirectory(directory, scope: scope)
        }
    }
}
