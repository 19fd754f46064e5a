internal import SluiceAccess
internal import SluiceNative

/// What operations on the catalog take to be so of a scope, and what becomes of that.
extension Scope {
    /// What an operation uses this scope for: under the version that its record names or, if it has moved on since,
    /// under that.
    func use(for operation: KeyOperation, under place: KeyPlace? = nil) -> ScopeUse {
        let place = place ?? currentPlace
        return ScopeUse(
            rowID: record.rowID, keyRowID: place.rowID,
            need: KeyUse(key: place.key, operation: operation, identity: identity))
    }

    /// The version that a row of this scope, as the catalog found it, says the key is under now: believed once it
    /// is authenticated. The record is compared anew before the scope is next used.
    func place(
        in found: ScopeRecord?, library: CryptoLibrary
    ) throws(StoreError) -> KeyPlace {
        distrust()
        guard let found else { throw StoreError.missingScope(record.name) }
        guard try authenticates(found, library: library) else {
            throw StoreError.alteredScope(record.name)
        }
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
                for: use.need.operation, under: try place(in: found, library: library))
        case .noDirectory: knownDirectories.removeAll()
        case .scope, .otherObject, .otherExtents: break
        }
    }
}
