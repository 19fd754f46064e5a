internal import Logging
internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Settles what puts that were interrupted left behind. Thread-safe.
final class Recovery: Sendable, StoreComponent {
    let context: StoreContext
    let reaper: Reaper

    init(context: StoreContext, reaper: Reaper) {
        self.context = context
        self.reaper = reaper
    }

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

    /// Tells the vaults that have the store's keys where it is, if they don't know: a copy of a store has its
    /// id, and needs what its own rows say. What fails stands in nobody's way: `key retire` then doesn't ask here.
    func tellPlace() {
        guard let path = context.registeredPath else { return }
        do {
            let vaults = try catalog.read { reader throws(StoreError) in try reader.vaultsInUse() }
            for vault in vaults {
                try keyService.notePlace(path, ofStore: catalog.store.storeID, vault: vault)
            }
        } catch {
            logger.warning(
                "the vaults could not be told where the store is",
                metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }
}
