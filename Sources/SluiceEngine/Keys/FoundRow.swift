/// The row that a look-up by name found.
enum FoundRow: Sendable {
    /// It is as it was when this was authenticated.
    case known(KnownObject)
    /// Nothing is known of it, or something else.
    case new(ObjectRow)

    var objectID: [UInt8] {
        switch self {
        case .known(let known): known.object.row.objectID
        case .new(let row): row.objectID
        }
    }
}

extension KnownObjects {
    /// The object with this tag: what is known of it, if its row is still that.
    func find(_ tag: [UInt8], in catalog: any CatalogStore) throws(StoreError) -> FoundRow? {
        let scopeRowID = scope.record.rowID
        if let known = self[tag], try catalog.isThere(known.object.row, scope: scopeRowID) {
            return .known(known)
        }
        return try catalog.object(scope: scopeRowID, tag: tag).map { .new($0) }
    }

    /// The object with this tag, likewise, and where its bytes are.
    func findWithContent(
        _ tag: [UInt8], in catalog: any CatalogStore
    ) throws(StoreError) -> (row: FoundRow, content: BlobContent)? {
        let scopeRowID = scope.record.rowID
        if let known = self[tag],
            let content = try catalog.content(ifThere: known.object.row, scope: scopeRowID)
        {
            return (.known(known), content)
        }
        return try catalog.objectWithContent(scope: scopeRowID, tag: tag)
            .map { (.new($0.row), $0.content) }
    }
}
