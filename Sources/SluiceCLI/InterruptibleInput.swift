internal import Dispatch
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// A pipe, a terminal or a device as a source of bytes that a signal can end, though a read of it
/// may wait for ever.
///
/// A thread reads ahead by one buffer; a put that is interrupted leaves it waiting, cleans up behind
/// itself, and the process ends.
final class InterruptibleInput: ByteSource {
    private struct State {
        /// What was read and not yet taken, from `offset` on.
        var bytes: [UInt8] = []
        var offset = 0
        /// What the reading thread has delivered.
        var delivery: Result<[UInt8], StoreError>?
        var isReading = false
        var isInterrupted = false
    }

    private let file: File
    /// What it is called in messages.
    private let name: String
    /// Called at the end, on the reading thread; throws if what was read is not all there was to be.
    private let atEnd: @Sendable () throws(StoreError) -> Void
    private let state = Mutex(State())
    private let delivered = DispatchSemaphore(value: 0)
    private let line = WorkLine()

    /// Standard input.
    convenience init() {
        self.init(.standardInput, name: "standard input") {}
    }

    /// Opens a file that isn't regular; of a named pipe this waits for a writer.
    convenience init(path: String) throws(SystemError) {
        self.init(try File.open(path, .read), name: "'\(path)'") {}
    }

    /// A file that is open.
    init(_ file: File, name: String, atEnd: @escaping @Sendable () throws(StoreError) -> Void) {
        self.file = file
        self.name = name
        self.atEnd = atEnd
    }

    /// Has a read that is waiting, and those to come, fail.
    func interrupt() {
        state.withLock { $0.isInterrupted = true }
        delivered.signal()
    }

    func read(into buffer: inout MutableSpan<UInt8>) throws -> Int {
        if state.withLock({ $0.offset == $0.bytes.count }) { try refill() }
        return state.withLock { state in
            let byteCount = min(state.bytes.count - state.offset, buffer.count)
            let part = state.offset..<state.offset + byteCount
            buffer.copyPrefix(of: state.bytes.span.extracting(part))
            state.offset += byteCount
            return byteCount
        }
    }

    /// Waits for the next bytes, and has those after them read meanwhile.
    private func refill() throws {
        startReading()
        delivered.wait()
        let delivery = state.withLock { state in
            defer { state.delivery = nil }
            return state.isInterrupted ? nil : state.delivery
        }
        guard let delivery else { throw StoreError(.cancelled, "interrupted") }
        let bytes = try delivery.get()
        state.withLock { state in
            state.bytes = bytes
            state.offset = 0
            state.isReading = false
        }
        if !bytes.isEmpty { startReading() }
    }

    private func startReading() {
        let isNeeded = state.withLock { state in
            defer { state.isReading = true }
            return !state.isReading
        }
        guard isNeeded else { return }
        let isBegun = line.add { [self] in deliver(readSome()) }
        // Then by this thread, whom no signal can wake.
        if !isBegun { deliver(readSome()) }
    }

    private func deliver(_ delivery: Result<[UInt8], StoreError>) {
        state.withLock { $0.delivery = delivery }
        delivered.signal()
    }

    private func readSome() -> Result<[UInt8], StoreError> {
        var bytes = [UInt8](repeating: 0, count: Self.bufferByteCount)
        do throws(SystemError) {
            var span = bytes.mutableSpan
            let byteCount = try file.readSome(into: &span)
            bytes.removeLast(bytes.count - byteCount)
        } catch {
            return .failure(
                StoreError(
                    .inputOutput, "can't read \(name): \(error.fullReason)",
                    remedies: error.remedies,
                    cause: error))
        }
        do throws(StoreError) {
            if bytes.isEmpty { try atEnd() }
            return .success(bytes)
        } catch {
            return .failure(error)
        }
    }

    /// What a pipe holds at most, unless it was enlarged.
    private static let bufferByteCount = 65_536
}
