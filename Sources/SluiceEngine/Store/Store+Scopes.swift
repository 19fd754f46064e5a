internal import Logging
public import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

extension Store {
    /// Makes a scope whose objects are sealed under `key`, or under the platform's key if it is nil.
    ///
    /// A key without a version follows the vault's newest; one with a version is pinned. The store's
    /// ``identity`` must hold `get`, `wrapKey` and `unwrapKey` on the key, and its vault must have purge
    /// protection; the key is tried first. Throws ``StoreError/Code/alreadyExists``,
    /// ``StoreError/Code/vaultUnavailable``, ``StoreError/Code/accessDenied``.
    @available(*, noasync)
    @discardableResult
    public func createScope(
        _ name: ScopeName, key: KeyIdentifier? = nil
    ) throws(StoreError) -> ScopeInfo {
        try checkOpen()
        guard name != .pins else {
            throw StoreError(.invalidName, "the scope '\(name)' is for pins: choose another name")
        }
        try makeScope(name, key: key)
        return try scope(name)
    }

    /// Every scope, in order of names.
    @available(*, noasync)
    public func scopes() throws(StoreError) -> [ScopeInfo] {
        try checkOpen()
        return try catalog.read { reader throws(StoreError) in
            var scopes: [ScopeInfo] = []
            for record in try reader.scopes() where record.name != .pins {
                scopes.append(
                    ScopeInfo(
                        name: record.name, keySetting: record.keySetting,
                        rewrapMode: record.rewrapMode, pollSeconds: record.pollSeconds,
                        currentKey: record.currentKey,
                        createdMilliseconds: record.createdMilliseconds,
                        census: try reader.census(scope: record.rowID)))
            }
            return scopes
        }
    }

    /// One scope; ``StoreError/Code/notFound`` if there is none of that name.
    @available(*, noasync)
    public func scope(_ name: ScopeName) throws(StoreError) -> ScopeInfo {
        guard let scope = try scopes().first(where: { $0.name == name }) else {
            throw Self.missingScope(name)
        }
        return scope
    }

    /// The store at a glance; needs no key.
    @available(*, noasync)
    public func status() throws(StoreError) -> StoreStatus {
        let scopes = try scopes()
        let garbageCount = try catalog.read { reader throws(StoreError) in
            try reader.garbage().count
        }
        let pinCount = try catalog.read { reader throws(StoreError) in
            try reader.pinCount()
        }
        return StoreStatus(
            storeID: String(hexadecimal: catalog.store.storeID),
            formatVersion: catalog.store.formatVersion, scopes: scopes,
            garbageCount: garbageCount, pinCount: pinCount,
            lostAndFound: try files?.lostAndFound())
    }

    // MARK: Recovery

    /// Settles what puts that were interrupted left behind.
    func recover() throws(StoreError) {
        do throws(StoreError) {
            try blobs.recover { objectIDs throws(StoreError) in
                try blobsForGood(without: objectIDs)
            }
        } catch {
            // What can't be settled on a disk that is full or fails stays, and can be read meanwhile.
            switch error.code {
            case .noSpace, .inputOutput, .outcomeUnknown:
                logger.warning(
                    "puts that were cut short could not be settled: the next opening will try again",
                    metadata: ["error": "\(error)"])
            default: throw error
            }
        }
        let hasGarbage = try catalog.read { reader throws(StoreError) in
            try !reader.garbage().isEmpty
        }
        if hasGarbage { reaper.schedule() }
    }

    /// Which of these blobs no row names, nor ever will: a COMMIT whose sync failed may have left a row in
    /// the log that nobody sees, and that returns when the log is recovered. What is committed here is written
    /// over it.
    private func blobsForGood(
        without objectIDs: [[UInt8]]
    ) throws(StoreError) -> Set<[UInt8]> {
        let unnamed = try catalog.read { reader throws(StoreError) in
            try Self.blobs(objectIDs, unnamedBy: &reader)
        }
        guard !unnamed.isEmpty else { return [] }
        return try catalog.write(freesSpace: true) { writer throws(StoreError) in
            try writer.writeSomething()
            return Set(try Self.blobs(unnamed, unnamedBy: &writer.reader))
        }
    }

    /// Those of the blobs that have no row.
    private static func blobs(
        _ objectIDs: [[UInt8]], unnamedBy reader: inout CatalogReader
    ) throws(StoreError) -> [[UInt8]] {
        var unnamed: [[UInt8]] = []
        for objectID in objectIDs where try reader.blobRowID(ofFile: objectID) == nil {
            unnamed.append(objectID)
        }
        return unnamed
    }
}
