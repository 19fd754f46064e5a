extension MutableSpan where Element == UInt8 {
    /// Lends the bytes of `range`, which lies inside the span.
    public mutating func withPart<Result: ~Copyable, Failure: Error>(
        _ range: Range<Int>, _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "outside the span")
        var part = unsafe MutableSpan(
            _unsafeElements: withUnsafeMutableBufferPointer { buffer in
                unsafe UnsafeMutableBufferPointer(rebasing: buffer[range])
            })
        return try body(&part)
    }
}

extension WorkBuffer {
    /// Lends the bytes of `range`, which lies inside the buffer, to a closure that may change them.
    public mutating func withMutableBytes<Result: ~Copyable, Failure: Error>(
        _ range: Range<Int>, _ body: (inout MutableSpan<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withMutableBytes { bytes throws(Failure) in try bytes.withPart(range, body) }
    }

    /// Lends the bytes of `range`, which lies inside the buffer.
    public borrowing func withBytes<Result: ~Copyable, Failure: Error>(
        _ range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try withBytes { bytes throws(Failure) in try body(bytes.extracting(range)) }
    }
}
