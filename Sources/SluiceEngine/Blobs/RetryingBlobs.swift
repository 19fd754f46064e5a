internal import SluiceNative
internal import Synchronization

/// How often, and for how long, a call that failed is made again.
public struct BlobRetryPolicy: Sendable, Hashable {
    /// How often a call is made at most, the first time included.
    public var attemptLimit = 10
    /// The wait before the second; each later one is twice as long, less up to a half of it by chance, so that
    /// callers who failed together don't come back together.
    public var firstDelay = Duration.milliseconds(50)
    /// The longest wait.
    public var longestDelay = Duration.seconds(5)
    /// How long after its beginning a call is not made again, however few attempts there were.
    public var patience = Duration.seconds(60)

    /// Ten times, within a minute.
    public init() {}
}

/// A backend whose calls are made again when they fail by an error that is transient.
///
/// It relies on what ``BlobBackend`` says of each call that is made again. Copying is done by reading and writing,
/// so that each read is made again by itself, and not the whole. All methods are thread-safe.
public final class RetryingBlobs: BlobBackend {
    /// The backend that is called.
    let base: any BlobBackend
    private let retry: Retry

    /// What the backend beneath says.
    public let properties: BlobBackendProperties

    /// Makes calls to `base`, again as `policy` says.
    public convenience init(
        _ base: any BlobBackend, policy: BlobRetryPolicy = BlobRetryPolicy()
    ) {
        self.init(base, policy: policy, sleep: nil)
    }

    /// For tests: who waits by `sleep`.
    package init(
        _ base: any BlobBackend, policy: BlobRetryPolicy,
        sleep: (@Sendable (_ nanoseconds: Int) -> Void)?
    ) {
        self.base = base
        properties = base.properties
        retry = Retry(policy: policy, sleep: sleep)
    }

    /// The same for one store, which can end its waiting when it is closed.
    convenience init(forStore other: RetryingBlobs) {
        self.init(other.base, policy: other.retry.policy, sleep: other.retry.sleep)
    }

    /// Has no call be made again from now on, nor waited for.
    func giveUp() { retry.end.isSo.store(true, ordering: .releasing) }

    /// See ``BlobBackend/begin(_:plan:)``.
    public func begin(
        _ objectID: [UInt8], plan: BlobPlan
    ) throws(BlobError) -> any BlobWriting {
        let writing = try retry { () throws(BlobError) in try base.begin(objectID, plan: plan) }
        return RetryingWriting(base: writing, retry: retry)
    }

    /// See ``BlobBackend/open(_:byteCount:)``.
    public func open(
        _ objectID: [UInt8], byteCount: Int
    ) throws(BlobError) -> (any BlobReading)? {
        let reading = try retry { () throws(BlobError) in
            try base.open(objectID, byteCount: byteCount)
        }
        return reading.map { RetryingReading(base: $0, retry: retry) }
    }

    /// See ``BlobBackend/makeDurable(_:)``.
    public func makeDurable(_ blobs: [BlobEntry]) throws(BlobError) -> [BlobEntry] {
        try retry { () throws(BlobError) in try base.makeDurable(blobs) }
    }

    /// See ``BlobBackend/delete(_:)``.
    public func delete(_ objectIDs: [[UInt8]]) throws(BlobError) {
        try retry { () throws(BlobError) in try base.delete(objectIDs) }
    }

    /// See ``BlobBackend/list(after:limit:)``.
    public func list(
        after cursor: BlobCursor?, limit: Int
    ) throws(BlobError) -> BlobPage {
        try retry { () throws(BlobError) in try base.list(after: cursor, limit: limit) }
    }

    /// See ``BlobBackend/recover(_:)``.
    public func recover(
        _ findGarbage: (_ objectIDs: [[UInt8]]) throws(BlobError) -> Set<[UInt8]>
    ) throws(BlobError) {
        try retry { () throws(BlobError) in try base.recover(findGarbage) }
    }
}

private struct RetryingWriting: BlobWriting {
    let base: any BlobWriting
    let retry: Retry

    func write(_ bytes: Span<UInt8>, at offset: Int) throws(BlobError) {
        var attempt = retry.begin()
        while true {
            do throws(BlobError) {
                return try base.write(bytes, at: offset)
            } catch {
                try attempt.waitOrThrow(error)
            }
        }
    }

    func commit(byteCount: Int) throws(BlobError) {
        try retry { () throws(BlobError) in try base.commit(byteCount: byteCount) }
    }

    func finish() { base.finish() }
    func abort() { base.abort() }
}

private struct RetryingReading: BlobReading {
    let base: any BlobReading
    let retry: Retry

    var byteCount: Int { base.byteCount }

    func read(into bytes: inout MutableSpan<UInt8>, at offset: Int) throws(BlobError) -> Int {
        var attempt = retry.begin()
        while true {
            do throws(BlobError) {
                return try base.read(into: &bytes, at: offset)
            } catch {
                try attempt.waitOrThrow(error)
            }
        }
    }
}

/// Makes calls again, as a policy says.
private struct Retry: Sendable {
    let policy: BlobRetryPolicy
    /// Nil for the system's.
    let sleep: (@Sendable (_ nanoseconds: Int) -> Void)?
    let end = End()

    /// Whether nobody waits any more.
    final class End: Sendable {
        let isSo = Atomic<Bool>(false)
    }

    private static let stepNanoseconds = 20_000_000

    func callAsFunction<Value>(
        _ body: () throws(BlobError) -> Value
    ) throws(BlobError) -> Value {
        var attempt = begin()
        while true {
            do throws(BlobError) {
                return try body()
            } catch {
                try attempt.waitOrThrow(error)
            }
        }
    }

    func begin() -> Attempt { Attempt(retry: self) }

    fileprivate var isOver: Bool { end.isSo.load(ordering: .acquiring) }

    fileprivate func wait(nanoseconds: Int) {
        if let sleep { return sleep(nanoseconds) }
        var left = nanoseconds
        while left > 0, !isOver {
            NativeThread.sleep(nanoseconds: min(left, Self.stepNanoseconds))
            left -= Self.stepNanoseconds
        }
    }

    /// A call, and how often it was made.
    struct Attempt {
        private let retry: Retry
        private let began = MonotonicClock.nowNanoseconds
        private var count = 1
        private var delay: Int
        private var waited = 0

        init(retry: Retry) {
            self.retry = retry
            delay = retry.policy.firstDelay.nanoseconds
        }

        /// Waits before the next one; throws the error if there is none.
        mutating func waitOrThrow(_ error: BlobError) throws(BlobError) {
            let policy = retry.policy
            // What a test doesn't really wait for counts, too.
            let passed = max(MonotonicClock.nowNanoseconds - began, waited)
            guard error.isTransient, !retry.isOver, count < policy.attemptLimit,
                passed + delay < policy.patience.nanoseconds
            else { throw error }
            let wait = delay - Int.random(in: 0...max(0, delay / 2))
            retry.wait(nanoseconds: wait)
            waited += wait
            count += 1
            delay = min(2 * delay, policy.longestDelay.nanoseconds)
        }
    }
}

extension Duration {
    /// As far as these can be counted; none is below 0.
    fileprivate var nanoseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds >= 0, seconds < 1 << 32 else { return seconds < 0 ? 0 : 1 << 62 }
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
