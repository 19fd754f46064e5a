internal import SluiceAccess
internal import SluiceNative

/// Says what an identity may do with a key version: asks its vault, and keeps the answer as long as the epoch
/// stays.
///
/// An answer is only valid for the epoch that was loaded before the vault was read.
final class Authorizer: Sendable {
    private let context: VaultContext
    private let vaults: OpenVaults
    private let epochs: AccessEpochs
    private let faults: VaultFaults
    private let identities: IdentitySwitch
    private let policies: RotationPolicies
    private let retirement: Retirement
    private let loaded = LoadedKeys()

    init(
        _ context: VaultContext, _ vaults: OpenVaults, _ epochs: AccessEpochs,
        _ faults: VaultFaults, _ identities: IdentitySwitch, _ policies: RotationPolicies,
        _ retirement: Retirement
    ) {
        self.context = context
        self.vaults = vaults
        self.epochs = epochs
        self.faults = faults
        self.identities = identities
        self.policies = policies
        self.retirement = retirement
        epochs.onChange { [weak self] in self?.dropRevokedKeys() }
        // What is kept of a vault goes with it: nobody would look at its files.
        vaults.onClose { [weak self] vault in self?.loaded.forget(vault: vault) }
    }

    /// What every operation with a key goes through: what an identity may do with the version that an
    /// identifier means, if it is permitted the operation.
    ///
    /// As long as the epoch stays, and nothing is due by a rotation policy, it costs some look-ups.
    func authorization(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        _ deadline: Deadline
    ) throws(VaultError) -> Authorization {
        try deadline.check()
        try faults.meet(operation, deadline)
        // Loaded before the vault is asked: what changes meanwhile makes the answer an old one.
        let epoch = try epochs.presentEpoch()
        // An odd one is asked about each time.
        if epoch.isMultiple(of: 2),
            let known = loaded.authorization(key, of: identity, in: epoch, context.clock),
            !known.isStopped(for: operation)
        {
            try known.checkPermission(operation)
            known.vaultUse.note()
            return known
        }
        if let known = renewed(key, of: identity, in: epoch), !known.isStopped(for: operation) {
            try known.checkPermission(operation)
            return known
        }
        return try askAnew(key, for: operation, as: identity, epoch)
    }

    /// Wipes what nobody may use any more who has used it here.
    ///
    /// To be called after the epoch has moved, so that keys go even if nobody asks for them again.
    func dropRevokedKeys() {
        for known in loaded.authorizations {
            // None if the barrier may not be used any more: then nothing may.
            guard let epoch = try? epochs.presentEpoch() else {
                loaded.forget(known.key, of: known.identity)
                continue
            }
            if known.epoch == epoch || renewed(known.key, of: known.identity, in: epoch) != nil {
                continue
            }
            // Nothing has come of the change that is under way: its end is told of, too.
            if let read = known.source, read == source(of: known.key.vault, in: epoch) { continue }
            if (try? ask(known.key, for: nil, as: known.identity, epoch)) == nil {
                loaded.forget(known.key, of: known.identity)
            }
        }
    }

    /// Forgets all keys, for good.
    func close() { loaded.forgetAll(isForGood: true) }

    // MARK: For tests

    /// What is kept of a key version, for each identity that may use it.
    func kept(_ key: KeyIdentifier) -> [Authorization] {
        loaded.authorizations.filter { $0.key == key }
    }

    /// Whether anything is kept of a vault's keys.
    func keepsKeys(ofVault vault: String) -> Bool {
        loaded.authorizations.contains { $0.key.vault == vault }
    }

    /// Forgets all keys that are in memory.
    func forgetAll() { loaded.forgetAll() }

    // MARK: Asking

    private struct Answer: Sendable {
        let row: KeyVersionRow
        let permissions: [KeyOperation]?
    }

    /// Asks the vault, and sees to it that what is due is done first.
    @inline(never)
    private func askAnew(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity, _ epoch: UInt64
    ) throws(VaultError) -> Authorization {
        var epoch = epoch
        var answer = try ask(key, for: operation, as: identity, epoch)
        if answer.isStopped(for: operation), try retirement.endForTheDead(answer.key) {
            epoch = try epochs.presentEpoch()
            answer = try ask(key, for: operation, as: identity, epoch)
        }
        guard key.version == nil else { return answer }
        // Permission first: nobody else has a rotation done.
        let outlook = policies.apply(to: key)
        if outlook.hasTried {
            epoch = try epochs.presentEpoch()
            answer = try ask(key, for: operation, as: identity, epoch)
        }
        loaded.keep(
            LoadedKeys.NewestVersion(
                key: answer.key, epoch: epoch, source: answer.source,
                untilSeconds: outlook.nextSeconds),
            for: key)
        return answer
    }

