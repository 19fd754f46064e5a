internal import SluiceAccess
internal import SluiceNative

/// What went wrong in a backend, and whether to try again.
public struct BlobError: Error, Sendable, CustomStringConvertible {
    /// The kind of failure. New ones may come; switch with a default.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        /// The kind's name.
        public let description: String

        /// There is no blob of that id, or no longer.
        public static let missing = Kind(description: "missing")
        /// What is there isn't the blob: it has another number of bytes, or is none.
        public static let damaged = Kind(description: "damaged")
        /// There is no room, or a quota is used up.
        public static let noSpace = Kind(description: "noSpace")
        /// The backend doesn't do that: no permission, a rule of its that was broken.
        public static let refused = Kind(description: "refused")
        /// The backend failed, or can't be reached.
        public static let failed = Kind(description: "failed")
        /// The caller, or a handler of his, ended it.
        public static let ended = Kind(description: "ended")
    }

    /// The kind of failure.
    public let kind: Kind
    /// Whether the same call may succeed a moment later. Its effect may have happened nevertheless.
    public let isTransient: Bool
    /// What happened, without what was being done, as in "the bucket is gone".
    public let message: String
    /// What it happened to: a path, a key; nil if `message` says it.
    public let place: String?
    /// The error beneath, if there is one.
    public let cause: (any Error)?

    /// An error of this kind.
    public init(
        _ kind: Kind, _ message: String, isTransient: Bool = false, place: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.kind = kind
        self.message = message
        self.isTransient = isTransient
        self.place = place
        self.cause = cause
    }

    /// The place, and what happened there.
    public var description: String { place.map { "\($0): \(message)" } ?? message }
}

extension BlobError {
    /// A failed system call. On a local disk nothing gets better by trying again at once.
    init(system error: SystemError) {
        let kind: Kind = error.isNotFound ? .missing : error.isNoSpace ? .noSpace : .failed
        self.init(kind, error.reason, place: error.path, cause: error)
    }

    /// What a handler threw that the engine gave to a backend: it comes out as it went in.
    init(ending error: StoreError) {
        self.init(.ended, error.message, cause: error)
    }
}

/// Runs system calls for a backend.
func calling<Value: ~Copyable>(
    _ body: () throws(SystemError) -> Value
) throws(BlobError) -> Value {
    do throws(SystemError) {
        return try body()
    } catch {
        throw BlobError(system: error)
    }
}
