internal import Glibc

/// Bytes in ordinary memory, which may be swapped and dumped, that are wiped when the value goes.
///
/// For what is less than a key and too much for the arena that `SecretBytes` live in. Borrowing it from
/// several threads at once is safe. What a closure copies out of it is the caller's to wipe.
@safe public struct WipedBytes: ~Copyable, @unchecked Sendable {
    /// How many there are.
    public let byteCount: Int

    private let start: UnsafeMutablePointer<UInt8>

    /// Makes bytes that are zeros.
    public init(byteCount: Int) {
        self.byteCount = byteCount
        unsafe start = .allocate(capacity: byteCount)
        unsafe start.initialize(repeating: 0, count: byteCount)
    }

    /// Takes the bytes out of an array, and wipes it unless somebody else has it, too.
    public init(taking bytes: consuming [UInt8]) {
        self.init(byteCount: bytes.count)
        withMutableBytes { $0.copyPrefix(of: bytes.span) }
        var span = bytes.mutableSpan
        wipe(&span)
    }

    deinit {
        unsafe explicit_bzero(start, byteCount)
        unsafe start.deallocate()
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
