internal import SluiceAccess
internal import SluiceNative

/// Taking a key version out of use, if nothing needs it.
///
/// While it is asked what needs the version, a mark in its row stops it from wrapping. The row's own operations
/// stay as they are, so that to take the mark away restores all, whoever does it. Who retires holds a lock: so
/// a mark that is found without one was left by somebody who died, and is taken away by whoever comes next.
final class Retirement: Sendable {
    private let context: VaultContext
    private let vaults: OpenVaults
    private let epochs: AccessEpochs
    private let journal: OperationJournal
    private let permissions: KeyPermissions

    init(
        _ context: VaultContext, _ vaults: OpenVaults, _ epochs: AccessEpochs,
        _ journal: OperationJournal, _ permissions: KeyPermissions
    ) {
        self.context = context
        self.vaults = vaults
        self.epochs = epochs
        self.journal = journal
        self.permissions = permissions
    }

    /// See ``KeyService/retire(_:waiting:as:unless:)``. The identity needs the permission `update`.
    func retire<Need: Error>(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity,
        unless need: () throws(Need) -> Void
    ) throws(RetirementError<Need>) -> AccessChange<KeyDescription> {
        do throws(RetirementError<Need>) {
            let change = try disableUnneeded(key, deadline, identity, unless: need)
            journal.record("retire", on: key, in: key.vault, as: identity, nil)
            return change
        } catch {
            let code = error.refusal?.code ?? .stillNeeded
            journal.record("retire", on: key, in: key.vault, as: identity, code)
            throw error
        }
    }

    /// Takes the mark away that somebody has left who died while he retired a version; says whether there
    /// was one, or is none any more.
    func endForTheDead(_ key: KeyIdentifier) throws(VaultError) -> Bool {
        var outcome: Result<Void, VaultError>?
        try vaults.vault(named: key.vault).ifNobodyRetires {
            do throws(VaultError) {
                outcome = .success(try end(key))
            } catch {
                outcome = .failure(error)
            }
        }
        guard let outcome else { return false }
        try outcome.get()
        return true
    }

    // MARK: Private

    private func disableUnneeded<Need: Error>(
        _ key: KeyIdentifier, _ deadline: Deadline, _ identity: Identity,
        unless need: () throws(Need) -> Void
    ) throws(RetirementError<Need>) -> AccessChange<KeyDescription> {
        do throws(VaultError) {
            try journal.faults.meet(.update, .none)
            try permissions.check(.update, in: key.vault, as: identity)
        } catch {
            throw .refused(error)
        }
        var outcome: Result<AccessChange<KeyDescription>, RetirementError<Need>>?
        do throws(VaultError) {
            try vaults.vault(named: key.vault).whileRetiring {
                outcome = Result { () throws(RetirementError<Need>) in
                    // Without stopping anybody.
                    try Self.ask(need)
                    return try disableStopped(key, deadline, identity, unless: need)
                }
            }
        } catch {
            throw .refused(error)
        }
        guard let outcome else { preconditionFailure("nothing was tried") }
        return try outcome.get()
    }

    /// Stops a version, asks again, and disables it.
    private func disableStopped<Need: Error>(
        _ key: KeyIdentifier, _ deadline: Deadline, _ identity: Identity,
        unless need: () throws(Need) -> Void
    ) throws(RetirementError<Need>) -> AccessChange<KeyDescription> {
        let isConfirmed = try Self.refusing(or: Need.self) { () throws(VaultError) in
            try changeRetired(key, deadline, identity) { tables, row throws(DatabaseError) in
                try tables.setRetiring(true, version: row.version)
                return row
            }.isConfirmed
        }
        do throws(RetirementError<Need>) {
            guard isConfirmed else { throw .refused(.unconfirmed(key)) }
            try Self.ask(need)
        } catch {
            // If it fails, whoever is stopped by the mark does it.
            try? end(key)
            throw error
        }
        return try Self.refusing(or: Need.self) { () throws(VaultError) in
            try disableRetired(key, deadline, identity)
        }
    }

    private static func ask<Need: Error>(
        _ need: () throws(Need) -> Void
    ) throws(RetirementError<Need>) {
        do throws(Need) { try need() } catch { throw .needed(error) }
    }

    private static func refusing<Value, Need: Error>(
        or _: Need.Type, _ body: () throws(VaultError) -> Value
    ) throws(RetirementError<Need>) -> Value {
        do throws(VaultError) { return try body() } catch { throw .refused(error) }
    }

    /// Takes the mark away, whoever asks: it gives access back, so that nobody is waited for.
    private func end(_ key: KeyIdentifier) throws(VaultError) {
        _ = try epochs.change(waiting: .seconds(0)) { () throws(VaultError) in
            try vaults.write(key.vault, isUrgent: true) { tables, _ throws(DatabaseError) in
                .success(try tables.setRetiring(false, version: key.version ?? ""))
            }
        }
    }

    private func disableRetired(
        _ key: KeyIdentifier, _ deadline: Deadline, _ identity: Identity
    ) throws(VaultError) -> AccessChange<KeyDescription> {
        let now = try context.presentTime().seconds
        return try changeRetired(key, deadline, identity) { tables, row throws(DatabaseError) in
            var disabled = KeyChanges(isEnabled: false).applied(to: row, atSeconds: now)
            disabled.isRetiring = false
            try tables.update(disabled)
            try tables.setRetiring(false, version: row.version)
            return disabled
        }
    }

    private func changeRetired(
        _ key: KeyIdentifier, _ deadline: Deadline, _ identity: Identity,
        _ change: (VaultTables, KeyVersionRow) throws(DatabaseError) -> KeyVersionRow
    ) throws(VaultError) -> AccessChange<KeyDescription> {
        let now = try context.presentTime().seconds
        let work: TableWork<StoredVersion> = { tables, vault throws(DatabaseError) in
            switch try tables.liveVersion(of: key, atSeconds: now) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let row):
                return .success(StoredVersion(row: try change(tables, row), vault: vault))
            }
        }
        return try permissions.change(
            key.vault, for: .update, as: identity, waiting: deadline, work
        ).map { stored throws(VaultError) in try stored.row.description(of: key) }
    }
}

extension RetirementError {
    fileprivate var refusal: VaultError? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}

extension VaultError {
    fileprivate static func unconfirmed(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .busy,
            "\(key) was not retired: a process has not confirmed that it wraps no more under it",
            about: .key(key), remedies: [.run(.confirmAccess), .tryAgain])
    }
}
