/// Memory that several threads fill at once, each its own part, before anybody reads it.
///
/// The parts that are lent must not overlap in time; that they lie inside is checked.
@safe public struct DisjointBytes: @unchecked Sendable {
    private let start: UnsafeMutablePointer<UInt8>
    /// How many bytes there are.
    public let byteCount: Int

    fileprivate init(start: UnsafeMutablePointer<UInt8>, byteCount: Int) {
        unsafe self.start = unsafe start
        self.byteCount = byteCount
    }

    /// Lends `byteCount` bytes from `offset` on; no other call may have any of them meanwhile.
    public func withPart<Result: ~Copyable, Failure: Error>(
        at offset: Int, byteCount: Int,
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(
            offset >= 0 && byteCount >= 0 && offset <= self.byteCount - byteCount,
            "the part lies outside the memory")
        var span = unsafe MutableSpan(_unsafeStart: start + offset, count: byteCount)
        return try body(&span)
    }
}

extension [UInt8] {
    /// An array of `byteCount` bytes that `fill` writes from as many threads as it likes.
    ///
    /// The bytes are undefined until written; `fill` must write all of them before it returns. If it
    /// throws, whatever was written is wiped.
    public init<Failure: Error>(
        fillingParts byteCount: Int, _ fill: (DisjointBytes) throws(Failure) -> Void
    ) throws(Failure) {
        try self.init(filling: byteCount) { span throws(Failure) in
            let parts = unsafe span.withUnsafeMutableBufferPointer { buffer in
                let start = unsafe buffer.baseAddress ?? .init(bitPattern: 1)!
                return unsafe DisjointBytes(start: start, byteCount: byteCount)
            }
            try fill(parts)
        }
    }
}
