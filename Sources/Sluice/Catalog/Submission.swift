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

    /// Waits for its caller.
    let awoken = DispatchSemaphore(value: 0)

    private struct State {
        var preparation: GroupCommit.Preparation?
        var change: CatalogChange?
        var isToPrepare = false
        var isToLead = false
        var outcome: Result<[StoreError?], StoreError>?
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

    /// Lays a task on its caller, who is awoken for it or is at work already.
    func give(_ turn: Turn) {
        state.withLock { state in
            switch turn {
            case .prepare: state.isToPrepare = true
            case .lead: state.isToLead = true
            case .none, .settled: break
            }
        }
    }

    func awaken() {
        awoken.signal()
    }

    func settle(_ outcome: Result<[StoreError?], StoreError>) {
        state.withLock { $0.outcome = outcome }
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
