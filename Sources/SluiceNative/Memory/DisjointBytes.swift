/// Memory that several threads fill at once, each its own part, before anybody reads it.
///
/// The parts that are lent must not overlap in time; that they lie inside is checked.
@safe public struct DisjointBytes: @unchecked Sendable {
    private let bytes: UnsafeMutableBufferPointer<UInt8>

    fileprivate init(_ bytes: UnsafeMutableBufferPointer<UInt8>) {
        unsafe self.bytes = bytes
    }

    /// Lends `byteCount` bytes from `offset` on; no other call may have any of them meanwhile.
    public func withPart<Result: ~Copyable, Failure: Error>(
        at offset: Int, byteCount: Int,
        _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let total = unsafe bytes.count
        precondition(
            offset >= 0 && byteCount >= 0 && offset <= total - byteCount,
            "the part lies outside the memory")
        var span = unsafe MutableSpan(
            _unsafeElements: UnsafeMutableBufferPointer(
                rebasing: bytes[offset..<offset + byteCount]))
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
            try fill(unsafe span.withUnsafeMutableBufferPointer { unsafe DisjointBytes($0) })
        }
    }
}
