internal import Dispatch
internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// Runs the catalog's writes, several callers' in one transaction (see the DESIGN article).
///
/// Whoever finds nobody leading leads: takes those that wait, runs them in one transaction under the
/// store's write lock, and goes on with those that have come meanwhile, for a few batches; then it hands
/// on. While one batch waits for the disk the next gathers, so a store with one writer pays nothing for
/// this, and one with sixty shares each `fsync` among many.
///
/// A change that takes work to prepare, such as sealing, is prepared by as many callers as there are
/// processors, each for whoever waits: sixty threads that all seal at once would mostly get in each
/// other's way.
///
/// A write that fails after it has written undoes the whole transaction; the others then run again,
/// each submission in a transaction of its own. That gives what a savepoint for each write would, and
/// costs nothing while all is well.
///
/// COMMIT runs inside a permit for all that the batch needs. If that is refused, the works of which a need is
/// refused are left out, and the others run once more, together.
///
/// Invariants: transactions and checkpoints run under the store's write lock alone. No caller returns before the
/// COMMIT of its works, which is durable then or, if the store doesn't wait for the disk, marked (``UnsyncedMark``).
/// After a COMMIT whose outcome is unknown every later write is refused. Thread-safe.
final class GroupCommit: Sendable {
    /// Batches that a caller leads at most. Each after the first holds its own put back; to hand on costs
    /// all the time in which the next awakes.
    private static let leadLimit = 8

    private let queue = SubmissionQueue(preparerLimit: Processor.count)
    private let writer = Mutex<CatalogWriter?>(nil)
    private let openWriter: @Sendable () throws(StoreError) -> CatalogWriter
    private let lock: StoreLock
    private let place: CatalogPlace
    private let permit: any CommitPermit
    private let reserve: SpaceReserve?
    /// Pages in the write-ahead log after which a batch begins with a checkpoint.
    private let checkpointFrameCount: Int
    private let failure = Guarded<StoreError?>(nil)
    private let garbageHandler = Mutex<(@Sendable () -> Void)?>(nil)

    /// Commits under the write lock of `lock`, through a writer that is opened when something is
    /// first written: a process that only reads doesn't need it.
    ///
    /// What frees space takes `reserve` when there is none left; nil in memory.
    init(
        lock: StoreLock, place: CatalogPlace, permit: any CommitPermit, reserve: SpaceReserve?,
        checkpointFrameCount: Int,
        openWriter: @escaping @Sendable () throws(StoreError) -> CatalogWriter
    ) {
        self.permit = permit
        self.lock = lock
        self.place = place
        self.reserve = reserve
        self.checkpointFrameCount = checkpointFrameCount
        self.openWriter = openWriter
    }

    /// What to do after a batch that left garbage.
    func setGarbageHandler(_ handler: (@Sendable () -> Void)?) {
        garbageHandler.withLock { $0 = handler }
    }

    /// Runs `body` in a transaction and returns when it is committed.
    ///
    /// Throws what `body` throws, and what the transaction throws; after an
    /// ``StoreError/Code/outcomeUnknown`` every later call throws that.
    func write<Value: Sendable>(
        freesSpace: Bool = false,
        _ body: @escaping @Sendable (inout CatalogWriter) throws(StoreError) -> Value
    ) throws(StoreError) -> Value {
        let result = ResultBox<Value>()
        let work: CatalogWork = { writer throws(StoreError) in result.value = try body(&writer) }
        let failures = try commit(CatalogChange(works: [work], freesSpace: freesSpace))
        if let failure = failures[0] { throw failure }
        guard let value = result.value else { preconditionFailure("committed without a result") }
        return value
    }

    /// Runs all works of a change in one transaction (perhaps with others'), and returns the refusal
    /// of each that was refused; those without one are committed. Throws if nothing was.
    func commit(_ change: CatalogChange) throws(StoreError) -> [StoreError?] {
        try carry(Submission(change))
    }

    /// Commits what `prepare` makes, which may run in another caller's thread.
    func commit(
        preparing prepare: @escaping Preparation
    ) throws(StoreError) -> [StoreError?] {
        try carry(Submission(preparing: prepare))
    }

    /// Makes a change. It runs in the thread of any caller, so it must not wait for what a caller may hold.
    typealias Preparation = @Sendable () throws(StoreError) -> CatalogChange

    /// A place for a result that the leader fills and the caller empties.
    private final class ResultBox<Value: Sendable>: Sendable {
        private let box = Mutex<Value?>(nil)

        var value: Value? {
            get { box.withLock { $0 } }
            set { box.withLock { $0 = newValue } }
        }
    }

    // MARK: Taking turns

