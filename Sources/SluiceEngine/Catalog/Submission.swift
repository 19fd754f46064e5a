internal import Dispatch
internal import Synchronization

/// What one caller of ``GroupCommit`` asks for, and what becomes of it. Whoever prepares, leads or settles
/// writes here before waking the caller. Thread-safe.
final class Submission: Sendable {
    /// What its caller is to do next.
    enum Turn {
        /// Wait to be awoken.
        case none
        /// Prepare submissions.
        case prepare
        /// Lead the batch that begins with this one.
        case lead
        /// Return: there is an outcome.
        case settled
    }

    /// What became of each work, or why none was committed.
    typealias Outcome = Result<[StoreError?], StoreError>

    /// A submission of a batch that was run, and what became of it.
    private typealias Settled = (submission: Submission, outcome: Outcome)

    /// Waits for its caller.
    let awoken = DispatchSemaphore(value: 0)

    private struct State {
        var preparation: GroupCommit.Preparation?
        var change: CatalogChange?
        var isToPrepare = false
        var isPreparing = false
        var isToLead = false
        var outcome: Outcome?
        /// Its place among those of its batch who settle each other, which says whom its caller is to settle.
        var place: (order: [Settled], index: Int)?
    }

    private let state: Mutex<State>

    init(_ change: CatalogChange) {
        state = Mutex(State(change: change))
    }

    init(preparing preparation: @escaping GroupCommit.Preparation) {
        state = Mutex(State(preparation: preparation))
    }

    var isPrepared: Bool { state.withLock { $0.change != nil } }

    /// What is to be committed, once it is prepared.
    var change: CatalogChange {
        guard let change = state.withLock({ $0.change }) else {
            preconditionFailure("a submission waited for its batch before it was prepared")
        }
        return change
    }

    /// Makes the change; false, and settled, if that failed.
    func prepare() -> Bool {
        guard let preparation = state.withLock({ $0.preparation.take() }) else {
            preconditionFailure("a submission was prepared twice")
        }
        do throws(StoreError) {
            let change = try preparation()
            state.withLock { $0.change = change }
            return true
        } catch {
            settle(.failure(error))
            return false
        }
    }

    /// Leaves it to its caller, who is awoken for it or is at work already, to lead.
    func leaveLeading() {
        state.withLock { $0.isToLead = true }
    }

    /// Leaves it to its caller likewise to prepare; false if that is what it does, or is to do, already.
    func leavePreparing() -> Bool {
        state.withLock { state in
            guard !state.isPreparing else { return false }
            state.isPreparing = true
            state.isToPrepare = true
            return true
        }
    }

    /// Whether its caller prepares submissions, or has been left it to.
    var isPreparing: Bool {
        get { state.withLock { $0.isPreparing } }
        set { state.withLock { $0.isPreparing = newValue } }
    }

    func awaken() {
        awoken.signal()
    }

    func settle(_ outcome: Outcome) {
        state.withLock { $0.outcome = outcome }
    }

    /// Settles the first of a batch and returns it, for its caller to be awoken. That one settles two others on
    /// its way home, and they others: to awaken a thread takes several microseconds, too many for one to do it
    /// for all.
    static func settle(_ batch: [Submission], _ outcomes: [Outcome]) -> Submission? {
        precondition(batch.count == outcomes.count, "every submission of a batch has an outcome")
        var order: [Settled] = []
        for (submission, outcome) in zip(batch, outcomes) {
            if submission.isPreparing {
                // Its caller comes home when it has prepared another's, for which nobody is to wait. It is
                // awake, or else has just stopped preparing.
                submission.settle(outcome)
                submission.awaken()
            } else {
                order.append((submission, outcome))
            }
        }
        order.first?.submission.settle(in: order, at: 0)
        return order.first?.submission
    }

    private func settle(in order: [Settled], at index: Int) {
        state.withLock { state in
            state.outcome = order[index].outcome
            state.place = (order, index)
        }
    }

    /// Settles and awakens those for whom it falls to this one; its own caller does it, having been settled.
    func settleNext() {
        guard let (order, index) = state.withLock({ $0.place.take() }) else { return }
        for next in order.indices.dropFirst(2 * index + 1).prefix(2) {
            order[next].submission.settle(in: order, at: next)
            order[next].submission.awaken()
        }
    }

    /// What its caller is to do now.
    func takeTurn() -> Turn {
        state.withLock { state in
            if state.isToPrepare {
                state.isToPrepare = false
                return .prepare
            }
            if state.isToLead { return .lead }
            return state.outcome == nil ? .none : .settled
        }
    }

    /// What became of each work; throws if none was committed.
    func result() throws(StoreError) -> [StoreError?] {
        let outcome = state.withLock { state in
            // Others of the batch may keep this submission for a while, but not the bytes.
            state.change = nil
            return state.outcome
        }
        guard let outcome else {
            preconditionFailure("a submission was woken without an outcome")
        }
        return try outcome.get()
    }
}
