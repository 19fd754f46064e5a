internal import Logging
internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Settles what puts that were interrupted left behind. Thread-safe.
final class Recovery: Sendable, StoreComponent {
    let context: StoreContext
    let reaper: Reaper
    let runs: ListingRuns

    init(context: StoreContext, reaper: Reaper, runs: ListingRuns) {
        self.context = context
        self.reaper = reaper
        self.runs = runs
    }

    /// Settles what puts that were interrupted left behind.
    func recover() throws(StoreError) {
        do throws(StoreError) {
            try blobs.recover { objectIDs throws(StoreError) in
                try blobsForGood(without: objectIDs)
            }
            try removeOldParts()
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
        runs.removeUnfinished()
        let removed = try catalog.removedScopes()
        for scope in removed {
            for vault in scope.vaults {
                try forgetAnchor(ofScope: scope, in: vault, waiting: .seconds(0))
            }
        }
        let hasGarbage = try !catalog.garbage(limit: 1).isEmpty
        // Whoever looks for it says what is wrong.
        let due = try? catalog.due(before: clock.nowMilliseconds(), after: nil, limit: 1)
        let hasDue = due?.isEmpty != true
        let isEmptied = removed.allSatisfy(\.isEmptied)
        if hasGarbage || hasDue || !isEmptied { reaper.schedule() }
    }

    /// Removes parts of uploads that nobody has committed for long.
    private func removeOldParts() throws(StoreError) {
        let limit = WallClock.nowMilliseconds - Self.longestPartMilliseconds
        guard try catalog.hasParts(putBefore: limit) else { return }
        while try catalog.removeParts(putBefore: limit, limit: Self.partBatchCount) > 0 {}
    }

    /// A part that isn't committed is kept for a week.
    private static let longestPartMilliseconds = 7 * 24 * 3600 * 1000
    private static let partBatchCount = 1000

    /// Which of these blobs no row names, nor ever will.
    private func blobsForGood(
        without objectIDs: [[UInt8]]
    ) throws(StoreError) -> Set<[UInt8]> {
        let unnamed = try catalog.unnamedBlobs(among: objectIDs)
        guard !unnamed.isEmpty else { return [] }
        return Set(try catalog.unnamedBlobsForGood(among: unnamed))
    }

    /// Tells the vaults that have the store's keys where it is, if they don't know: a copy of a store has its
    /// id, and needs what its own rows say. What fails stands in nobody's way: `key retire` then doesn't ask here.
    func tellPlace() {
        guard let path = context.registeredPath else { return }
        // Data keys may be under older keys than their scopes' keys are, of other vaults.
        for vault in (try? catalog.knownVaults()) ?? [] {
            do throws(VaultError) {
                try keyService.notePlace(path, ofStore: catalog.store.storeID, vault: vault)
            } catch {
                guard error.code != .vaultNotFound else { continue }
                logger.warning(
                    "a vault could not be told where the store is",
                    metadata: ["path": "\(path)", "error": "\(error)"])
            }
        }
    }
}
