internal import Glibc

/// Anonymous memory of this process alone: kept out of core dumps, zeros in a forked child, and
/// with an inaccessible page on either side, so that C code which runs past an end faults.
enum PrivatePages {
    static let pageByteCount = sysconf(Int32(_SC_PAGESIZE))

    /// Rounds up to whole pages, at least one.
    static func roundedUp(_ byteCount: Int) -> Int {
        precondition(byteCount >= 0)
        return max(1, (byteCount + pageByteCount - 1) / pageByteCount) * pageByteCount
    }

    /// Maps zeroed pages; throws `SystemError.isOutOfMemory` when there are none left.
    ///
    /// - Parameter byteCount: A multiple of the page size.
    @unsafe static func map(byteCount: Int) throws(SystemError) -> UnsafeMutableRawPointer {
        let mapped = unsafe mmap(
            nil, byteCount + 2 * pageByteCount, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
            throw SystemError(call: "mmap", path: nil, number: errno)
        }
        let start = unsafe mapped + pageByteCount
        guard unsafe mprotect(start, byteCount, PROT_READ | PROT_WRITE) == 0 else {
            let number = errno
            _ = unsafe munmap(mapped, byteCount + 2 * pageByteCount)
            throw SystemError(call: "mprotect", path: nil, number: number)
        }
        // Advice: kernels older than 4.14 refuse the second, and the memory is no worse for it.
        _ = unsafe madvise(start, byteCount, MADV_DONTDUMP)
        _ = unsafe madvise(start, byteCount, MADV_WIPEONFORK)
        return unsafe start
    }

    /// Wipes and unmaps what `map` returned.
    @unsafe static func unmap(_ start: UnsafeMutableRawPointer, byteCount: Int) {
        unsafe wipeResident(start, byteCount: byteCount)
        _ = unsafe munmap(start - pageByteCount, byteCount + 2 * pageByteCount)
    }

    /// Wipes the pages that are in memory: wiping one that was never touched would make the system
    /// find and clear a page first, at many times the cost.
    @unsafe private static func wipeResident(_ start: UnsafeMutableRawPointer, byteCount: Int) {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount / pageByteCount) {
            residency in
            guard unsafe mincore(start, byteCount, residency.baseAddress) == 0 else {
                unsafe explicit_bzero(start, byteCount)
                return
            }
            for page in residency.indices where unsafe residency[page] & 1 == 1 {
                unsafe explicit_bzero(start + page * pageByteCount, pageByteCount)
            }
        }
    }
}
