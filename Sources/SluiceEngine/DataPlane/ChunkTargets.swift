internal import Dispatch
internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// An array that the workers fill; nobody sees it before it is whole.
struct ArrayTarget: ChunkTarget {
    let parts: DisjointBytes

    func receive(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ open: (inout MutableSpan<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        try parts.withPart(at: offset, byteCount: byteCount, open)
    }
}

/// A new file without a name yet, or with one that nobody looks at. Runs of zeros are passed over, so that the file
/// has holes there: whoever has filled it gives it its length.
struct FileTarget: ChunkTarget {
    let file: File
    let standing: ReadStanding

    /// Zeros are looked for in blocks of so many bytes.
    static let zeroRunByteCount = 64 << 10

    func receive(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ open: (inout MutableSpan<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        try buffer.withMutableBytes(0..<byteCount, open)
        // Not through the gate, for a disk may be slow: but what was taken away meanwhile isn't written.
        try standing.check()
        try translated("write") { () throws(SystemError) in
            try buffer.withBytes(0..<byteCount) { plain throws(SystemError) in
                try write(plain, at: offset)
            }
        }
    }

    /// Writes what isn't a whole block of zeros, as far as possible in one go.
    private func write(_ plain: Span<UInt8>, at offset: Int) throws(SystemError) {
        var start = 0
        var end = 0
        while end < plain.count {
            let next = min(end + Self.zeroRunByteCount, plain.count)
            if next - end == Self.zeroRunByteCount, plain.extracting(end..<next).isAllZero {
                try write(plain, start..<end, at: offset)
                start = next
            }
            end = next
        }
        try write(plain, start..<end, at: offset)
    }

    private func write(
        _ plain: Span<UInt8>, _ part: Range<Int>, at offset: Int
    ) throws(SystemError) {
        guard !part.isEmpty else { return }
        try file.write(plain.extracting(part), at: offset + part.lowerBound)
    }

    /// Gives the file its length once all is written, for what is at its end may have been passed over.
    func finish(byteCount: Int) throws(StoreError) {
        guard byteCount >= Self.zeroRunByteCount else { return }
        try translated("write") { () throws(SystemError) in
            guard try file.status().byteCount < byteCount else { return }
            try file.truncate(to: byteCount)
        }
    }
}

/// Nowhere: the chunks are only to be authenticated.
struct VoidTarget: ChunkTarget {
    func receive(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ open: (inout MutableSpan<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        try buffer.withMutableBytes(0..<byteCount, open)
    }
}

/// A consumer that takes pieces in order: a worker that is ahead of its turn waits. Thread-safe.
///
/// The workers hold consecutive pieces, so as many turns as there are workers tell them apart.
final class Turns: Sendable {
    private let semaphores: [DispatchSemaphore]
    private let halt: Halt
    private let deliver: @Sendable (Span<UInt8>) throws(StoreError) -> Void

    /// Calls `deliver` with pieces, the first of which has the number 0.
    init(
        workerCount: Int, halt: Halt,
        deliver: @escaping @Sendable (Span<UInt8>) throws(StoreError) -> Void
    ) {
        // Dispatch wants a semaphore to end no lower than it began: so each begins with 0.
        semaphores = (0..<workerCount).map { _ in DispatchSemaphore(value: 0) }
        semaphores[0].signal()
        self.halt = halt
        self.deliver = deliver
    }

    /// Takes the piece with this number, which `open` writes.
    func take(
        _ number: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ open: (inout MutableSpan<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        var failure: StoreError?
        do throws(StoreError) {
            try buffer.withMutableBytes(0..<byteCount, open)
        } catch {
            failure = error
        }
        // Whatever happened, the next worker gets its turn, or it would wait for ever; but not before
        // it can see that it is to deliver nothing.
        semaphores[number % semaphores.count].wait()
        defer { semaphores[(number + 1) % semaphores.count].signal() }
        if failure == nil, halt.goesOn {
            do throws(StoreError) {
                try buffer.withBytes(0..<byteCount, deliver)
            } catch {
                failure = error
            }
        }
        if let failure {
            halt.fail(failure)
            throw failure
        }
    }

    /// Ends the work instead of taking the piece with this number.
    func fail(_ number: Int, _ error: StoreError) {
        semaphores[number % semaphores.count].wait()
        halt.fail(error)
        semaphores[(number + 1) % semaphores.count].signal()
    }
}

/// A consumer that takes the chunks of a range in order.
final class OrderedTarget: ChunkTarget {
    private let firstByteCount: Int
    private let chunkSize: ChunkSize
    private let turns: Turns

    /// Calls `deliver` with the bytes of `range`, chunk by chunk.
    init(
        range: Range<Int>, layout: ChunkLayout, workerCount: Int, halt: Halt,
        deliver: @escaping @Sendable (Span<UInt8>) throws(StoreError) -> Void
    ) {
        chunkSize = layout.chunkSize
        let intoChunk = range.lowerBound & (chunkSize.byteCount - 1)
        firstByteCount = chunkSize.byteCount - intoChunk
        turns = Turns(workerCount: workerCount, halt: halt, deliver: deliver)
    }

    func receive(
        at offset: Int, byteCount: Int, buffer: inout WorkBuffer,
        _ open: (inout MutableSpan<UInt8>) throws(StoreError) -> Void
    ) throws(StoreError) {
        // The place of this chunk among those that are delivered.
        let place = offset == 0 ? 0 : (offset - firstByteCount) / chunkSize.byteCount + 1
        try turns.take(place, byteCount: byteCount, buffer: &buffer, open)
    }
}
