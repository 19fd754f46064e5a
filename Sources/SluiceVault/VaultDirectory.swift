public import SluiceAccess
public import SluiceNative
internal import Synchronization

/// The embedded key vaults below one directory, or wholly in memory.
///
/// Each vault is a directory of its own, modelled on Azure Key Vault; private keys are sealed under a root
/// key. Nothing is read before it is needed, nothing made before the first vault is. Several processes may
/// use the same directory at once, and several threads the same instance. After a key version's first use,
/// a wrap or unwrap under it costs the RSA operation and less than a microsecond, until access changes.
///
/// Methods act as the vaults' owner, or as the identity that is given, with its permissions. Every change
/// that gives or takes access returns an ``AccessChange``. What is due by time (a purge, a rotation by
/// policy) is done by whoever comes next.
///
/// Besides what each says, all throw `io`, `noSpace`, `damaged`, `newerVersion`, `busy`, `closed`, `cryptography`,
/// and those that need the root key what ``RootKeySource`` can lead to: `wrongRootKey`,
/// `rootKeyMissing`, `rootKeyExposed`, `passphraseRequired`. Those that concern a vault throw
/// `vaultNotFound`, `vaultDeleted`, `identityDisabled`, and `accessDenied` with the permission that is
/// missing; those that concern a key `keyNotFound`, and `keyDeleted`.
public final class VaultDirectory: Sendable {
    /// Makes calls fail or take long, for tests.
    public let faults = VaultFaults()

    let clock: any VaultClock
    let library: CryptoLibrary
    let rootKey: RootKeyHolder
    /// Where the vaults are; nil in memory.
    public let path: String?
    let knownBarrier = Mutex<ReadBarrier?>(nil)
    /// What watches the barrier for this value.
    let watches = Mutex<[GateRegistration]>([])
    /// A rule of the barrier that a test has broken.
    let barrierFault: BarrierFault?
    let counts = OperationCounts()
    let state = Mutex(State())

    /// What is in use. One lock: it is held for a look-up, or while a vault is opened.
    struct State {
        var isClosed = false
        var vaults: [String: Vault] = [:]
        var keys: [KeyIdentifier: LoadedKey] = [:]
        /// By identifiers without a version.
        var newest: [KeyIdentifier: NewestVersion] = [:]
    }

    /// The vaults below the directory at `path`, which need not exist yet.
    ///
    /// Doesn't touch the disk.
    public static func open(
        path: String, rootKey: RootKeySource = .file(), clock: any VaultClock = SystemClock(),
        library: CryptoLibrary
    ) throws(VaultError) -> VaultDirectory {
        try open(path: path, rootKey: rootKey, clock: clock, library: library, barrierFault: nil)
    }

    /// As ``open(path:rootKey:clock:library:)``, breaking a rule of the barrier.
    package static func open(
        path: String, rootKey: RootKeySource = .file(), clock: any VaultClock = SystemClock(),
        library: CryptoLibrary, barrierFault: BarrierFault?
    ) throws(VaultError) -> VaultDirectory {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw VaultError(.invalidArgument, "'\(path)' is no path for vaults: name a directory")
        }
        return VaultDirectory(
            path: path, clock: clock, library: library,
            rootKey: RootKeyHolder(rootKey, directoryPath: path, library: library),
            barrierFault: barrierFault)
    }

    /// Vaults that are nowhere but in memory and go with this value, sealed under a key that does too.
    public static func inMemory(
        clock: any VaultClock = SystemClock(), library: CryptoLibrary
    ) throws(VaultError) -> VaultDirectory {
        let secret: SecretBytes
        do { secret = try library.randomSecret(byteCount: RootKey.byteCount) } catch {
            throw VaultError(error, while: "making a root key")
        }
        let key = RootKey(secret, library: library)
        return VaultDirectory(
            path: nil, clock: clock, library: library, rootKey: RootKeyHolder(ephemeral: key),
            barrierFault: nil)
    }

    private init(
        path: String?, clock: any VaultClock, library: CryptoLibrary, rootKey: RootKeyHolder,
        barrierFault: BarrierFault?
    ) {
        self.barrierFault = barrierFault
        self.path = path
        self.clock = clock
        self.library = library
        self.rootKey = rootKey
    }

    /// Forgets all keys and closes all databases; whatever is asked for afterwards throws `closed`.
    ///
    /// Operations in flight in other threads still end. Closing again does nothing.
    public func close() {
        let vaults = state.withLock { state in
            state.isClosed = true
            state.keys = [:]
            state.newest = [:]
            defer { state.vaults = [:] }
            return state.vaults
        }
        for vault in vaults.values { vault.close() }
        // Outside the lock: closing waits for callbacks, which may ask for the epoch.
        let barrier = knownBarrier.withLock { $0 }
        watches.withLock { $0 = [] }
        barrier?.close()
        rootKey.forget()
    }
}
