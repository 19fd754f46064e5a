internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// The key versions of the catalog's `keys`, which are only ever added, by their row ids.
final class KeyNames: Sendable {
    private let names = Guarded<[Int: KeyIdentifier]>([:])

    subscript(rowID: Int) -> KeyIdentifier? {
        names.withLock { $0[rowID] }
    }

    func insert(_ key: KeyIdentifier, rowID: Int) {
        names.withLock { $0[rowID] = key }
    }
}
