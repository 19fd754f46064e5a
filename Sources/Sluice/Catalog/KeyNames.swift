internal import SluiceVault
internal import Synchronization

/// A key version of the catalog's `keys`: parsed, and as its row spells it.
struct KeyName: Sendable {
    var identifier: KeyIdentifier
    var text: String
}

/// The key versions of the catalog's `keys`, which are only ever added, by their row ids.
final class KeyNames: Sendable {
    private let names = Mutex<[Int: KeyName]>([:])

    subscript(rowID: Int) -> KeyName? {
        names.withLock { $0[rowID] }
    }

    func insert(_ key: KeyName, rowID: Int) {
        names.withLock { $0[rowID] = key }
    }
}
