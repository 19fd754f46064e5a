internal import Synchronization

/// Tells operations in flight to stop. Thread-safe; once cancelled, for good.
final class Cancellation: Sendable {
    private let flag = Atomic<Bool>(false)
    private let parent: Cancellation?

    /// Cancelled when asked to, or when `parent` is.
    init(parent: Cancellation? = nil) {
        self.parent = parent
    }

    /// Asks for an end.
    func cancel() {
        flag.store(true, ordering: .relaxed)
    }

    /// Whether an end was asked for.
    var isCancelled: Bool {
        flag.load(ordering: .relaxed) || parent?.isCancelled == true
    }

    /// Throws ``StoreError/Code/cancelled`` once an end was asked for.
    func check() throws(StoreError) {
        if isCancelled { throw StoreError(.cancelled, "cancelled; nothing was left behind") }
    }
}
