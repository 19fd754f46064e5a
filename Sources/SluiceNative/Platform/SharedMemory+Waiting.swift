internal import CLinux

// Waiting for another thread, be it of another process, to change a word (futex(2)).
extension SharedMemory {
    /// Waits while the word of 4 bytes is `expected`, until it is woken or the time is over.
    ///
    /// May also return for no reason: look at the word again.
    public func wait(at offset: Int, while expected: UInt32, nanoseconds: Int) {
        precondition(nanoseconds >= 0)
        let word = unsafe UnsafeRawPointer(word32(at: offset)).assumingMemoryBound(to: UInt32.self)
        // All that it can say is why it returned.
        _ = unsafe sluice_futex_wait(word, expected, nanoseconds)
    }

    /// Wakes everyone in any process who waits at the word.
    public func wakeAll(at offset: Int) {
        let word = unsafe UnsafeRawPointer(word32(at: offset)).assumingMemoryBound(to: UInt32.self)
        _ = unsafe sluice_futex_wake(word, .max)
    }
}
