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
