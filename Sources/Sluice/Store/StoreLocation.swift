internal import SluiceNative
public import Logging
public import SluiceAccess

/// Where a store and the vaults with its keys are. They are meant to live apart.
///
/// Everything in them is made with modes 0700 and 0600, whatever the process's mask. No symbolic link
/// below them is followed; those on the way to them are, but for what somebody else has made in a
/// directory that isn't his, which is ``StoreError/Code/cannotCreate``.
public struct StoreLocation: Sendable, Equatable {
    /// The directory with the catalog and the blobs.
    public var store: String
    /// The directory with the key vaults.
    public var vaults: String

    /// `store` and `vaults` below one home directory.
    public init(home: String) {
        self.init(store: "\(home)/store", vaults: "\(home)/vaults")
    }

    /// A store and vaults, each in a directory of its own.
    public init(store: String, vaults: String) {
        self.store = store
        self.vaults = vaults
    }

    /// `$SLUICE_HOME`, else `$XDG_DATA_HOME/sluice`, else `~/.local/share/sluice`.
    ///
    /// Throws ``StoreError/Code/invalidArgument`` if the one that counts isn't UTF-8, or there is none.
    public static func defaultHome() throws(StoreError) -> String {
        do throws(SystemError) {
            if let home = try Environment.variable("SLUICE_HOME"), !home.isEmpty { return home }
            if let data = try Environment.variable("XDG_DATA_HOME"), data.hasPrefix("/") {
                return "\(data)/sluice"
            }
            if let home = try Environment.home() { return "\(home)/.local/share/sluice" }
        } catch {
            throw StoreError(system: error, "use", otherwise: .invalidArgument)
        }
        throw StoreError(
            .invalidArgument, "there is no home directory: say where the store is, with SLUICE_HOME"
        )
    }
}

/// How a store is opened.
public struct StoreOptions: Sendable {
    /// When a write counts as done.
    public var durability: Durability = .full
    /// Whether to make a store that isn't there; else that is ``StoreError/Code/notFound``.
    public var createIfMissing = true
    /// Where the vaults' root key is; nil means the file `root.key` among them.
    public var rootKey: RootKeySource?
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
