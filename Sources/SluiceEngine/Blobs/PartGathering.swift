internal import Dispatch
internal import SluiceNative
internal import Synchronization

/// Gathers what is written at any offsets into the whole parts that a backend needs, in bounded memory.
///
/// The data plane's workers write chunks of some size and 16 bytes, nearly in order. Each part is gathered in a
/// buffer; a full one is handed to a thread that writes it, of which there are as many as the backend is good for.
/// There are two buffers more than those; who needs another waits until one is free. That can't wait for ever: the
/// last free buffer is kept for the first part that isn't full, and whoever has that part's bytes has taken them
/// before others took what comes after them, so he is on his way here. If he fails, ``stop()`` says so.
///
/// Thread-safe.
final class PartGathering: BlobWriting {
    private let base: any BlobWriting
    private let parts: BlobParts
    private let requestLimit: Int
    private let state = Mutex(State())

    /// A part that is being gathered, or written.
    private final class Part: Sendable {
        let index: Int
        let range: Range<Int>
        let bytes: Mutex<[UInt8]>

        init(_ index: Int, _ range: Range<Int>, _ bytes: [UInt8]) {
            self.index = index
            self.range = range
            self.bytes = Mutex(bytes)
        }
    }

    private struct State {
        /// Parts that aren't full, each with the number of bytes it has.
        var open: [Int: (part: Part, byteCount: Int)] = [:]
        /// All before it are full, or written.
        var firstOpen = 0
        /// Full ones that come after it.
        var fullAhead: Set<Int> = []
        /// Full ones that nobody writes yet, with their bytes' number.
        var waiting: [(part: Part, byteCount: Int)] = []
        var requestCount = 0
        var bufferCount = 0
        /// For the next part; empty if there is none.
        var idleBuffer: [UInt8] = []
        var failure: BlobError?
        /// Who waits for any of this to change.
        var sleepers: [DispatchSemaphore] = []
    }

    init(_ base: any BlobWriting, parts: BlobParts, requestsInFlight: Int) {
        self.base = base
        self.parts = parts
        requestLimit = min(requestsInFlight, Self.requestLimit)
    }

    /// Each takes a buffer of a part's size.
    private static let requestLimit = 4
    private var bufferLimit: Int { requestLimit + 2 }

