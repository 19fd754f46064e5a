internal import Logging
public import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// What a store does when access has changed, besides refusing: it wipes keys that it may not use now.
extension Store {
    /// Waits again until every process has confirmed the changes of access there were, as after one that
    /// came back unconfirmed; and finishes a change whose maker has died.
    ///
    /// - Parameter seconds: How long to wait.
    @available(*, noasync)
    public func confirmBarrier(
        waitingSeconds seconds: Double = 5
    ) throws(StoreError) -> BarrierConfirmation {
        try checkOpen()
        do throws(VaultError) {
            return try keyService.gate().confirm(waiting: .seconds(seconds))
        } catch {
            throw StoreError(vault: error, "confirm the barrier")
        }
    }

    /// Has keys wiped whenever access to them is taken away, from now on, even while nobody reads, and the
    /// store's files looked at every second.
    func watchAccess(_ gate: ReleaseGate) {
        accessWatch.withLock { watch in
            guard watch.isEmpty else { return }
            do throws(VaultError) {
                let look = gate.onLook { [weak self] in
                    self?.lookAtFiles()
                    return false
                }
                watch = [look, try gate.onAdvance { [weak self] _ in self?.dropRevokedKeys() }]
            } catch {
                logger.warning(
                    "changes of access can't be watched: keys are wiped at the next use",
                    metadata: ["error": "\(error)"])
            }
        }
    }

    /// Wipes what was unwrapped under versions that the store may not use now, and the workers' buffers,
    /// which may hold what was read with it. What an operation is using goes when that ends.
    func dropRevokedKeys() {
        keyService.dropRevokedKeys()
        dropRevokedNames()
        var isAnyDropped = false
        defer {
            if isAnyDropped { workers.drain() }
        }
        for rowID in knownObjects.keyRowIDs.union(dataKeyCache.keyRowIDs) where !mayRead(rowID) {
            // In this order, see `Asking`: what derives from data keys goes after them.
            dataKeyCache.removeAll(under: rowID)
            wipeCount.add(1, ordering: .sequentiallyConsistent)
            knownObjects.removeAll(under: rowID)
            isAnyDropped = true
        }
        for (name, scope) in openScopes.withLock({ $0 })
        where !mayRead(scope.record.currentKeyRowID) {
            // Without the scope's key none of its objects can be read.
            dataKeyCache.removeAll()
            wipeCount.add(1, ordering: .sequentiallyConsistent)
            forgetScope(name)
            scope.sessions.drain()
            isAnyDropped = true
        }
    }

    /// Wipes the names that listings of scopes keep which the store may not read now.
    private func dropRevokedNames() {
        for listing in openListings.all {
            guard let scope = listing.keptScope else { continue }
            if !mayRead(scope.record.currentKeyRowID) { listing.drop() }
        }
    }

    private func mayRead(_ keyRowID: Int) -> Bool {
        do throws(StoreError) {
            let key = try catalog.read { reader throws(StoreError) in
                try reader.key(rowID: keyRowID)
            }
            do throws(VaultError) {
                _ = try access.renewedReadGrant(key, rowID: keyRowID)
                return true
            } catch {
                return false
            }
        } catch {
            return false
        }
    }
}
