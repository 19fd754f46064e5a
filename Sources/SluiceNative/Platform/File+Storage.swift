internal import CLinux
internal import Glibc

extension File {
    /// Makes the file `byteCount` bytes long, unless it is longer, with all of its space reserved.
    ///
    /// Gives false, having done nothing, where the file system can't: then a write may still find
    /// the disk full. Throws `SystemError.isNoSpace` when there isn't enough. New bytes are zeroes.
    @discardableResult
    public func preallocate(byteCount: Int) throws(SystemError) -> Bool {
        if byteCount == 0 { return true }
        try requireFree(byteCount: byteCount)
        do throws(SystemError) {
            _ = try systemCall("fallocate", path: path) { fallocate(descriptor, 0, 0, byteCount) }
            return true
        } catch {
            guard error.number == EOPNOTSUPP || error.number == ENOSYS else { throw error }
            return false
        }
    }

    /// Refuses at once what can't fit: the system would first take all there is, and whoever wants a
    /// little of it meanwhile would find the disk full.
    private func requireFree(byteCount: Int) throws(SystemError) {
        var record = statfs()
        _ = try systemCall("fstatfs", path: path) { unsafe fstatfs(descriptor, &record) }
        let free = Double(record.f_bfree) * Double(record.f_bsize)
        guard Double(byteCount) <= free + Double(try status().allocatedByteCount) else {
            throw SystemError(call: "fallocate", path: path, number: ENOSPC)
        }
    }

    /// The place of the first byte from `offset` on that isn't in a hole; nil if there is none.
    ///
    /// Where the file system knows no holes that is `offset`, or nil at the end. Moves the position of the
    /// sequential calls.
    public func nextData(from offset: Int) throws(SystemError) -> Int? {
        do throws(SystemError) {
            return try systemCall("lseek", path: path) {
                lseek(descriptor, offset, Int32(SLUICE_SEEK_DATA))
            }
        } catch {
            guard error.number == ENXIO else { throw error }
            return nil
        }
    }

    /// Has the system start to write a range to the disk, so that a later `sync` has less to do.
    ///
    /// Waits for nothing and promises nothing; does nothing where the system can't.
    public func startWriteback(offset: Int, byteCount: Int) throws(SystemError) {
        let flags = UInt32(SLUICE_SYNC_FILE_RANGE_WRITE)
        do throws(SystemError) {
            _ = try systemCall("sync_file_range", path: path) {
                sync_file_range(descriptor, offset, byteCount, flags)
            }
        } catch {
            guard error.number == ENOSYS || error.number == ESPIPE else { throw error }
        }
    }

    /// Makes contents and length durable; a new name needs its directory's `sync` too.
    ///
    /// An error means that the outcome is unknown for everything written so far, and that calling
    /// again proves nothing: the system reports a failed write once.
    public func sync() throws(SystemError) {
        try syncDescriptor(descriptor, path: path)
    }

    /// Writes all of the file again, as it is: what a failed `sync`, of whatever process, has left in memory alone is
    /// then brought to the disk by the next.
    public func writeAgain() throws(SystemError) {
        let byteCount = try status().byteCount
        var block = [UInt8](repeating: 0, count: min(byteCount, 1 << 18))
        var offset = 0
        while offset < byteCount {
            var part = block.mutableSpan
            let count = try read(into: &part, at: offset)
            if count == 0 { break }
            try write(part.span.extracting(first: count), at: offset)
            offset += count
        }
    }

    /// Makes the file exactly `byteCount` bytes long.
    public func truncate(to byteCount: Int) throws(SystemError) {
        _ = try systemCall("ftruncate", path: path) { ftruncate(descriptor, byteCount) }
    }

    /// Copies the first `byteCount` bytes of `source` to the beginning of this file.
    ///
    /// Shares the space on file systems that can. Gives the number of bytes copied: fewer if the
    /// source is shorter.
    public func copyContents(
        of source: File, byteCount: Int
    ) throws(SystemError) -> Int {
        var done = 0
        while done < byteCount {
            guard let count = try copyInKernel(of: source, at: done, byteCount: byteCount - done)
            else { return try copyThroughBuffer(of: source, from: done, to: byteCount) }
            if count == 0 { break }
            IOCounters.count(.read, byteCount: count)
            IOCounters.count(.write, byteCount: count)
            done += count
        }
        return done
    }
}

// MARK: - Inside

/// `fsync`, not repeated when interrupted: the interrupted call may have taken the one report of a
/// failed write with it, and the second would then claim success.
func syncDescriptor(_ descriptor: Int32, path: String?) throws(SystemError) {
    IOCounters.countSync()
    if fsync(descriptor) == -1 {
        throw SystemError(call: "fsync", path: path, number: errno)
    }
}

extension File {
    /// Gives nil where the kernel can't copy between these two.
    private func copyInKernel(
        of source: File, at offset: Int, byteCount: Int
    ) throws(SystemError) -> Int? {
        var from = offset
        var to = offset
        do throws(SystemError) {
            return try systemCall("copy_file_range", path: path) {
                unsafe copy_file_range(
                    source.descriptor, &from, descriptor, &to, byteCount, 0)
            }
        } catch {
            switch error.number {
            case EXDEV, EINVAL, EOPNOTSUPP, ENOSYS: return nil
            default: throw error
            }
        }
    }

    private func copyThroughBuffer(
        of source: File, from start: Int, to end: Int
    ) throws(SystemError) -> Int {
        var buffer = [UInt8](repeating: 0, count: min(end - start, 1 << 20))
        var done = start
        while done < end {
            var part = buffer.mutableSpan
            let count = min(try source.read(into: &part, at: done), end - done)
            if count == 0 { break }
            try write(part.span.extracting(first: count), at: done)
            done += count
        }
        return done
    }
}
