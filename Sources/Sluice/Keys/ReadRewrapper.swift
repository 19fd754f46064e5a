internal import Dispatch
internal import Logging
internal import SluiceNative
internal import SluiceVault
internal import Synchronization

/// Wraps anew what reads found to be wrapped under older versions, behind their backs (`onRead`).
///
/// A read hands over its row and goes on. What can't be kept up with is dropped: a later read offers it
/// again, and so does the sweep. Thread-safe.
final class ReadRewrapper: Sendable {
    private struct State {
        var rows: [Int: (row: ObjectRow, scope: Scope)] = [:]
        var isScheduled = false
        var isFinished = false
    }

    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "sluice.rewrap", qos: .utility)

    /// Rows that wait, at most.
    private static let rowLimit = 1024

    /// Takes an object's wrapped key to be wrapped under the scope's current version, soon.
    func offer(_ object: OpenObject, of store: Store) {
        let isFirst = state.withLock { state in
            let rowID = object.row.wrappedKeyRowID
            guard !state.isFinished, state.rows.count < Self.rowLimit, state.rows[rowID] == nil
            else { return false }
            state.rows[rowID] = (object.row, object.scope)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        guard isFirst else { return }
        queue.async { [weak store, self] in
            while let store, let rows = take() { store.rewrapRead(rows) }
        }
    }

    /// Waits for what is under way; nothing comes after it.
    func finish() {
        state.withLock { state in
            state.isFinished = true
            state.rows = [:]
        }
        queue.sync {}
    }

    /// Waits until all that was offered is done: for tests.
    func drain() {
        queue.sync {}
    }

    private func take() -> [(row: ObjectRow, scope: Scope)]? {
        state.withLock { state in
            guard !state.rows.isEmpty else {
                state.isScheduled = false
                return nil
            }
            defer { state.rows = [:] }
            return Array(state.rows.values)
        }
    }
}

extension Store {
    /// Whether a read is to have its object's key rewrapped.
    @inline(__always)
    func rewrapIfRead(_ object: OpenObject) {
        guard object.row.keyRowID != object.scope.record.currentKeyRowID,
            object.scope.record.rewrapMode == .onRead
        else { return }
        readRewrapper.offer(object, of: self)
    }

    fileprivate func rewrapRead(_ rows: [(row: ObjectRow, scope: Scope)]) {
        for (row, scope) in rows {
            do throws(StoreError) {
                let key: DataKey
                let wrapped: WrappedKey
                do throws(VaultError) {
                    key = try dataKey(of: row)
                    wrapped = try access.wrap(key.secret, under: scope.currentKey)
                } catch {
                    throw StoreError(vault: error, "rewrap a key")
                }
                let old = WrappedKeyRow(
                    rowID: row.wrappedKeyRowID, keyRowID: row.keyRowID, wrapped: row.wrapped,
                    objectCount: 0, byteCount: 0)
                let isDone = try catalog.write { writer throws(StoreError) in
                    try writer.rewrap(old, to: wrapped, in: scope)
                }
                guard isDone, wrapped.bytes.count >= 16 else { continue }
                // The next read needs no private operation for what is known already.
                dataKeyCache.insert(
                    DataKey(key.secret.copy(), wrapped: wrapped), of: wrapped.bytes,
                    under: scope.record.currentKeyRowID)
            } catch {
                logger.warning(
                    "an older key could not be rewrapped after a read",
                    metadata: ["scope": "\(scope.record.name)", "error": "\(error)"])
            }
        }
    }
}
