public import SluiceAccess
public import SluiceNative

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
    /// Where the vaults are; nil in memory.
    public var path: String? { context.home?.path }

    // From the bottom up: each knows those before it at most.
    private let context: VaultContext
    let epochs: AccessEpochs
    let openVaults: OpenVaults
    let journal: OperationJournal
    let reserved: ReservedVault
    let identities: IdentitySwitch
    let maker: KeyMaker
    let rotationPolicies: RotationPolicies
    let retirement: Retirement
    let authorizer: Authorizer
    let operations: KeyOperations
    let keys: KeyAdministration
    let deletedKeys: DeletedKeys
    let keyBackups: KeyBackups
    let accessPolicies: AccessPolicies
    let deletedVaults: DeletedVaults
    let administration: VaultAdministration
    let vaultBackups: VaultBackups
    let rootKeyChanges: RootKeyChanges
    let anchors: AnchorRegistry
    let platform: PlatformKey
    let runner = VaultRunner()

    /// The vaults below the directory at `path`, which need not exist yet.
    ///
    /// Doesn't touch the disk.
    public static func open(
        path: String, rootKey: RootKeySource = .file(), clock: any VaultClock = SystemClock(),
        library: CryptoLibrary
    ) throws(VaultError) -> VaultDirectory {
        try open(
            path: path, rootKey: rootKey, clock: clock, library: library, barrierHook: nil,
            openVaultLimit: OpenVaults.usualLimit)
    }

    /// As ``open(path:rootKey:clock:library:)``, with a hook in the barrier.
    package static func open(
        path: String, rootKey: RootKeySource = .file(), clock: any VaultClock = SystemClock(),
        library: CryptoLibrary, barrierHook: (any BarrierHook)?
    ) throws(VaultError) -> VaultDirectory {
        try open(
            path: path, rootKey: rootKey, clock: clock, library: library,
            barrierHook: barrierHook, openVaultLimit: OpenVaults.usualLimit)
    }

    /// As ``open(path:rootKey:clock:library:)``, with a hook in the barrier, and with so many vaults
    /// open at most.
    static func open(
        path: String, rootKey: RootKeySource = .file(), clock: any VaultClock = SystemClock(),
        library: CryptoLibrary, barrierHook: (any BarrierHook)?, openVaultLimit: Int
    ) throws(VaultError) -> VaultDirectory {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw VaultError(
                .invalidArgument, "'\(path)' is not the path of a directory", about: .file(path))
        }
        return VaultDirectory(
            VaultContext(
                clock: clock, library: library,
                rootKey: RootKeyHolder(rootKey, directoryPath: path, library: library),
                home: VaultHome(path: path)),
            barrierHook: barrierHook, openVaultLimit: openVaultLimit)
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
            VaultContext(
                clock: clock, library: library, rootKey: RootKeyHolder(ephemeral: key), home: nil),
            barrierHook: nil, openVaultLimit: .max)
    }

    private init(_ context: VaultContext, barrierHook: (any BarrierHook)?, openVaultLimit: Int) {
        self.context = context
        epochs = AccessEpochs(context, hook: barrierHook)
        openVaults = OpenVaults(context, epochs, limit: openVaultLimit)
        journal = OperationJournal(context, openVaults)
        reserved = ReservedVault(context, openVaults)
        identities = IdentitySwitch(openVaults, reserved, epochs, journal)
        let permissions = KeyPermissions(openVaults, identities, epochs)
        maker = KeyMaker(context)
        rotationPolicies = RotationPolicies(
            context, openVaults, epochs, journal, permissions, maker)
        retirement = Retirement(context, openVaults, epochs, journal, permissions)
        authorizer = Authorizer(
            context, openVaults, epochs, journal.faults, identities, rotationPolicies, retirement)
        operations = KeyOperations(authorizer, journal, openVaults, epochs)
        keys = KeyAdministration(
            context, openVaults, journal, permissions, maker, rotationPolicies, operations)
        deletedKeys = DeletedKeys(context, journal, permissions)
        keyBackups = KeyBackups(context, journal, permissions)
        accessPolicies = AccessPolicies(openVaults, reserved, epochs, journal, identities)
        deletedVaults = DeletedVaults(context, openVaults, epochs, journal, identities)
        administration = VaultAdministration(
            context, openVaults, journal, identities, deletedVaults)
        vaultBackups = VaultBackups(
            context, openVaults, epochs, journal, identities, deletedVaults)
        rootKeyChanges = RootKeyChanges(context, openVaults, journal, identities)
        anchors = AnchorRegistry(context, openVaults, epochs, journal, permissions)
        platform = PlatformKey(openVaults, reserved, maker)
    }

    /// Forgets all keys and closes all databases; whatever is asked for afterwards throws `closed`.
    ///
    /// Operations in flight in other threads still end. Closing again does nothing.
    public func close() {
        authorizer.close()
        openVaults.close()
        epochs.close()
        context.rootKey.forget()
    }
}

// MARK: - Changes of access

extension VaultDirectory {
    /// The epoch of access: odd while a change is under way, greater after each.
    ///
    /// What a vault has said in an epoch holds as long as the epoch is even and the same. 0 while there
    /// are no vaults.
    public var epoch: UInt64 { epochs.epoch }

    /// The read barrier of the vaults: opened, and its file made, when it is first needed, and that is
    /// before the first key is.
    ///
    /// - Throws: `closed`; what ``ReadBarrier/open(directoryPath:)`` throws.
    public func barrier() throws(VaultError) -> ReadBarrier { try epochs.barrier() }

    /// The read barrier, unless there are no vaults: for a question's sake none is made.
    ///
    /// - Throws: As ``barrier()``.
    public func presentBarrier() throws(VaultError) -> ReadBarrier? {
        try epochs.presentBarrier()
    }

    /// Whether this process can't write to the vaults: keys serve it, but it changes nothing, and notes nothing in
    /// the vaults' logs.
    ///
    /// - Throws: As ``barrier()``.
    public var isReadOnly: Bool {
        get throws(VaultError) { try presentBarrier()?.isWritable == false }
    }

    /// Whether an identity is switched on; one that never was switched is.
    public func isEnabled(_ identity: Identity) throws(VaultError) -> Bool {
        try identities.isEnabled(identity)
    }
}

// MARK: - What is seen and tested

extension VaultDirectory {
    /// How often each operation had each outcome, through this instance, since it was opened.
    public var operationCounts: [OperationCount] { journal.operationCounts }

    /// Makes calls fail or take long, for tests.
    public var faults: VaultFaults { journal.faults }
}
