internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Opens the bytes of an object of extents, on several workers: each takes the next chunk, of whichever extent it is.
struct ExtentOpening: Sendable {
    let table: OpenExtentTable
    let workers: Workers
    let progress: ProgressMeter?
    /// How to open an extent that is no zeros.
    let opening: @Sendable (Extent) throws(StoreError) -> Opening

    /// Extents are worked on together until there are so many of them, or of their pieces.
    private static let batchExtentCount = 128
    private static let batchPieceCount = 1024

    func run(
        _ range: Range<Int>, to target: some ChunkTarget, halt: Halt
    ) throws(StoreError) {
        try forEachBatch(in: range, halt) { batch throws(StoreError) in
            try batch.run(self, halt) { part, place, worker throws(StoreError) in
                try open(
                    part, place,
                    to: MovedTarget(
                        target: target, offset: part.range.lowerBound - range.lowerBound), &worker)
            }
        }
    }

    func deliver(
        _ range: Range<Int>, halt: Halt,
        to deliver: @escaping @Sendable (Span<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        try forEachBatch(in: range, halt) { batch throws(StoreError) in
            let turns = Turns(workerCount: workers.count, halt: halt, deliver: deliver)
            try batch.run(self, halt) { part, place, worker throws(StoreError) in
                let target = TurnTarget(turns, number: part.firstPiece + place)
                do throws(StoreError) {
                    try open(part, place, to: target, &worker)
                } catch {
                    target.failIfNotTaken(error)
                    throw error
                }
            }
        }
    }

    /// Opens a piece of a part.
    private func open(
        _ part: ExtentPart, _ place: Int, to target: some ChunkTarget, _ worker: inout Worker
    ) throws(StoreError) {
        guard let chunks = part.chunks else {
            let piece = part.zeros(place)
            // The output buffer, for no chunk may have made it fit.
            try worker.prepare(for: ExtentPart.zerosChunkSize)
            try target.receive(at: piece.lowerBound, byteCount: piece.count, buffer: &worker.output)
            { $0.update(repeating: 0) }
            progress?.advance(by: piece.count)
            return
        }
        let opened = try part.opened(by: opening)
        try opened.prepare(&worker)
        try opened.open(chunks.lowerBound + place, of: part.local, to: target, &worker)
    }

    /// Calls `body` with the parts of `range` that extents have, several at a time.
    private func forEachBatch(
        in range: Range<Int>, _ halt: Halt, _ body: (ExtentBatch) throws(StoreError) -> Void
    ) throws(StoreError) {
        var batch = ExtentBatch()
        try table.forEach(covering: range) { extent throws(StoreError) in
            guard halt.goesOn else { return }
            batch.add(extent, extent.range.clamped(to: range))
            guard
                batch.parts.count >= Self.batchExtentCount
                    || batch.pieceCount >= Self.batchPieceCount
            else { return }
            try body(batch)
            batch = ExtentBatch()
        }
        if !batch.parts.isEmpty, halt.goesOn { try body(batch) }
        try halt.check()
    }
}

/// Parts of an object that lie in extents, one after the other.
private struct ExtentBatch: Sendable {
    private(set) var parts: [ExtentPart] = []
    private(set) var pieceCount = 0

    mutating func add(_ extent: Extent, _ range: Range<Int>) {
        let part = ExtentPart(extent, range, firstPiece: pieceCount)
        parts.append(part)
        pieceCount += part.pieceCount
    }

    /// Calls `body` with each piece, on several workers, which take them in order.
    func run(
        _ opening: ExtentOpening, _ halt: Halt,
        _ body:
            @escaping @Sendable (ExtentPart, _ place: Int, inout Worker) throws(StoreError) ->
            Void
    ) throws(StoreError) {
        let next = Atomic<Int>(0)
        try opening.workers.run(atMost: pieceCount, halt) { worker throws(StoreError) in
            var index = 0
            while halt.goesOn {
                let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard number < pieceCount else { return }
                while number >= parts[index].firstPiece + parts[index].pieceCount { index += 1 }
                let part = parts[index]
                try body(part, number - part.firstPiece, &worker)
                part.noteDone()
            }
        }
    }
}

/// What an object has of one extent. Thread-safe.
private final class ExtentPart: Sendable {
    /// The bytes of the object.
    let range: Range<Int>
    /// The same bytes of the extent's plaintext.
    let local: Range<Int>
    /// The extent's chunks that have them; nil of zeros.
    let chunks: Range<Int>?
    /// The number of its first piece in the batch, and how many it has: chunks, or pieces of zeros.
    let firstPiece: Int
    let pieceCount: Int
    private let extent: Extent
    private let opening = Mutex<Opening?>(nil)
    private let doneCount = Atomic<Int>(0)

    /// Zeros are given in pieces of at most a chunk of this size.
    static let zerosChunkSize = ChunkSize.standard

    init(_ extent: Extent, _ range: Range<Int>, firstPiece: Int) {
        self.extent = extent
        self.range = range
        self.firstPiece = firstPiece
        let entry = extent.entry
        let start = range.lowerBound - entry.start + entry.offset
        local = start..<start + range.count
        guard extent.keys != nil else {
            chunks = nil
            let size = Self.zerosChunkSize.byteCount
            pieceCount = (range.count + size - 1) / size
            return
        }
        // An entry was decoded only if this is possible.
        guard
            let layout = ChunkLayout(
                byteCount: entry.extentByteCount, chunkSize: entry.chunkSize)
        else { preconditionFailure("an extent with an impossible size was decoded") }
        let covering = layout.chunks(covering: local)
        chunks = covering
        pieceCount = covering.count
    }

    /// A piece of zeros, from the beginning of the part on.
    func zeros(_ place: Int) -> Range<Int> {
        let start = place * Self.zerosChunkSize.byteCount
        return start..<min(start + Self.zerosChunkSize.byteCount, range.count)
    }

    /// The extent, opened once.
    func opened(
        by open: (Extent) throws(StoreError) -> Opening
    ) throws(StoreError) -> Opening {
        try opening.withLock { opening throws(StoreError) in
            if let opening { return opening }
            let opened = try open(extent)
            opening = opened
            return opened
        }
    }

    /// Notes that a piece is done, and lets go of the extent's blob after the last.
    func noteDone() {
        let count = doneCount.wrappingAdd(1, ordering: .relaxed).newValue
        if count == pieceCount { opening.withLock { $0 = nil } }
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

/// The turn of one piece, which is taken once, or failed.
private final class TurnTarget: ChunkTarget {
    private let turns: Turns
    private let number: Int
    private let isTaken = Atomic<Bool>(false)

    init(_ turns: Turns, number: Int) {
        self.turns = turns
        self.number = number
    }

    func receive(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ open: (inout MutableSpan<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        isTaken.store(true, ordering: .relaxed)
        try turns.take(number, byteCount: byteCount, buffer: &buffer, open)
    }

    /// Passes the turn on, if what failed has come to no end with it.
    func failIfNotTaken(_ error: StoreError) {
        if !isTaken.load(ordering: .relaxed) { turns.fail(number, error) }
    }
}
