internal import Dispatch
internal import SluiceAccess
internal import Synchronization

/// Runs operations of the vaults for tasks, off their threads: they read and write files, and wait for readers to
/// confirm. Thread-safe.
///
/// What has begun is carried through, so that no change of access is left half done.
final class VaultRunner: Sendable {
    private let queue = DispatchQueue(label: "sluice.vaults", attributes: .concurrent)

    private final class Flag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    /// Runs `body` off the task's thread, unless the task is cancelled before.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(VaultError) -> Value
    ) async throws(VaultError) -> Value {
        let isCancelled = Flag()
        let result: Result<Value, VaultError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                queue.async {
                    continuation.resume(
                        returning: Self.outcome(
                            isCancelled.isSet.load(ordering: .relaxed), body))
                }
            }
        } onCancel: {
            isCancelled.isSet.store(true, ordering: .relaxed)
        }
        return try result.get()
    }

    private static func outcome<Value>(
        _ isCancelled: Bool, _ body: () throws(VaultError) -> Value
    ) -> Result<Value, VaultError> {
        do throws(VaultError) {
            guard !isCancelled else {
                throw VaultError(.cancelled, "cancelled before it began; nothing was changed")
            }
            return .success(try body())
        } catch {
            return .failure(error)
        }
    }
}
