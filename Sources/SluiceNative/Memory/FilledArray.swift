extension [UInt8] {
    /// An array of `byteCount` bytes that `fill` writes, without zeroing them first.
    ///
    /// The span's bytes are undefined until written; `fill` must write all of them. If it throws,
    /// whatever it wrote is wiped.
    public init<Failure: Error>(
        filling byteCount: Int, _ fill: (inout MutableSpan<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        self = []
        guard byteCount > 0 else {
            // The empty array is one object of the whole process, whose count would be written: by several
            // threads at a time.
            var nothing = unsafe MutableSpan<UInt8>(
                _unsafeElements: UnsafeMutableBufferPointer(start: nil, count: 0))
            try fill(&nothing)
            return
        }
        appendUndefined(byteCount)
        var span = mutableSpan
        do throws(Failure) {
            try fill(&span)
        } catch {
            wipe(&span)
            throw error
        }
    }

    /// Not by `init(unsafeUninitializedCapacity:)` or `init(repeating:count:)`, to which the compiler gives no
    /// version for bytes: each call has the runtime look up the type of its storage, by 600 instructions.
    private mutating func appendUndefined(_ count: Int) {
        reserveCapacity(count)
        append(addingCapacity: count) { output in
            unsafe output.withUnsafeMutableBufferPointer { _, initialized in initialized = count }
        }
    }
}

extension [UInt8] {
    /// A copy of `bytes`.
    public init(copying bytes: Span<UInt8>) {
        self.init(filling: bytes.count) { $0.copyPrefix(of: bytes) }
    }
}
