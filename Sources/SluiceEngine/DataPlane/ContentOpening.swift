internal import SluiceFormat
internal import SluiceNative

/// Opens an object's bytes, wherever they are: in one blob, or in extents. Thread-safe.
enum ContentOpening: Sendable {
    case blob(Opening)
    case extents(ExtentOpening)

    /// Opens the plaintext bytes of `range`, each exactly once.
    func run(
        _ range: Range<Int>, to target: some ChunkTarget, halt: Halt
    ) throws(StoreError) {
        switch self {
        case .blob(let opening): try opening.run(range, to: target, halt: halt)
        case .extents(let opening): try opening.run(range, to: target, halt: halt)
        }
    }

    /// The plaintext bytes of `range`, which are the caller's to wipe.
    func bytes(_ range: Range<Int>, halt: Halt) throws(StoreError) -> [UInt8] {
        try [UInt8](fillingParts: range.count) { parts throws(StoreError) in
            try run(range, to: ArrayTarget(parts: parts), halt: halt)
        }
    }

    /// Opens the plaintext bytes of `range`, and gives them to `deliver` in order.
    func deliver(
        _ range: Range<Int>, halt: Halt,
        to deliver: @escaping @Sendable (Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        switch self {
        case .blob(let opening): try opening.deliver(range, halt: halt, to: deliver)
        case .extents(let opening): try opening.deliver(range, halt: halt, to: deliver)
        }
    }
}

extension Opening {
    /// Opens the plaintext bytes of `range`, and gives them to `deliver` in order.
    fileprivate func deliver(
        _ range: Range<Int>, halt: Halt,
        to deliver: @escaping @Sendable (Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        let target = OrderedTarget(
            range: range, layout: layout, workerCount: workers.count, halt: halt, deliver: deliver)
        try run(range, to: target, halt: halt)
    }
}

/// Opens the bytes of an object of extents: one extent after the other, each on several workers.
struct ExtentOpening: Sendable {
    let table: OpenExtentTable
    let workers: Workers
    let progress: ProgressMeter?
    /// How to open an extent that is no zeros.
    let opening: @Sendable (Extent) throws(StoreError) -> Opening

    /// Zeros are given in pieces of at most so many bytes.
    private static let zerosByteCount = 1 << 18

    func run(
        _ range: Range<Int>, to target: some ChunkTarget, halt: Halt
    ) throws(StoreError) {
        try forEach(in: range, halt) { extent, part throws(StoreError) in
            let place = part.lowerBound - range.lowerBound
            guard extent.keys != nil else {
                try zeros(part.count, halt) { piece, bytes throws(StoreError) in
                    try target.receive(
                        at: place + piece.lowerBound, byteCount: piece.count, buffer: &bytes
                    ) { $0.update(repeating: 0) }
                }
                return
            }
            try opening(extent).run(
                extent.local(part), to: MovedTarget(target: target, offset: place), halt: halt)
        }
    }

    func deliver(
        _ range: Range<Int>, halt: Halt,
        to deliver: @escaping @Sendable (Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        try forEach(in: range, halt) { extent, part throws(StoreError) in
            guard extent.keys != nil else {
                try zeros(part.count, halt) { piece, bytes throws(StoreError) in
                    bytes.withMutableBytes(0..<piece.count) { $0.update(repeating: 0) }
                    try bytes.withBytes(0..<piece.count, deliver)
                }
                return
            }
            try opening(extent).deliver(extent.local(part), halt: halt, to: deliver)
        }
    }

    /// Calls `body` with each extent, and the part of `range` that it has.
    private func forEach(
        in range: Range<Int>, _ halt: Halt,
        _ body: (Extent, Range<Int>) throws(StoreError) -> Void
    ) throws(StoreError) {
        try table.forEach(covering: range) { extent throws(StoreError) in
            guard halt.goesOn else { return }
            try body(extent, extent.range.clamped(to: range))
        }
        try halt.check()
    }

    private func zeros(
        _ byteCount: Int, _ halt: Halt,
        _ body: (Range<Int>, inout WorkBuffer) throws(StoreError) -> Void
    ) throws(StoreError) {
        var bytes = try Worker.buffer(min(byteCount, Self.zerosByteCount))
        var offset = 0
        while offset < byteCount, halt.goesOn {
            let end = min(offset + Self.zerosByteCount, byteCount)
            try body(offset..<end, &bytes)
            progress?.advance(by: end - offset)
            offset = end
        }
    }
}

extension Extent {
    /// The bytes of the extent's plaintext that are these of the object.
    fileprivate func local(_ part: Range<Int>) -> Range<Int> {
        let start = part.lowerBound - entry.start + entry.offset
        return start..<start + part.count
    }
}

/// A target that a part of the bytes goes to, from `offset` on.
private struct MovedTarget<Target: ChunkTarget>: ChunkTarget {
    let target: Target
    let offset: Int

    func receive(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ open: (inout MutableSpan<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        try target.receive(
            at: self.offset + offset, byteCount: byteCount, buffer: &buffer, open)
    }
}
