internal import Synchronization

/// Disk space that is set aside in files of a directory, to be given up when the disk is full and
/// something must be written all the same that frees more, or that can't wait.
///
/// Several processes share it, and whoever takes or gives it up holds the lock under which they all
/// write; no crash leaves it in a state that the next call doesn't mend. It is an offer, and never an
/// error: where it can't be made (the disk is full, or read only, or the file system can't set space
/// aside) there is none, or less. Its files hold inodes too, for a file system that runs out of those.
/// Thread-safe.
public final class SpaceReserve: Sendable {
    private let directory: Directory
    private let names: [String]
    private let fileByteCount: Int
    /// Whether all of it was there when this process looked last.
    private let isWhole = Mutex(false)

    /// A reserve of `fileCount` files, `reserve-1` and so on, each of `fileByteCount` bytes. Touches
    /// nothing yet; of 0 bytes, it takes nothing, and gives up what there is.
    public init(in directory: Directory, fileCount: Int, fileByteCount: Int) {
        self.directory = directory
        self.fileByteCount = max(0, fileByteCount)
        names = (1...fileCount).map { "reserve-\($0)" }
    }

    /// Sets aside what is missing, as far as there is room.
    ///
    /// - Parameter isToLook: Whether to look even if this process has seen it whole: another may have
    ///   given it up.
    public func take(lookingAnew isToLook: Bool = false) {
        isWhole.withLock { isWhole in
            if fileByteCount == 0 || isWhole && !isToLook { return }
            // One that can't be had is tried again next time.
            isWhole = names.allSatisfy { (try? take($0)) ?? false }
        }
    }

    /// Gives all of it up, and says whether that has freed anything.
    public func giveUp() -> Bool {
        isWhole.withLock { isWhole in
            isWhole = false
            var hasFreed = false
            for name in names where (try? directory.unlink(name)) != nil { hasFreed = true }
            return hasFreed
        }
    }

    /// Makes one file; false if the file system can't set space aside.
    private func take(_ name: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            // What a process left that died while it made it takes less, and so does a copy with holes.
            if try directory.status(name).allocatedByteCount >= fileByteCount { return true }
        } catch {
            guard error.isNotFound else { throw error }
        }
        let file = try directory.openOrCreateFile(name)
        do throws(SystemError) {
            if try file.preallocate(byteCount: fileByteCount) { return true }
        } catch {
            try? directory.unlink(name)
            throw error
        }
        try? directory.unlink(name)
        return false
    }
}
