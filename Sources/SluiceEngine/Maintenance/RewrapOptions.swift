/// What a sweep goes through, and how fast.
public struct RewrapOptions: Sendable {
    /// Only what is wrapped under this version, 32 hex digits; nil for all that are not the current one.
    public var fromVersion: String?
    /// Only what objects need whose names begin with these bytes of UTF-8. Small objects share wrapped
    /// keys, so others may come along.
    public var prefix = ""
    /// Wrapped keys a second, at most; nil for as fast as it goes, on all cores. Each is one private and
    /// one public RSA operation.
    public var keysPerSecond: Double?
    /// Wrapped keys, at most.
    public var limit = Int.max

    /// Everything, as fast as it goes.
    public init() {}
}

/// What a sweep came to.
public struct RewrapReport: Sendable {
    /// Wrapped keys that were wrapped anew.
    public internal(set) var keyCount = 0
    /// Objects that need them.
    public internal(set) var objectCount = 0
    /// Their plaintext bytes.
    public internal(set) var byteCount = 0
    /// What was left as it was, for it could not be unwrapped.
    public internal(set) var failures: [TreeFailure] = []
    /// Objects that still need another version than the current one.
    public internal(set) var remainingObjectCount = 0
}
