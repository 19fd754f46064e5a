internal import CLinux
internal import Glibc

// Open file description locks: a lock belongs to this `File`, not to the process, so two threads
// that have opened the file twice exclude each other, and closing some other descriptor of the
// file doesn't drop it. The kernel drops it when its holder closes the file or dies.
extension File {
    /// Takes a lock on a range of bytes, which need not exist, unless another holder is in the way.
    ///
    /// An exclusive lock needs a file opened for writing. A second lock on the same range by the
    /// same `File` replaces the first. `byteCount` is at least 1.
    public func tryLock(
        offset: Int, byteCount: Int, exclusive: Bool
    ) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try setLock(
                exclusive ? F_WRLCK : F_RDLCK, SLUICE_F_OFD_SETLK, offset: offset,
                byteCount: byteCount)
            return true
        } catch {
            guard error.number == EAGAIN || error.number == EACCES else { throw error }
            return false
        }
    }

    /// Takes a lock as `tryLock` does, and waits for as long as other holders are in the way.
    ///
    /// The wait has no end of its own, and deadlocks are not detected.
    public func lock(offset: Int, byteCount: Int, exclusive: Bool) throws(SystemError) {
        try setLock(
            exclusive ? F_WRLCK : F_RDLCK, SLUICE_F_OFD_SETLKW, offset: offset,
            byteCount: byteCount)
    }

    /// Gives up this `File`'s locks on a range of bytes.
    public func unlock(offset: Int, byteCount: Int) throws(SystemError) {
        try setLock(F_UNLCK, SLUICE_F_OFD_SETLK, offset: offset, byteCount: byteCount)
    }

    private func setLock(
        _ type: Int32, _ command: Int, offset: Int, byteCount: Int
    ) throws(SystemError) {
        // 0 would mean "to the end, wherever that will be".
        precondition(offset >= 0 && byteCount >= 1)
        var lock = flock()
        lock.l_type = Int16(type)
        lock.l_whence = Int16(SEEK_SET)
        lock.l_start = offset
        lock.l_len = byteCount
        _ = try systemCall("fcntl", path: path) {
            unsafe fcntl(descriptor, Int32(command), &lock)
        }
    }
}
