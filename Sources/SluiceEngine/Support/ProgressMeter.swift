internal import Synchronization

/// Adds up what workers do, and tells the caller's handler, one call at a time. Thread-safe.
final class ProgressMeter: Sendable {
    private let done = Mutex<Int>(0)
    private let totalByteCount: Int?
    private let handler: ProgressHandler

    /// Nil if nobody wants to know.
    init?(_ handler: ProgressHandler?, totalByteCount: Int?) {
        guard let handler else { return nil }
        self.handler = handler
        self.totalByteCount = totalByteCount
    }

    func advance(by byteCount: Int) {
        done.withLock { done in
            done += byteCount
            handler(done, totalByteCount)
        }
    }
}
