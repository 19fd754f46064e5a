internal import Dispatch
internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A part of a transaction. It checks its conditions before it writes, or is undone with the whole.
typealias CatalogWork = @Sendable (inout CatalogWriter) throws(StoreError) -> Void

/// What one caller wants committed. The works say what the COMMIT needs of the vaults; nothing takes
/// effect if any of that is refused.
struct CatalogChange: Sendable {
    var works: [CatalogWork]
    /// Whether it makes room, and so may use the reserve when the disk is full.
    var freesSpace = false
}

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
/// costs nothing while all is well. Thread-safe.
final class GroupCommit: Sendable {
    /// Batches that a caller leads at most. Each after the first holds its own put back; to hand on costs
    /// all the time in which the next awakes.
    private static let leadLimit = 8

    private let queue = SubmissionQueue(preparerLimit: Processor.count)
    private let writer = Mutex<CatalogWriter?>(nil)
    private let openWriter: @Sendable () throws(StoreError) -> CatalogWriter
    private let lock: StoreLock
    private let place: CatalogPlace
    private let access: KeyAccess
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
        lock: StoreLock, place: CatalogPlace, access: KeyAccess, reserve: SpaceReserve?,
        checkpointFrameCount: Int,
        openWriter: @escaping @Sendable () throws(StoreError) -> CatalogWriter
    ) {
        self.access = access
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
        if let outcomes = attempt(batch, &writer) {
            return (batch, outcomes, writer.hasLeftGarbage)
        }
        var outcomes: [Submission.Outcome] = []
        var leftGarbage = false
        for submission in batch {
            if let failure = failure.withLock({ $0 }) {
                outcomes.append(.failure(failure))
                continue
            }
            outcomes += attempt([submission], &writer) ?? []
            leftGarbage = leftGarbage || writer.hasLeftGarbage
        }
        return (batch, outcomes, leftGarbage)
    }

    /// Runs `batch` in one transaction and returns the outcomes; nil if it failed and holds more than
    /// one submission.
    private func attempt(
        _ batch: [Submission], _ writer: inout CatalogWriter
    ) -> [Submission.Outcome]? {
        var refusals: [[StoreError?]] = []
        do throws(CatalogFailure) {
            try writer.connection.immediateTransaction(
                { () throws(CatalogFailure) in
                    do throws(StoreError) {
                        try writer.beginBatch()
                        for submission in batch {
                            refusals.append(try Self.apply(submission.change.works, to: &writer))
                        }
                        try writer.endBatch()
                    } catch {
                        throw .store(error)
                    }
                },
                committing: { commit throws(CatalogFailure) in
                    do throws(GateError<CatalogFailure>) {
                        try access.release(under: writer.needs, commit)
                    } catch {
                        throw error.merged { .store(StoreError(vault: $0, "commit")) }
                    }
                })
        } catch {
            writer.forget()
            let error = error.storeError("commit to the catalog")
            if error.code == .outcomeUnknown {
                failure.withLock { $0 = error }
            } else if batch.count > 1 {
                return nil
            } else if error.code == .noSpace, batch[0].change.freesSpace,
                reserve?.giveUp() == true
            {
                let outcomes = attempt(batch, &writer)
                // While there is room for what the log adds to the database. From then on the log is
                // written from its start again, in the space that it has.
                _ = try? writer.connection.checkpoint(.passive)
                return outcomes
            }
            return batch.map { _ in .failure(error) }
        }
        do throws(StoreError) {
            try checkPlace()
        } catch {
            // What was committed to a file that others don't see is not acknowledged.
            let unknown = StoreError(
                .outcomeUnknown, error.reason, remedies: error.remedies, cause: error)
            return batch.map { _ in .failure(unknown) }
        }
        return refusals.map { .success($0) }
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

    /// Runs works one after another; what one throws before it writes is its refusal alone.
    private static func apply(
        _ works: [CatalogWork], to writer: inout CatalogWriter
    ) throws(StoreError) -> [StoreError?] {
        var refusals: [StoreError?] = []
        for work in works {
            writer.hasWritten = false
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
