internal import Dispatch
internal import Synchronization

/// What one caller of ``GroupCommit`` asks for, and what becomes of it. Whoever prepares or leads
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

    /// Waits for its caller.
    let awoken = DispatchSemaphore(value: 0)

    private struct State {
        var preparation: GroupCommit.Preparation?
        var change: CatalogChange?
        var isToPrepare = false
        var isPreparing = false
        var isToLead = false
        var outcome: Outcome?
        /// Those whose callers this one's is to awaken.
        var next: [Submission] = []
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

    /// Leaves it to its caller likewise to prepare; false if somebody has already.
    func leavePreparing() -> Bool {
        state.withLock { state in
            defer { state.isToPrepare = true }
            return !state.isToPrepare
        }
    }

    /// Whether its caller is at work on others' submissions.
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

    /// Settles a batch and returns the first, whose caller awakens others on its way home, and they
    /// others: to awaken a thread takes several microseconds, too many for one to do it for all.
    static func settle(_ batch: [Submission], _ outcomes: [Outcome]) -> Submission? {
        // Who prepares another's submission comes home when that is done: nobody is to wait for that.
        var order: [(submission: Submission, outcome: Outcome)] = []
        var busy = order
        for settled in zip(batch, outcomes) {
            if settled.0.isPreparing { busy.append(settled) } else { order.append(settled) }
        }
        order += busy
        // From the last: who is settled may go and awaken those behind it, which must be so by then.
        for (place, settled) in order.enumerated().reversed() {
            let next = order.dropFirst(2 * place + 1).prefix(2).map(\.submission)
            settled.submission.state.withLock { state in
                state.next = next
                state.outcome = settled.outcome
            }
        }
        return order.first?.submission
    }

    /// Awakens those whom it falls to this one to awaken; its own caller does it, having been settled.
    func awakenNext() {
        let next = state.withLock { state in
            defer { state.next = [] }
            return state.next
        }
        for submission in next { submission.awaken() }
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
        guard let outcome = state.withLock({ $0.outcome }) else {
            preconditionFailure("a submission was woken without an outcome")
        }
        return try outcome.get()
    }
}
