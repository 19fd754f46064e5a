internal import Logging
internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Wraps anew what reads found to be wrapped under older versions, behind their backs (`onRead`).
///
/// A read hands over its object and goes on. What can't be kept up with is dropped: a later read offers it
/// again, and so does the sweep. Thread-safe.
final class ReadRewrapper: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let dataKeys: DataKeys

    init(context: StoreContext, cache: ObjectCache, dataKeys: DataKeys) {
        self.context = context
        self.cache = cache
        self.dataKeys = dataKeys
    }

    private struct State {
        /// By the row ids of their wrapped keys: by reference, for the row is long to copy.
        var objects: [Int: OpenObject] = [:]
        var isScheduled = false
        var isFinished = false
    }

    private let state = Mutex(State())
    private let line = WorkLine()

    /// Objects that wait, at most, and how long they are gathered.
    private static let objectLimit = 1024
    private static let gatheringNanoseconds = 5_000_000

    /// Takes an object's wrapped key to be wrapped under the scope's current version, soon.
    private func offer(_ object: OpenObject) {
        let isFirst = state.withLock { state in
            let rowID = object.row.wrappedKeyRowID
            guard !state.isFinished, state.objects.count < Self.objectLimit,
                state.objects[rowID] == nil
            else { return false }
            state.objects[rowID] = object
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        guard isFirst else { return }
        // A little later, so that what is read meanwhile comes along.
        let isBegun = line.add { [self] in
            NativeThread.sleep(nanoseconds: Self.gatheringNanoseconds)
            while let objects = take() { rewrap(objects) }
        }
        guard !isBegun else { return }
        state.withLock { state in
            state.objects = [:]
            state.isScheduled = false
        }
    }

    /// Waits for what is under way; nothing comes after it.
    func finish() {
        state.withLock { state in
            state.isFinished = true
            state.objects = [:]
        }
        line.wait()
    }

    /// Waits until all that was offered is done: for tests.
    func drain() {
        while state.withLock({ $0.isScheduled && !$0.isFinished }) {
            NativeThread.sleep(nanoseconds: 1_000_000)
        }
        line.wait()
    }

    private func take() -> [OpenObject]? {
        state.withLock { state in
            guard !state.objects.isEmpty else {
                state.isScheduled = false
                return nil
            }
            defer { state.objects = [:] }
            return Array(state.objects.values)
        }
    }

    /// Whether a read is to have its object's key rewrapped.
    @inline(__always)
    func offerIfOld(_ object: OpenObject) {
        guard let scope = object.encryptionScope,
            object.row.keyGroup != scope.record.keyGroup, scope.record.rewrapMode == .onRead,
            context.isWritable
        else { return }
        offer(object)
    }

    /// Wraps anew what reads have offered, and commits it in one transaction for each scope.
    func rewrap(_ objects: [OpenObject]) {
        let byScope = Dictionary(grouping: objects) { $0.encryptionScope?.record.rowID }
        for offers in byScope.values {
            guard let scope = offers.first?.encryptionScope else { continue }
            do throws(StoreError) {
                try rewrap(offers.map(\.row), in: scope)
            } catch {
                logger.warning(
                    "older keys could not be rewrapped after reads",
                    metadata: ["scope": "\(scope.record.name)", "error": "\(error)"])
            }
        }
    }

    private func rewrap(_ rows: [ObjectRow], in scope: Scope) throws(StoreError) {
        var keys: [(old: WrappedKeyRow, new: DataKey)] = []
        for row in rows {
            do throws(VaultError) {
                let key = try dataKeys.dataKey(row.wrapped, under: row.keyRowID, in: scope)
                let wrapped = try dataKeys.wrap(key.secret, in: scope)
                keys.append(
                    (
                        WrappedKeyRow(
                            rowID: row.wrappedKeyRowID, keyRowID: row.keyRowID,
                            wrapped: row.wrapped, objectCount: 0, byteCount: 0),
                        DataKey(key.secret.copy(), wrapped: wrapped)
                    ))
            } catch {
                throw StoreError(vault: error, "rewrap a key")
            }
        }
        let answer = try catalog.rewrap(
            RewrapOperation(
                keys: keys.map {
                    RewrappedKey(
                        row: $0.old, wrapped: $0.new.wrapped,
                        identity: scope.identity(for: $0.old.wrapped.key))
                },
                scope: scope.use(for: .wrapKey)))
        for ((old, new), isDone) in zip(keys, try scope.rewrapped(answer, library: library))
        where isDone {
            // The next read needs no private operation for what is known already.
            cache.keepDataKey(new, inPlaceOf: old.wrapped, in: scope)
        }
    }
}
