internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A walk that several threads take their next file from.
final class SharedWalk: Sendable {
    private let walk: Mutex<TreeWalk>

    init(_ walk: sending TreeWalk) {
        self.walk = Mutex(walk)
    }

    /// The next entry; what can't be read is noted and passed over.
    func next(_ work: TreeWork) -> TreeEntry? {
        walk.withLock { walk in
            while true {
                do throws(SystemError) {
                    return try walk.next()
                } catch {
                    work.failed(error.path ?? "a directory", StoreError(system: error, "read"))
                }
            }
        }
    }
}
