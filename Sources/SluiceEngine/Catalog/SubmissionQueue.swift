internal import SluiceNative

/// The submissions of a ``GroupCommit`` that nobody has committed yet, and who works on them: as many
/// callers as there are processors prepare them, and one leads. Thread-safe.
final class SubmissionQueue: Sendable {
    private struct State {
        var unprepared: [Submission] = []
        var preparerCount = 0
        var waiting: [Submission] = []
        var isLed = false
    }

    /// Works of a batch, about: a transaction's log stays small.
    private static let batchLimit = 256
    /// Submissions of a batch that are worth their wait for the disk. Of more that wait, some are left to the next,
    /// though not more than half: were all taken at once, the disk would wait until they have put again.
    private static let fullBatch = 40

    private let state = Guarded(State())
    private let preparerLimit: Int

    init(preparerLimit: Int) {
        self.preparerLimit = preparerLimit
    }

    // MARK: Coming

    /// Adds a submission; what its caller is to do.
    func add(_ own: Submission) -> Submission.Turn {
        state.withLock { state in
            if own.isPrepared { return Self.wait(own, in: &state) ? .lead : .none }
            state.unprepared.append(own)
            guard state.preparerCount < preparerLimit else { return .none }
            state.preparerCount += 1
            own.isPreparing = true
            return .prepare
        }
    }

    /// Adds a prepared submission to those that wait for a transaction; whether it is to lead.
    private static func wait(_ submission: Submission, in state: inout State) -> Bool {
        state.waiting.append(submission)
        defer { state.isLed = true }
        return !state.isLed
    }

    // MARK: Preparing

    /// Prepares submissions, whosever they are, until none is left or `own` wants its caller back; what
    /// that caller is to do then.
    func prepare(_ own: Submission) -> Submission.Turn {
        defer { own.isPreparing = false }
        while true {
            let turn = own.takeTurn()
            if turn != .none {
                handOnPreparing()
                return turn
            }
            let next: Submission? = state.withLock { state in
                if !state.unprepared.isEmpty { return state.unprepared.removeFirst() }
                state.preparerCount -= 1
                return nil
            }
            guard let next else { return own.takeTurn() }
            let isPrepared = next.prepare()
            let isToLead = isPrepared && state.withLock { Self.wait(next, in: &$0) }
            if isToLead { next.leaveLeading() }
            if next !== own, isToLead || !isPrepared { next.awaken() }
        }
    }

    /// Leaves the preparing to the next who waits, and doesn't prepare already.
    private func handOnPreparing() {
        let next: Submission? = state.withLock { state in
            // Left to it before anybody can prepare it and send its caller home: the turn would be lost.
            let next = state.unprepared.first { $0.leavePreparing() }
            if next == nil { state.preparerCount -= 1 }
            return next
        }
        next?.awaken()
    }

    // MARK: Leading

    /// Takes a batch of those that wait, for a transaction.
    func takeBatch() -> [Submission] {
        state.withLock { state in
            var workCount = 0
            let limit = max(Self.fullBatch, state.waiting.count / 2)
            let batch = Array(
                state.waiting.prefix(limit).prefix { submission in
                    defer { workCount += submission.change.works.count }
                    return workCount < Self.batchLimit
                })
            state.waiting.removeFirst(batch.count)
            return batch
        }
    }

    /// The first of those that wait, whose batch the leader is to see to; without any, nobody leads.
    func nextToLead() -> Submission? {
        state.withLock { state in
            state.isLed = !state.waiting.isEmpty
            return state.waiting.first
        }
    }
}
