public import SluiceAccess
internal import SluiceFormat

/// What is known of an object without any key: no name, no type, no metadata.
public struct ObjectIDEntry: Sendable, Equatable {
    /// The object's entity tag, by which ``Store/remove(id:in:)`` takes it.
    public let id: EntityTag
    /// Plaintext bytes.
    public let byteCount: Int
    /// Bytes on disk.
    public let storedByteCount: Int
    /// The key version that wraps its data key.
    public let keyIdentifier: KeyIdentifier
}

/// What works without any key, as while access to the keys is revoked. Names are sealed, so objects go by
/// their ids.
extension Store {
    /// A page of the objects of a scope, oldest rows first; needs no key.
    ///
    /// Pass the last entry's id as `after` for the next page; fewer than `limit` entries are the last.
    @available(*, noasync)
    public func objectIDs(
        in scopeName: ScopeName = .default, after: EntityTag? = nil, limit: Int = 10_000
    ) throws(StoreError) -> [ObjectIDEntry] {
        try checkOpen()
        guard limit > 0 else {
            throw StoreError(.invalidArgument, "a page has at least one entry")
        }
        guard let record = try record(of: scopeName) else {
            guard scopeName == .default else { throw Self.missingScope(scopeName) }
            return []
        }
        return try catalog.read { reader throws(StoreError) in
            var rowID = Int.min
            if let after {
                guard let row = try reader.rowID(ofObject: after.objectID(), scope: record.rowID)
                else { throw Self.missingID(after) }
                rowID = row
            }
            return try reader.objectIDs(scope: record.rowID, afterRow: rowID, limit: limit)
        }
    }

    /// Removes the object with this id; needs no key. Throws ``StoreError/Code/notFound``.
    @available(*, noasync)
    public func remove(id: EntityTag, in scopeName: ScopeName = .default) throws(StoreError) {
        try checkOpen()
        guard let record = try record(of: scopeName) else { throw Self.missingID(id) }
        let objectID = try id.objectID()
        let tag = try catalog.write(freesSpace: true) { writer throws(StoreError) in
            guard
                let rowID = try writer.reader.rowID(ofObject: objectID, scope: record.rowID),
                let found = try writer.reader.objectWithContent(rowID: rowID)
            else { throw Self.missingID(id) }
            try writer.remove(found.row, scope: record.rowID)
            return found.row.tag
        }
        knownObjects.remove(tag)
    }

    private static func missingID(_ id: EntityTag) -> StoreError {
        StoreError(
            .notFound, "there is no object with the id '\(id)': `sluice ls --ids` shows them")
    }
}

extension EntityTag {
    /// The object id that the tag is the text of.
    func objectID() throws(StoreError) -> [UInt8] {
        guard let bytes = StoreLayout.objectID(description) else {
            throw StoreError(
                .invalidArgument, "'\(description)' is no id of an object: it has 32 hex digits")
        }
        return bytes
    }
}
