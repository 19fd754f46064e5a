/// Bytes that nobody else may learn, in memory that is locked where the limit allows, not dumped,
/// and zeros in a forked child; wiped when the value goes.
///
/// The value can't be copied by accident; `copy()` says so. Borrowing it from several threads at
/// once is safe. What a closure copies out of it is the caller's to wipe.
@safe public struct SecretBytes: ~Copyable, @unchecked Sendable {
    /// The secret's length in bytes.
    public let byteCount: Int

    private let block: SecretArena.Block

    /// Makes a secret of zeros. Traps when the system has no memory left.
    public init(byteCount: Int) {
        self.byteCount = byteCount
        self.block = SecretArena.allocate(byteCount: byteCount)
    }

    /// Copies bytes into a new secret; the originals remain the caller's to wipe.
    public init(copying bytes: Span<UInt8>) {
        self.init(byteCount: bytes.count)
        withMutableBytes { $0.copyPrefix(of: bytes) }
    }

    deinit {
        SecretArena.release(block)
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

    /// A second secret of the same bytes.
    public borrowing func copy() -> SecretBytes {
        withBytes { bytes in SecretBytes(copying: bytes) }
    }

    /// Where the bytes are, while the value lives: for C functions that keep to `byteCount`.
    @unsafe var start: UnsafeMutablePointer<UInt8> {
        unsafe block.start
    }
}
