extension [UInt8] {
    /// An array of `byteCount` bytes that `fill` writes, without zeroing them first.
    ///
    /// The span's bytes are undefined until written; `fill` must write all of them. If it throws,
    /// whatever it wrote is wiped.
    public init<Failure: Error>(
        filling byteCount: Int, _ fill: (inout MutableSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        guard byteCount > 0 else {
            // The empty array is one object of the whole process, whose count would be written: by several
            // threads at a time.
            var nothing = unsafe MutableSpan<UInt8>(
                _unsafeElements: UnsafeMutableBufferPointer(start: nil, count: 0))
            try fill(&nothing)
            self = []
            return
        }
        var failure: Failure?
        unsafe self.init(unsafeUninitializedCapacity: byteCount) { buffer, count in
            var span = unsafe MutableSpan(
                _unsafeElements: UnsafeMutableBufferPointer(rebasing: buffer[..<byteCount]))
            do throws(Failure) {
                try fill(&span)
                count = byteCount
            } catch {
                wipe(&span)
                failure = error
            }
        }
        if let failure { throw failure }
    }
}

extension [UInt8] {
    /// A copy of `bytes`.
    public init(copying bytes: Span<UInt8>) {
        self.init(filling: bytes.count) { $0.copyPrefix(of: bytes) }
    }
}
