internal import Glibc

extension MutableSpan where Element == UInt8 {
    /// Copies all of `bytes`, which must fit and not overlap, to the front of this span, and leaves nothing of
    /// them in registers.
    public mutating func copyPrefix(of bytes: Span<UInt8>) {
        precondition(bytes.count <= count, "the bytes don't fit")
        unsafe withUnsafeMutableBufferPointer { target in
            unsafe bytes.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                unsafe _ = memcpy(to, from, source.count)
            }
        }
        clearVectorRegisters()
    }
}

extension OutputRawSpan {
    /// Appends all of `bytes`, for which there must be room, and leaves nothing of them in registers.
    public mutating func append(copying bytes: Span<UInt8>) {
        precondition(bytes.count <= freeCapacity, "the bytes don't fit")
        unsafe withUnsafeMutableBytes { target, initialized in
            unsafe bytes.withUnsafeBytes { source in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                unsafe _ = memcpy(to + initialized, from, source.count)
            }
            initialized += bytes.count
        }
        clearVectorRegisters()
    }
}
