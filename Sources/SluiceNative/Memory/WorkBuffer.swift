/// A worker's memory for plaintext and ciphertext: page-aligned, not dumped, zeros in a forked
/// child, wiped when the value goes.
///
/// It is zeros at first and keeps what is written to it. Unlike `SecretBytes` it isn't locked,
/// since buffers are large. Making one costs a few system calls and a page fault per page touched:
/// a worker makes it once.
@safe public struct WorkBuffer: ~Copyable, @unchecked Sendable {
    /// The buffer's length in bytes.
    public let byteCount: Int

    private let start: UnsafeMutablePointer<UInt8>
    private let mappedByteCount: Int

    /// Makes a buffer. Throws `SystemError.isOutOfMemory` when the system has no memory left.
    public init(byteCount: Int) throws(SystemError) {
        let mappedByteCount = PrivatePages.roundedUp(byteCount)
        let mapped = unsafe try PrivatePages.map(byteCount: mappedByteCount)
        self.byteCount = byteCount
        self.mappedByteCount = mappedByteCount
        unsafe start = mapped.bindMemory(to: UInt8.self, capacity: mappedByteCount)
    }

    deinit {
        unsafe PrivatePages.unmap(start, byteCount: mappedByteCount)
    }

    /// Lends the bytes to a closure.
    public borrowing func withBytes<R: ~Copyable, E: Error>(
        _ body: (Span<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        try body(unsafe Span(_unsafeStart: start, count: byteCount))
    }

    /// Lends the bytes to a closure that may change them.
    public mutating func withMutableBytes<R: ~Copyable, E: Error>(
        _ body: (inout MutableSpan<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        var bytes = unsafe MutableSpan(_unsafeStart: start, count: byteCount)
        return try body(&bytes)
    }
}
