internal import SluiceAccess
internal import SluiceNative

/// What operations on the catalog take to be so of a scope, and what becomes of that.
extension Scope {
    /// What an operation uses this scope for: as its record has it or, if it has moved on since, as that says.
    ///
    /// - Parameter isChange: Whether it overwrites or removes objects, which the scope may keep.
    func use(
        for operation: KeyOperation, as record: ScopeRecord? = nil, isChange: Bool = false
    ) -> ScopeUse {
        let record = record ?? self.record
        return ScopeUse(
            rowID: record.rowID, keyRowID: record.currentKeyRowID,
            identity: record.identityText,
            need: KeyUse(
                key: record.currentKey, operation: operation,
                identity: identity(for: record.currentKey, by: record)),
            retention: isChange ? record.retention : nil)
    }

    /// What a row of this scope, as the catalog found it, says now: believed once it is authenticated. The record is
    /// compared anew before the scope is next used.
    func moved(to found: ScopeRecord?, library: CryptoLibrary) throws(StoreError) -> ScopeRecord {
        distrust()
        guard let found else { throw StoreError.missingScope(record.name) }
        guard try authenticates(found, library: library) else {
            throw StoreError.alteredScope(record.name)
        }
        return found
    }

    /// The version that such a row says the key is under.
    func place(
        in found: ScopeRecord?, library: CryptoLibrary
    ) throws(StoreError) -> KeyPlace {
        let found = try moved(to: found, library: library)
        return KeyPlace(key: found.currentKey, rowID: found.currentKeyRowID)
    }

    /// What came of rewrapping keys under the version that the record names; nothing, if the scope has moved on.
    func rewrapped(
        _ answer: CatalogAnswer<[Bool]>, library: CryptoLibrary
    ) throws(StoreError) -> [Bool] {
        switch answer {
        case .committed(let isDone): return isDone
        case .refused(let error): throw error
        case .stale(.scope(_, let found)):
            _ = try place(in: found, library: library)
            return []
        case .stale: return []
        }
    }

    /// Corrects what an operation took to be so of this scope, for which it was stale: it is to be made anew.
    func correct(
        _ use: inout ScopeUse, by finding: CatalogFinding, library: CryptoLibrary
    ) throws(StoreError) {
        switch finding {
        case .scope(record.rowID, let found):
            use = self.use(
                for: use.need.operation, as: try moved(to: found, library: library),
                isChange: use.retention != nil)
        case .noDirectory: knownDirectories.removeAll()
        case .scope, .otherObject, .otherExtents, .otherState: break
        }
    }

    /// Remembers the directories of a version that was committed.
    func noteKept(_ version: KeptVersion) {
        for row in version.directories.rows { knownDirectories.insert(row.tag) }
    }

    /// Forgets what an operation was stale for: it is to be made anew, with the scope looked up again.
    func lookAgain(_ finding: CatalogFinding, library: CryptoLibrary) throws(StoreError) {
        var use = use(for: .unwrapKey)
        try correct(&use, by: finding, library: library)
    }
}
