internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// What identities may do with key versions, kept as long as the epoch stays, and the loaded keys, kept as
/// long as somebody may use them.
extension VaultDirectory {
    /// What every operation with a key goes through: what an identity may do with the version that an
    /// identifier means, if it is permitted the operation.
    ///
    /// As long as the epoch stays, and nothing is due by a rotation policy, it costs some look-ups.
    func standing(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        _ deadline: Deadline
    ) throws(VaultError) -> Standing {
        try deadline.check()
        try faults.meet(operation, deadline)
        // Loaded before the vault is asked: what changes meanwhile makes the answer an old one.
        var epoch = try presentEpoch()
        if let known = known(key, identity, epoch), !known.isStopped(for: operation) {
            try known.checkPermission(operation)
            return known
        }
        var standing = try ask(key, for: operation, as: identity, epoch)
        if standing.isStopped(for: operation),
            try endRetiringOfTheDead(standing.material.identifier)
        {
            epoch = try presentEpoch()
            standing = try ask(key, for: operation, as: identity, epoch)
        }
        guard key.version == nil else { return standing }
        // Permission first: nobody else has a rotation done.
        let outlook = applyRotationPolicy(of: key)
        if outlook.hasTried {
            epoch = try presentEpoch()
            standing = try ask(key, for: operation, as: identity, epoch)
        }
        let newest = NewestVersion(
            key: standing.material.identifier, epoch: epoch, untilSeconds: outlook.nextSeconds)
        state.withLock { $0.newest[key] = newest }
        return standing
    }

    /// Wipes what nobody may use any more who has used it here.
    ///
    /// To be called after the epoch has moved, so that keys go even if nobody asks for them again.
    public func dropRevokedKeys() {
        let stale = state.withLock { state in
            state.keys.flatMap { key, loaded in
                loaded.standings.values.map { (key, $0.identity, $0.epoch) }
            }
        }
        for (key, identity, known) in stale {
            // None if the barrier may not be used any more: then nothing may.
            let epoch = try? presentEpoch()
            if known == epoch { continue }
            let answer = epoch.flatMap { try? ask(key, for: nil, as: identity, $0) }
            if answer == nil { forget(key, of: identity) }
        }
    }

    // MARK: Private

    /// What the vault has said in this epoch, if that holds.
    private func known(
        _ key: KeyIdentifier, _ identity: Identity, _ epoch: UInt64
    ) -> Standing? {
        guard epoch.isMultiple(of: 2) else { return nil }
        let known = state.withLock { state in
            guard key.version == nil else { return state.keys[key]?.standings[identity] }
            guard let newest = state.newest[key], newest.epoch == epoch,
                clock.nowSeconds() < newest.untilSeconds
            else { return nil }
            return state.keys[newest.key]?.standings[identity]
        }
        return known?.epoch == epoch ? known : nil
    }

    private struct Answer: Sendable {
        let row: KeyVersionRow
        let permissions: [KeyOperation]?
    }

    /// Asks the vault, in a new read transaction, and keeps the answer.
    @inline(never)
    private func ask(
        _ key: KeyIdentifier, for operation: KeyOperation?, as identity: Identity, _ epoch: UInt64
    ) throws(VaultError) -> Standing {
        do throws(VaultError) {
            // The platform's keys are no customer's to take away: what is under them, pins too, is served.
            if key.vault != Self.platformName { try checkEnabled(identity) }
            let now = try presentTime().seconds
            let work: TableWork<Answer> = { tables, vault throws(DatabaseError) in
                let permissions = try self.permissions(of: identity, tables, vault)
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
            let answer = try read(key.vault, work)
            let standing = Standing(
                epoch: epoch, identity: identity, answer.row, permissions: answer.permissions,
                clock: clock, material: try material(answer.row, in: key.vault),
                log: try vault(named: key.vault).log)
            keep(standing)
            return standing
        } catch {
            forget(key, of: identity)
            throw error
        }
    }

    private func material(
        _ row: KeyVersionRow, in vault: String
    ) throws(VaultError) -> KeyMaterial {
        let identifier = try row.identifier(in: vault)
        if let known = state.withLock({ $0.keys[identifier]?.material }) { return known }
        return try KeyMaterial(row, as: identifier, rootKey: try rootKey.key())
    }

    /// Keeps a standing, if it is of use and still true.
    private func keep(_ standing: Standing) {
        let key = standing.material.identifier
        state.withLock { state in
            guard !state.isClosed else { return }
            var loaded = state.keys[key] ?? LoadedKey(material: standing.material)
            // What was revoked meanwhile has been dropped already, and must not come back.
            let isTrue = standing.epoch == epoch
            loaded.standings[standing.identity] = isTrue && standing.isOfUse ? standing : nil
            state.keys[key] = loaded.standings.isEmpty ? nil : loaded
            if !loaded.standings.values.contains(where: { $0.allows(.unwrapKey) }) {
                loaded.material.forgetPrivateKey()
            }
        }
    }

    private func forget(_ key: KeyIdentifier, of identity: Identity) {
        state.withLock { state in
            guard var loaded = state.keys[key] else { return }
            loaded.standings[identity] = nil
            state.keys[key] = loaded.standings.isEmpty ? nil : loaded
            if !loaded.standings.values.contains(where: { $0.allows(.unwrapKey) }) {
                loaded.material.forgetPrivateKey()
            }
        }
    }
}

/// A key version in memory, and who may use it.
struct LoadedKey {
    let material: KeyMaterial
    var standings: [Identity: Standing] = [:]
}

/// Which version an identifier without one has meant.
struct NewestVersion {
    let key: KeyIdentifier
    /// The epoch that was current before the vault was asked.
    let epoch: UInt64
    /// When the key's rotation policy may have another one made, in seconds since 1970.
    let untilSeconds: Int
}
