internal import Dispatch
public import SluiceAccess
internal import Synchronization

/// Makes calls of the vaults fail or take long, for tests of what code does then.
///
/// Counts the calls to ``KeyService`` and those that change keys; `authorize` counts as a call of the
/// operation that is asked for. Safe from any thread.
public final class VaultFaults: Sendable {
    private enum Effect {
        case failure(VaultError.Code)
        case delay(seconds: Double)
    }

    private struct Fault {
        let effect: Effect
        let operation: KeyOperation?
        /// How many calls are yet to come until the one that is meant; nil for all of them.
        var remainingCount: Int?
    }

    /// Whether there is any, so that calls cost nothing when there is none.
    private let isArmed = Atomic(false)
    private let faults = Mutex<[Fault]>([])

    init() {}

    /// Has a call fail.
    ///
    /// - Parameters:
    ///   - code: What the call throws.
    ///   - callNumber: Which of the calls from now on, the next being 1; nil for all until
    ///     ``removeAll()``.
    ///   - operation: Counts only calls for this operation; nil for all.
    public func fail(
        _ code: VaultError.Code, callNumber: Int? = 1, of operation: KeyOperation? = nil
    ) {
        add(Fault(effect: .failure(code), operation: operation, remainingCount: callNumber))
    }

    /// Has a call wait before it begins, or until its deadline, at which it throws `deadlineExceeded`.
    ///
    /// The parameters are those of ``fail(_:callNumber:of:)``.
    public func delay(
        seconds: Double, callNumber: Int? = 1, of operation: KeyOperation? = nil
    ) {
        add(
            Fault(
                effect: .delay(seconds: seconds), operation: operation, remainingCount: callNumber))
    }

    /// Has all calls from now on do what they should.
    public func removeAll() {
        faults.withLock { faults in
            faults = []
            isArmed.store(false, ordering: .relaxed)
        }
    }

    // MARK: For the vaults

    /// To be called at the beginning of a call.
    @inline(__always)
    func meet(_ operation: KeyOperation, _ deadline: Deadline) throws(VaultError) {
        guard isArmed.load(ordering: .relaxed) else { return }
        try meetArmed(operation, deadline)
    }

    private func add(_ fault: Fault) {
        precondition(fault.remainingCount.map { $0 >= 1 } ?? true, "calls are counted from 1")
        faults.withLock { faults in
            faults.append(fault)
            isArmed.store(true, ordering: .relaxed)
        }
    }

    private func meetArmed(
        _ operation: KeyOperation, _ deadline: Deadline
    ) throws(VaultError) {
        for effect in effects(on: operation) {
            switch effect {
            case .failure(let code):
                throw VaultError(
                    code, "a fault that a test has asked for: \(operation.rawValue) fails")
            case .delay(let seconds):
                let end = Deadline.seconds(seconds)
                while !end.hasPassed {
                    try deadline.check()
                    // Nobody signals it: this is a sleep.
                    _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(1))
                }
            }
        }
    }

    /// What is to happen to this call; a fault that was meant for it alone is gone then.
    private func effects(on operation: KeyOperation) -> [Effect] {
        faults.withLock { faults in
            var effects: [Effect] = []
            for index in faults.indices
            where faults[index].operation == nil || faults[index].operation == operation {
                guard let remainingCount = faults[index].remainingCount else {
                    effects.append(faults[index].effect)
                    continue
                }
                faults[index].remainingCount = remainingCount - 1
                if remainingCount == 1 { effects.append(faults[index].effect) }
            }
            faults.removeAll { $0.remainingCount == 0 }
            if faults.isEmpty { isArmed.store(false, ordering: .relaxed) }
            return effects
        }
    }
}