    // MARK: Writing

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
        var done = 0
        while done < bytes.count {
            guard let index = parts.index(at: offset + done) else {
                throw BlobError(.refused, "it is larger than the backend's blobs can be")
            }
            let part = try open(index)
            let start = offset + done - part.range.lowerBound
            let count = min(bytes.count - done, part.range.count - start)
            part.bytes.withLock { buffer in
                var target = buffer.mutableSpan
                target.withPart(start..<start + count) {
                    $0.copyPrefix(of: bytes.extracting(done..<done + count))
                }
            }
            done += count
            if note(count, in: part) { pass(part, part.range.count) }
        }
    }

    func commit(byteCount: Int) throws(BlobError) {
        if byteCount > 0, let index = parts.index(at: byteCount - 1) {
            let last = state.withLock { $0.open.removeValue(forKey: index) }
            if let last {
                precondition(
                    last.byteCount == byteCount - last.part.range.lowerBound,
                    "a blob was written in part")
                pass(last.part, last.byteCount)
            }
        }
        try wait { state in state.requestCount == 0 && state.waiting.isEmpty }
        precondition(state.withLock { $0.open.isEmpty }, "a blob was written in part")
        try base.commit(byteCount: byteCount)
    }

    func finish() { base.finish() }

    func abort() {
        stop()
        // What is on its way would come after the end.
        while true {
            let sleeper = state.withLock { state in
                state.requestCount > 0 ? Self.sleeper(&state) : nil
            }
            guard let sleeper else { break }
            sleeper.wait()
        }
        base.abort()
    }

    /// Has whoever waits, or writes later, throw: bytes that are waited for don't come.
    func stop() {
        end(BlobError(.ended, "the put was given up"))
    }

    // MARK: Parts

    /// The part that is gathered under this number, with a buffer when there is one for it.
    private func open(_ index: Int) throws(BlobError) -> Part {
        let range = parts.range(ofPart: index)
        return try wait { [bufferLimit] state in
            if let known = state.open[index] { return known.part }
            let limit = index == state.firstOpen ? bufferLimit : bufferLimit - 1
            guard state.bufferCount < limit else { return nil }
            state.bufferCount += 1
            var buffer: [UInt8] = []
            swap(&buffer, &state.idleBuffer)
            if buffer.count != range.count { buffer = [UInt8](repeating: 0, count: range.count) }
            let part = Part(index, range, buffer)
            state.open[index] = (part, 0)
            return part
        }
    }

    /// Whether these bytes have made a part full.
    private func note(_ byteCount: Int, in part: Part) -> Bool {
        state.withLock { state in
            guard let known = state.open[part.index] else { return false }
            let total = known.byteCount + byteCount
            precondition(total <= part.range.count, "parts of a blob overlap")
            guard total == part.range.count else {
                state.open[part.index] = (part, total)
                return false
            }
            state.open[part.index] = nil
            state.fullAhead.insert(part.index)
            while state.fullAhead.remove(state.firstOpen) != nil { state.firstOpen += 1 }
            Self.awaken(&state)
            return true
        }
    }

    /// Hands a full part to whoever writes: to another thread, if there may be one more and can.
    private func pass(_ part: Part, _ byteCount: Int) {
        let isToStart = state.withLock { state in
            state.waiting.append((part, byteCount))
            guard state.requestCount < requestLimit else { return false }
            state.requestCount += 1
            return true
        }
        guard isToStart else { return }
        do throws(SystemError) {
            try Crew.start { [self] in writeWaiting() }
        } catch {
            writeWaiting()
        }
    }

    private func writeWaiting() {
        while let (part, byteCount) = next() {
            var buffer: [UInt8] = []
            part.bytes.withLock { swap(&buffer, &$0) }
            do throws(BlobError) {
                try base.write(buffer.span.extracting(first: byteCount), at: part.range.lowerBound)
            } catch {
                end(error)
            }
            state.withLock { state in
                state.bufferCount -= 1
                swap(&buffer, &state.idleBuffer)
                Self.awaken(&state)
            }
        }
    }

    private func next() -> (Part, Int)? {
        state.withLock { state in
            if state.failure == nil, !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.waiting = []
            state.requestCount -= 1
            Self.awaken(&state)
            return nil
        }
    }

    // MARK: Waiting

    private func end(_ error: BlobError) {
        state.withLock { state in
            state.failure = state.failure ?? error
            Self.awaken(&state)
        }
    }

    private func wait(until isSo: (State) -> Bool) throws(BlobError) {
        try wait { state in isSo(state) ? () : nil }
    }

    /// Waits until `find` finds something; throws what has ended the writing.
    private func wait<Value: Sendable>(
        _ find: (inout State) -> Value?
    ) throws(BlobError) -> Value {
        while true {
            let outcome: Outcome<Value> = state.withLock { state in
                if let failure = state.failure { return .failed(failure) }
                if let value = find(&state) { return .found(value) }
                return .asleep(Self.sleeper(&state))
            }
            switch outcome {
            case .found(let value): return value
            case .failed(let error): throw error
            case .asleep(let sleeper): sleeper.wait()
            }
        }
    }

    private enum Outcome<Value: Sendable>: Sendable {
        case found(Value)
        case failed(BlobError)
        case asleep(DispatchSemaphore)
    }

    private static func sleeper(_ state: inout State) -> DispatchSemaphore {
        let sleeper = DispatchSemaphore(value: 0)
        state.sleepers.append(sleeper)
        return sleeper
    }

    private static func awaken(_ state: inout State) {
        for sleeper in state.sleepers { sleeper.signal() }
        state.sleepers = []
    }
}
