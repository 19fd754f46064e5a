internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// What is kept of objects and data keys for the next read, and wiped when access to the keys is gone. Thread-safe.
///
/// Whoever keeps something notes the moment before he asks for it, see ``Asking``.
final class ObjectCache: Sendable {
    let objects = KeyCache<KnownObject>(limit: ObjectCache.objectCount)
    let dataKeys = KeyCache<DataKey>(limit: ObjectCache.dataKeyCount)
    /// How often data keys were taken out of the caches, and what derives from them is about to be.
    let wipeCount = Atomic<Int>(0)

    /// Objects whose keys and rows are kept for the next read: about 1 KiB each.
    private static let objectCount = 32_768
    private static let dataKeyCount = 8192

    /// The moment before a key is asked for.
    func asking(_ gate: ReleaseGate) -> Asking {
        Asking(
            epoch: gate.epoch, wipeCount: wipeCount.load(ordering: .sequentiallyConsistent))
    }

    func known(in scope: Scope) -> KnownObjects {
        KnownObjects(cache: objects, scope: scope)
    }

    /// A data key that is kept, if it was unwrapped from these bytes under the key version in that row.
    func keptDataKey(
        _ wrapped: WrappedKey, under keyRowID: Int, in scope: Scope
    ) -> DataKey? {
        // What is too short to be an id fails to unwrap.
        guard wrapped.bytes.count >= Format.identifierByteCount,
            let known = dataKeys.key(
                of: wrapped.bytes.span, under: keyRowID, inScope: scope.record.rowID),
            known.wrapped == wrapped
        else { return nil }
        return known
    }

    /// Keeps a data key under its new wrapping, in the place of the old, if that is still kept.
    func keepDataKey(_ key: DataKey, inPlaceOf old: WrappedKey, in scope: Scope) {
        guard old.bytes.count >= Format.identifierByteCount else { return }
        dataKeys.replace(
            old.bytes, by: key, of: key.wrapped.bytes, under: scope.record.currentKeyRowID,
            inScope: scope.record.rowID)
    }

    /// What is kept was unwrapped with these.
    var sources: Set<KeySource> { objects.sources.union(dataKeys.sources) }

    /// Wipes the data keys that were unwrapped with these, and then what derives from them: in this order, see
    /// ``Asking``.
    func wipe(from sources: Set<KeySource>) {
        dataKeys.removeAll(from: sources)
        wipeCount.add(1, ordering: .sequentiallyConsistent)
        objects.removeAll(from: sources)
    }

    /// Wipes what is of scopes, likewise.
    func wipe(scopes scopeRowIDs: Set<Int>) {
        dataKeys.removeAll(inScopes: scopeRowIDs)
        wipeCount.add(1, ordering: .sequentiallyConsistent)
        objects.removeAll(inScopes: scopeRowIDs)
    }

    func removeAll() {
        objects.removeAll()
        dataKeys.removeAll()
    }
}