    /// Sees a submission through: does what its turns are, and waits between them.
    private func carry(_ own: Submission) throws(StoreError) -> [StoreError?] {
        if let failure = failure.withLock({ $0 }) { throw failure }
        var turn = queue.add(own)
        while true {
            switch turn {
            case .none:
                own.awoken.wait()
                turn = own.takeTurn()
            case .prepare:
                turn = queue.prepare(own)
            case .lead:
                lead(own)
                return try own.result()
            case .settled:
                own.settleNext()
                return try own.result()
            }
        }
    }

    // MARK: Leading

    private func lead(_ own: Submission) {
        for count in 1...Self.leadLimit {
            let (batch, outcomes, leftGarbage) = runBatch()
            precondition(
                count > 1 || batch.first === own, "a leader's batch begins with its own work")
            let next = queue.nextToLead()
            let isToHandOn = count == Self.leadLimit
            if isToHandOn, let next {
                next.leaveLeading()
                next.awaken()
            }
            let first = Submission.settle(batch, outcomes)
            if first === own { own.settleNext() } else { first?.awaken() }
            if leftGarbage { garbageHandler.withLock({ $0 })?() }
            if isToHandOn || next == nil { return }
        }
    }

    /// What became of a batch.
    private typealias Settlement = (
        batch: [Submission], outcomes: [Submission.Outcome], leftGarbage: Bool
    )

    /// Takes a batch and runs it; also says whether blobs are to be reaped.
    private func runBatch() -> Settlement {
        writer.withLock { slot in
            do throws(StoreError) {
                if let failure = failure.withLock({ $0 }) { throw failure }
                var writer: CatalogWriter
                if let open = slot.take() { writer = open } else { writer = try openWriter() }
                try lock.lockWrites()
                defer { lock.unlockWrites() }
                reserve?.take()
                // Before the batch is taken: it grows meanwhile, and those of the last one are home.
                checkpointIfDue(&writer)
                let settlement = run(queue.takeBatch(), &writer)
                slot = consume writer
                return settlement
            } catch {
                let batch = queue.takeBatch()
                return (batch, batch.map { _ in .failure(error) }, false)
            }
        }
    }

    private func run(_ batch: [Submission], _ writer: inout CatalogWriter) -> Settlement {
        if let outcomes = commit(batch, &writer) {
            return (batch, outcomes, writer.hasLeftGarbage)
        }
        var outcomes: [Submission.Outcome] = []
        var leftGarbage = false
        for submission in batch {
            if let failure = failure.withLock({ $0 }) {
                outcomes.append(.failure(failure))
                continue
            }
            outcomes += commit([submission], &writer) ?? []
            leftGarbage = leftGarbage || writer.hasLeftGarbage
        }
        return (batch, outcomes, leftGarbage)
    }

    /// Commits `batch` in one transaction, but for the works of which a need is refused, and returns the outcomes;
    /// nil if it failed and holds more than one submission.
    private func commit(
        _ batch: [Submission], _ writer: inout CatalogWriter
    ) -> [Submission.Outcome]? {
        // By the places of works in the batch.
        var refusals: [Int: StoreError] = [:]
        while true {
            switch attempt(batch, leavingOut: refusals, &writer) {
            case .committed(let outcomes): return outcomes
            case .refused(let error):
                let found = self.refusals(of: writer.needs)
                // It was refused for another reason, or is granted by now.
                guard !found.isEmpty else {
                    return batch.count > 1 ? nil : [.failure(error)]
                }
                refusals.merge(found) { first, _ in first }
                let workCount = batch.reduce(0) { $0 + $1.change.works.count }
                guard refusals.count < workCount else { return Self.outcomes(batch, refusals) }
            case .failed(let error):
                if error.code == .outcomeUnknown {
                    failure.withLock { $0 = error }
                } else if batch.count > 1 {
                    return nil
                } else if error.code == .noSpace, batch[0].change.freesSpace,
                    reserve?.giveUp() == true
                {
                    let outcomes = commit(batch, &writer)
                    // While there is room for what the log adds to the database. From then on the log is
                    // written from its start again, in the space that it has.
                    _ = try? writer.connection.checkpoint(.passive)
                    return outcomes
                }
                return batch.map { _ in .failure(error) }
            }
        }
    }

    /// What came of a transaction.
    private enum Attempt {
        case committed([Submission.Outcome])
        /// Its permit was, and it was rolled back.
        case refused(StoreError)
        case failed(StoreError)
    }

