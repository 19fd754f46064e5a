/// The rules for the parts of a blob: each but the last has at least so many bytes, none more than so many, and
/// there are at most so many.
public struct BlobPartLimits: Sendable, Hashable {
    /// The fewest bytes of a part that isn't the last.
    public let minimumByteCount: Int
    /// The most bytes of a part.
    public let maximumByteCount: Int
    /// The most parts of a blob.
    public let maximumCount: Int

    /// Rules for parts, of which there may be a million at most, of a TiB at most.
    public init(minimumByteCount: Int, maximumByteCount: Int, maximumCount: Int) {
        precondition(
            minimumByteCount >= 1 && maximumByteCount >= minimumByteCount
                && maximumByteCount <= 1 << 40, "parts of an impossible size")
        precondition(maximumCount >= 1 && maximumCount <= 1 << 20, "an impossible number of parts")
        self.minimumByteCount = minimumByteCount
        self.maximumByteCount = maximumByteCount
        self.maximumCount = maximumCount
    }
}

/// Where the parts of a blob begin and end, which follows from the rules and what is known of its size.
///
/// The first are all of one size. So that a blob of any length finds room in the number of parts that is allowed,
/// and a short one needs no large buffers, they double in size from some part on, again and again: at nine tenths
/// of the parts if the size was known, which leaves room for a little more, and else at a tenth.
public struct BlobParts: Sendable, Hashable {
    /// Consecutive parts of one size.
    private struct Run: Hashable {
        let index: Int
        let offset: Int
        let count: Int
        let partByteCount: Int
    }

    private let runs: [Run]

    /// The parts of a blob of about `expectedByteCount` bytes.
    public init(_ limits: BlobPartLimits, expectedByteCount: Int?) {
        let step = max(1, limits.maximumCount / 10)
        let firstCount = max(1, expectedByteCount == nil ? step : limits.maximumCount - step)
        let needed = ((expectedByteCount ?? 0) + firstCount - 1) / firstCount
        var partByteCount = min(max(limits.minimumByteCount, needed), limits.maximumByteCount)
        var runs: [Run] = []
        var (index, offset) = (0, 0)
        while index < limits.maximumCount {
            let count = min(index == 0 ? firstCount : step, limits.maximumCount - index)
            runs.append(
                Run(index: index, offset: offset, count: count, partByteCount: partByteCount))
            index += count
            offset += count * partByteCount
            partByteCount = min(partByteCount * 2, limits.maximumByteCount)
        }
        self.runs = runs
    }

    /// The most bytes that find room.
    public var capacityByteCount: Int {
        runs.last.map { $0.offset + $0.count * $0.partByteCount } ?? 0
    }

    /// The number of the part that the byte at `offset` is in, from 0 on; nil if there is no room for it.
    public func index(at offset: Int) -> Int? {
        guard offset >= 0, offset < capacityByteCount,
            let run = runs.last(where: { $0.offset <= offset })
        else { return nil }
        return run.index + (offset - run.offset) / run.partByteCount
    }

    /// The bytes of a part; of the last one of a blob, those that it may have.
    public func range(ofPart index: Int) -> Range<Int> {
        guard let run = runs.last(where: { $0.index <= index }), index < run.index + run.count
        else {
            preconditionFailure("there is no such part")
        }
        let start = run.offset + (index - run.index) * run.partByteCount
        return start..<start + run.partByteCount
    }
}
