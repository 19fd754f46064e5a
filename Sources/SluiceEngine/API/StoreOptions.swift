public import Logging
public import SluiceAccess

/// How a store is opened.
public struct StoreOptions: Sendable {
    /// When a write counts as done.
    public var durability: Durability = .full
    /// Whether to make a store that isn't there; else that is ``StoreError/Code/notFound``.
    public var createIfMissing = true
    /// Whether to insist on OpenSSL's FIPS provider; ``StoreError/Code/fipsUnavailable`` without it.
    public var requireFIPS = false
    /// How many workers carry an object's chunks; nil means one for each core.
    public var workerCount: Int?
    /// How many small objects (up to 64 KiB, sealed) may share a wrapped data key, so that one key
    /// operation serves them all; each has keys of its own that derive from it. With 1, every object
    /// has a wrapped key of its own, as larger ones always do, and every first read of one costs an
    /// RSA private operation.
    public var objectsPerDataKey = 1024
    /// How many bytes of disk the store sets aside, so that objects can be read and removed, and the store
    /// opened, when the disk is full; 0 to set nothing aside, as is done with ``Durability/none``.
    ///
    /// The default has room for what a catalog can be behind by, 8 MiB of log that it has yet to grow by,
    /// and for what a removal writes, less than 1 MiB.
    public var reserveByteCount = 16 << 20
    /// What the time is for the vaults.
    public var clock: any VaultClock = SystemClock()
    /// Is told what the store does behind its callers' backs, and what goes wrong there.
    public var logger: Logger?
    /// What tests put into the store.
    package var seams = StoreSeams()

    /// The defaults.
    public init() {}
}
