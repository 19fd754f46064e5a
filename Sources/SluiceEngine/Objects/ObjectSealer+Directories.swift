internal import SluiceFormat
internal import SluiceNative

/// Directories are sealed before the transaction that makes their rows.
extension ObjectSealer {
    /// The directories that an object of this name is to be in, of which the innermost has this tag: sealed, as far
    /// as they aren't known to be there.
    func directories(
        holding name: ObjectName, tag: [UInt8], in scope: Scope
    ) throws(StoreError) -> DirectoryBasis {
        var made: Set<[UInt8]> = []
        return try directories(holding: name, tag: tag, in: scope, besides: &made)
    }

    /// The same, where the same transaction has `made` some before; those that this makes are added.
    func directories(
        holding name: ObjectName, tag: [UInt8], in scope: Scope, besides made: inout Set<[UInt8]>
    ) throws(StoreError) -> DirectoryBasis {
        var basis = DirectoryBasis()
        var (path, tag) = (Scope.directory(of: name.utf8), tag)
        while !path.isEmpty {
            let isThere = made.contains(tag) ? true : try isKnown(tag, in: scope)
            if isThere {
                basis.holder = tag
                break
            }
            let row = try scope.sealDirectory(
                path: path, tag: tag, revision: try library.revision())
            basis.rows.append(row)
            made.insert(tag)
            tag = row.parent
            path = Scope.parent(of: path)
        }
        return basis
    }

    /// All directories that hold an object of this name, sealed.
    func allDirectories(
        holding name: ObjectName, in scope: Scope
    ) throws(StoreError) -> [DirectoryRow] {
        var rows: [DirectoryRow] = []
        var path = Scope.directory(of: name.utf8)
        while !path.isEmpty {
            rows.append(
                try scope.sealDirectory(
                    path: path, tag: try scope.tag(ofDirectory: path),
                    revision: try library.revision()))
            path = Scope.parent(of: path)
        }
        return rows
    }

    private func isKnown(_ tag: [UInt8], in scope: Scope) throws(StoreError) -> Bool {
        if scope.knownDirectories.contains(tag) { return true }
        guard try catalog.directory(scope: scope.record.rowID, tag: tag) != nil else {
            return false
        }
        scope.knownDirectories.insert(tag)
        return true
    }
}
