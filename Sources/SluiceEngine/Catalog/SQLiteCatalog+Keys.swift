internal import SluiceAccess
internal import SluiceNative

/// Scopes and wrapped keys, and what is counted of them.
extension SQLiteCatalog {
    // MARK: Scopes

    func scopes() throws(StoreError) -> [ScopeRecord] {
        try read { reader throws(StoreError) in try reader.scopes.scopes() }
    }

    func scope(named name: ScopeName) throws(StoreError) -> ScopeRecord? {
        try read { reader throws(StoreError) in try reader.scopes.scope(named: name) }
    }

    func scope(rowID: Int) throws(StoreError) -> ScopeRecord? {
        try read { reader throws(StoreError) in try reader.scopes.scope(rowID: rowID) }
    }

    func standing(
        ofScope rowID: Int, under keyRowID: Int, as identity: String
    ) throws(StoreError) -> ScopeStanding {
        try read { reader throws(StoreError) in
            try reader.scopes.standing(ofScope: rowID, under: keyRowID, as: identity)
        }
    }

    func hasStrayObjects() throws(StoreError) -> Bool {
        try read { reader throws(StoreError) in try reader.scopes.hasStrayObjects() }
    }

    func vaultsInUse() throws(StoreError) -> Set<String> {
        try read { reader throws(StoreError) in try reader.scopes.vaultsInUse() }
    }

    func knownVaults() throws(StoreError) -> Set<String> {
        try read { reader throws(StoreError) in try reader.scopes.knownVaults() }
    }

    func add(
        _ record: ScopeRecord, isImplied: Bool, needs: Set<KeyUse>
    ) throws(StoreError) {
        try write { writer throws(StoreError) in
            writer.need(needs)
            try writer.insert(record, isImplied: isImplied)
        }
    }

    func remove(_ record: ScopeRecord) throws(StoreError) -> Bool {
        try write(freesSpace: true) { writer throws(StoreError) in try writer.remove(record) }
    }

    func removedScopes() throws(StoreError) -> [RemovedScope] {
        try read { reader throws(StoreError) in try reader.scopes.removedScopes() }
    }

    func noteForgotten(inVault vault: String, removedScope rowID: Int) throws(StoreError) {
        try write { writer throws(StoreError) in
            try writer.noteForgotten(inVault: vault, removedScope: rowID)
        }
    }

    func removeContents(limit: Int) throws(StoreError) -> Bool {
        try write(freesSpace: true) { writer throws(StoreError) in
            try writer.removeContents(limit: limit)
        }
    }

    func replace(
        _ old: ScopeRecord, with new: ScopeRecord, needs: Set<KeyUse>
    ) throws(StoreError) -> Bool {
        try write { writer throws(StoreError) in
            writer.need(needs)
            return try writer.replace(old, with: new)
        }
    }

    // MARK: Wrapped keys

    func key(rowID: Int) throws(StoreError) -> KeyIdentifier {
        try read { reader throws(StoreError) in try reader.keyNames.key(rowID: rowID) }
    }

    func wrappedKey(
        ofObject objectID: [UInt8], rowID: Int
    ) throws(StoreError) -> ObjectKeyRow? {
        try read { reader throws(StoreError) in
            try reader.wrappedKeys.wrappedKey(ofObject: objectID, rowID: rowID)
        }
    }

    func wrappedKeys(
        scope: Int, in group: KeyGroup, afterRow rowID: Int, limit: Int
    ) throws(StoreError) -> [WrappedKeyRow] {
        try read { reader throws(StoreError) in
            try reader.wrappedKeys.wrappedKeys(
                scope: scope, in: group, afterRow: rowID, limit: limit)
        }
    }

    func census(scope: Int) throws(StoreError) -> [CensusEntry] {
        try read { reader throws(StoreError) in try reader.wrappedKeys.census(scope: scope) }
    }

    func total(scope: Int) throws(StoreError) -> ObjectCount {
        try read { reader throws(StoreError) in
            // The census counts by the scopes that objects are sealed for.
            if let count = try reader.objects.count(scope: scope) { return count }
            return try reader.wrappedKeys.censusByKeyRow(scope: scope).reduce(into: ObjectCount()) {
                $0.add(objects: $1.objectCount, bytes: $1.byteCount)
            }
        }
    }

    func keysInUse(
        ofScope scope: Int
    ) throws(StoreError) -> [(group: KeyGroup, objectCount: Int)] {
        try read { reader throws(StoreError) in try reader.wrappedKeys.keysInUse(ofScope: scope) }
    }

    func need(of identifier: String) throws(StoreError) -> KeyNeed {
        try read { reader throws(StoreError) in try reader.wrappedKeys.need(of: identifier) }
    }

    func rewrap(_ rewrap: RewrapOperation) throws(StoreError) -> CatalogAnswer<[Bool]> {
        try commit(count: 1) { writer, _ throws(StoreError) in try writer.rewrap(rewrap) }[0]
    }
}