    /// Asks the vault, in a new read transaction, and keeps the answer.
    private func ask(
        _ key: KeyIdentifier, for operation: KeyOperation?, as identity: Identity, _ epoch: UInt64
    ) throws(VaultError) -> Authorization {
        do throws(VaultError) {
            // Before anything is read: so what is read may only be newer.
            let source = source(of: key.vault, in: epoch)
            // The platform's keys are no customer's to take away: what is under them, pins too, is served.
            if key.vault != ReservedVault.name { try identities.check(identity) }
            let now = try context.presentTime().seconds
            let work: TableWork<Answer> = { tables, vault throws(DatabaseError) in
                let permissions = try KeyPermissions.permissions(of: identity, tables, vault)
                // First of all: who has no permission isn't told what there is.
                if let operation, let permissions, !permissions.contains(operation) {
                    return .failure(
                        .permissionMissing(
                            operation, in: vault.name, for: identity, having: permissions))
                }
                guard let row = try tables.version(key), !row.isGone(atSeconds: now) else {
                    return .failure(.keyNotFound(key))
                }
                guard row.deletion == nil else { return .failure(.deleted(key, row)) }
                guard row.isEnabled || key.version != nil else { return .failure(.disabled(key)) }
                return .success(Answer(row: row, permissions: permissions))
            }
            var (answer, vault) = try vaults.readWithVault(key.vault, work)
            let material: KeyMaterial
            do throws(VaultError) {
                material = try self.material(answer.row, in: key.vault, try context.rootKey.keys())
            } catch {
                guard error.code == .damaged else { throw error }
                // The root key may have been changed meanwhile, and all rows with it.
                let rootKeys = try context.rootKey.presentKeys()
                (answer, vault) = try vaults.readWithVault(key.vault, work)
                material = try self.material(answer.row, in: key.vault, rootKeys)
            }
            let authorization = Authorization(
                epoch: epoch, source: source, identity: identity, answer.row,
                permissions: answer.permissions, clock: context.clock, material: material,
                vault: vault)
            vault.use.noteAnswer(in: epoch)
            loaded.keep(authorization, unlessEpochMovedFrom: { epochs.epoch })
            // Held until now: had it been closed meanwhile, what is kept would have come too late to go with it.
            withExtendedLifetime(vault) {}
            return authorization
        } catch {
            loaded.forget(key, of: identity)
            throw error
        }
    }

    /// What was known in a former epoch, and holds in this one because the databases that it was read from are as they
    /// were.
    ///
    /// One that is the same now as it was before the answer was read, and was looked at after this epoch was loaded, has
    /// no change in it that this epoch must show.
    private func renewed(
        _ key: KeyIdentifier, of identity: Identity, in epoch: UInt64
    ) -> Authorization? {
        // An odd one is of a change under way, which may commit at any time.
        guard epoch.isMultiple(of: 2), loaded.isKept(key, of: identity),
            let source = source(of: key.vault, in: epoch)
        else { return nil }
        return loaded.renewed(
            key, of: identity, from: source, in: epoch, context.clock,
            unlessEpochMovedFrom: { epochs.epoch })
    }

    /// The states of the databases that decide about a vault's keys; nil if they can't be told.
    private func source(of vault: String, in epoch: UInt64) -> Authorization.Source? {
        guard let vault = version(of: vault, in: epoch),
            let identities = version(of: ReservedVault.name, in: epoch)
        else { return nil }
        return Authorization.Source(vault: vault, identities: identities)
    }

    /// The state of a vault's database, looked at once in an epoch; while a change is under way, each time.
    private func version(of vault: String, in epoch: UInt64) -> VaultVersion? {
        guard epoch.isMultiple(of: 2) else { return vaults.version(of: vault) }
        if let known = loaded.version(of: vault, in: epoch) { return known }
        guard let version = vaults.version(of: vault) else { return nil }
        loaded.keep(version, of: vault, in: epoch)
        return version
    }

    private func material(
        _ row: KeyVersionRow, in vault: String,
        _ rootKeys: @autoclosure () throws(VaultError) -> RootKeys
    ) throws(VaultError) -> KeyMaterial {
        let identifier = try row.identifier(in: vault)
        if let known = loaded.material(identifier) { return known }
        return try KeyMaterial(row, as: identifier, rootKeys: rootKeys())
    }
}