    /// Runs `batch` in one transaction, without those of its works that are refused.
    private func attempt(
        _ batch: [Submission], leavingOut refusals: [Int: StoreError],
        _ writer: inout CatalogWriter
    ) -> Attempt {
        var answers: [[StoreError?]] = []
        var isRefused = false
        do throws(CatalogFailure) {
            try writer.connection.immediateTransaction(
                { () throws(CatalogFailure) in
                    do throws(StoreError) {
                        try writer.beginBatch()
                        var place = 0
                        for submission in batch {
                            answers.append(
                                try Self.apply(
                                    submission.change.works, from: &place, refusals, to: &writer))
                        }
                        try writer.endBatch()
                    } catch {
                        throw .store(error)
                    }
                },
                committing: { commit throws(CatalogFailure) in
                    do throws(GateError<CatalogFailure>) {
                        try permit.release(under: Set(writer.needs.map(\.use)), commit)
                    } catch {
                        throw error.merged { refusal in
                            isRefused = true
                            return .store(Self.refused(refusal))
                        }
                    }
                })
        } catch {
            writer.forget()
            let error = error.storeError("commit to the catalog")
            return isRefused ? .refused(error) : .failed(error)
        }
        do throws(StoreError) {
            try checkPlace()
        } catch {
            // What was committed to a file that others don't see is not acknowledged.
            let unknown = StoreError(
                .outcomeUnknown, error.reason, remedies: error.remedies, cause: error)
            return .committed(batch.map { _ in .failure(unknown) })
        }
        return .committed(answers.map { .success($0) })
    }

    /// Works of which a need is refused now, and why.
    private func refusals(of needs: [CatalogWriter.Need]) -> [Int: StoreError] {
        var asked: [KeyUse: StoreError?] = [:]
        var refusals: [Int: StoreError] = [:]
        for need in needs {
            let refusal = asked[need.use] ?? permit.refusal(of: need.use).map(Self.refused)
            asked[need.use] = .some(refusal)
            if let refusal { refusals[need.work] = refusal }
        }
        return refusals
    }

    /// The outcomes of a batch of which every work is refused.
    private static func outcomes(
        _ batch: [Submission], _ refusals: [Int: StoreError]
    ) -> [Submission.Outcome] {
        var place = 0
        return batch.map { submission in
            .success(
                submission.change.works.map { _ in
                    defer { place += 1 }
                    return refusals[place]
                })
        }
    }

    private static func refused(_ refusal: VaultError) -> StoreError {
        StoreError(vault: refusal, "commit")
    }

    /// Throws, and has every later write refused, if the store's files are others by now.
    private func checkPlace() throws(StoreError) {
        do throws(StoreError) {
            try place.check()
        } catch {
            failure.withLock { $0 = $0 ?? error }
            throw error
        }
    }

    /// Runs works one after another, but for those that are refused already; what one throws before it writes is its
    /// refusal alone. Counts their places in the batch.
    private static func apply(
        _ works: [CatalogWork], from place: inout Int, _ refused: [Int: StoreError],
        to writer: inout CatalogWriter
    ) throws(StoreError) -> [StoreError?] {
        var refusals: [StoreError?] = []
        for work in works {
            defer { place += 1 }
            if let refusal = refused[place] {
                refusals.append(refusal)
                continue
            }
            writer.beginWork(place)
            do throws(StoreError) {
                try work(&writer)
                refusals.append(nil)
            } catch {
                guard !writer.hasWritten else { throw error }
                refusals.append(error)
            }
        }
        return refusals
    }

    // MARK: Checkpoints

    /// SQLite before 3.51.3 has a rare race between a checkpoint that resets the log and a writer:
    /// so checkpoints run here alone, under the lock that every writer holds.
    private func checkpointIfDue(_ writer: inout CatalogWriter) {
        guard writer.connection.logFrameCount >= checkpointFrameCount,
            // A log that has lost its name isn't moved into a database that others use.
            (try? checkPlace()) != nil
        else { return }
        // One that can't run now changes nothing: the next batch tries again.
        _ = try? writer.connection.checkpoint(.passive)
        reserve?.take(lookingAnew: true)
    }

    /// Moves the log into the database, closes the connection, and refuses every later write.
    func close() {
        garbageHandler.withLock { $0 = nil }
        writer.withLock { slot in
            failure.withLock {
                $0 = $0 ?? StoreError(.closed, "the store is closed", remedies: [.reopen])
            }
            guard let writer = slot.take() else { return }
            guard (try? place.check()) != nil else { return writer.connection.abandon() }
            // What stays in the log is as safe there; whoever opens the store next moves it. Who doesn't wait for
            // the disk doesn't wait here.
            if writer.waitsForDisk, (try? lock.lockWrites()) != nil {
                _ = try? writer.connection.checkpoint(.truncate)
                lock.unlockWrites()
            }
            writer.connection.close()
        }
    }
}
