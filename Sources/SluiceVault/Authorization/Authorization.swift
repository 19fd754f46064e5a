internal import SluiceAccess

/// What an identity may do with a key version, as its vault said in an epoch, and the means to do it.
final class Authorization: Sendable {
    /// The epoch that was current before the vault was asked.
    let epoch: UInt64
    /// What it was read from, and may hold on in another epoch by; nil if that isn't known.
    let source: Source?
    let identity: Identity
    let row: KeyVersionRow
    let material: KeyMaterial
    /// The log of the key's vault.
    let log: OperationLog
    /// That of the key's vault.
    let vaultUse: VaultUse
    /// What the identity is permitted; nil for everything.
    private let permissions: [KeyOperation]?
    private let use: KeyUsage
    private let clock: any VaultClock

    init(
        epoch: UInt64, source: Source?, identity: Identity, _ row: KeyVersionRow,
        permissions: [KeyOperation]?,
        clock: any VaultClock, material: KeyMaterial, vault: Vault
    ) {
        self.epoch = epoch
        self.source = source
        self.identity = identity
        self.row = row
        self.material = material
        log = vault.log
        vaultUse = vault.use
        self.permissions = permissions
        self.clock = clock
        use = KeyUsage(row, as: material.identifier)
    }

    /// The same, where nothing that it was read from has changed until another epoch had begun.
    init(_ former: Authorization, epoch: UInt64) {
        self.epoch = epoch
        source = former.source
        identity = former.identity
        row = former.row
        material = former.material
        log = former.log
        vaultUse = former.vaultUse
        permissions = former.permissions
        use = former.use
        clock = former.clock
    }

    /// The states of the databases that decide, or older ones: seen before they were read.
    struct Source: Equatable, Sendable {
        /// The key's vault.
        let vault: VaultVersion
        /// The reserved vault, in which identities are switched off.
        let identities: VaultVersion
    }

    /// The key version.
    var key: KeyIdentifier { material.identifier }

    /// Returns if the identity is permitted an operation.
    ///
    /// - Throws: `accessDenied`.
    func checkPermission(_ operation: KeyOperation) throws(VaultError) {
        guard let permissions, !permissions.contains(operation) else { return }
        throw .permissionMissing(operation, in: key.vault, for: identity, having: permissions)
    }

    /// Returns if the version may be used for an operation now, whoever asks.
    ///
    /// - Throws: `keyDisabled`, `operationNotPermitted`, `keyNotYetValid`, `keyExpired`.
    func checkUse(_ operation: KeyOperation) throws(VaultError) { try use.check(operation, clock) }

    /// Whether an operation is stopped while it is asked what needs the version: not for long, or for good if
    /// who asked has died.
    func isStopped(for operation: KeyOperation) -> Bool {
        row.isRetiring && operation.bindsNewData
    }

    /// - Throws: `damaged`, which authenticating the row has ruled out.
    func description() throws(VaultError) -> KeyDescription { try row.description(of: key) }

    /// Whether it ever lets the identity use the keys; otherwise there is no reason to keep them.
    var isOfUse: Bool { KeyOperation.ofKeys.contains(where: allows) }

    /// Whether it ever lets the identity use the private key.
    var isOfPrivateUse: Bool { [.unwrapKey, .decrypt, .sign].contains(where: allows) }

    /// Whether it lets the identity do an operation, at the right time.
    func allows(_ operation: KeyOperation) -> Bool {
        (permissions?.contains(operation) ?? true) && use.isEnabled
            && use.operations.contains(operation)
    }
}
