internal import Dispatch

/// Runs synchronous operations for tasks, off their threads. Thread-safe.
final class OperationRunner: Sendable {
    private let context: StoreContext
    private let queue = DispatchQueue(label: "sluice.store", attributes: .concurrent)
    private let lanes = CommitLanes()

    init(context: StoreContext) {
        self.context = context
    }

    /// Where an operation runs.
    enum Place {
        /// On the store's queue, which has a thread for each processor.
        case queue
        /// Among those that do little but wait for a commit.
        case lanes
    }

    /// Runs `body` off the task's thread; cancelling the task cancels the operation.
    func run<Value: Sendable>(
        on place: Place = .queue,
        _ body: @escaping @Sendable (Cancellation) throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let cancellation = context.beginOperation()
        let result: Result<Value, StoreError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let operation: @Sendable () -> Void = {
                    continuation.resume(returning: Self.outcome(cancellation, body))
                }
                switch place {
                case .queue: queue.async(execute: operation)
                case .lanes: lanes.run(operation)
                }
            }
        } onCancel: {
            cancellation.cancel()
        }
        return try result.get()
    }

    private static func outcome<Value>(
        _ cancellation: Cancellation, _ body: (Cancellation) throws(StoreError) -> Value
    ) -> Result<Value, StoreError> {
        do throws(StoreError) {
            try cancellation.check()
            return .success(try body(cancellation))
        } catch {
            return .failure(error)
        }
    }
}
