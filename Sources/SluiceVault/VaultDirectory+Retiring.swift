package import SluiceAccess
internal import SluiceNative

/// Taking a key version out of use, if nothing needs it.
///
/// While it is asked what needs the version, a mark in its row stops it from wrapping. The row's own operations
/// stay as they are, so that to take the mark away restores all, whoever does it. Who retires holds a lock: so
/// a mark that is found without one was left by somebody who died, and is taken away by whoever comes next.
extension VaultDirectory {
    /// Disables a version, unless `need` finds something that needs it.
    ///
    /// - Parameters:
    ///   - seconds: How long to wait until every process has confirmed that it wraps no more under it.
    ///   - identity: Who needs the permission `update`.
    ///   - need: Called first, and again when nothing can come to need the version any more.
    /// - Throws: `busy` if a process doesn't confirm, or another one retires.
    package func retireKey<Need: Error>(
        _ key: KeyIdentifier, waitingSeconds seconds: Double, as identity: Identity,
        unless need: () throws(VaultError) -> Need?
    ) throws(VaultError) -> Result<AccessChange<KeyBundle>, Need> {
        try recording(
            "retire", on: key, in: key.vault, as: identity,
            refusal: { result in
                if case .failure = result { .stillNeeded } else { nil }
            }
        ) { () throws(VaultError) in
            try faults.meet(.update, .none)
            try checkPermission(.update, in: key.vault, as: identity)
            return try vault(named: key.vault).whileRetiring {
                () throws(VaultError) -> Result<AccessChange<KeyBundle>, Need> in
                // Without stopping anybody.
                if let found = try need() { return .failure(found) }
                let stopped = try changeRetired(key, seconds, identity) {
                    tables, row throws(DatabaseError) in
                    try tables.setRetiring(true, version: row.version)
                    return row
                }
                do throws(VaultError) {
                    guard stopped.isConfirmed else { throw .unconfirmed(key) }
                    if let found = try need() {
                        try endRetiring(key)
                        return .failure(found)
                    }
                } catch {
                    // If it fails, whoever is stopped by the mark does it.
                    try? endRetiring(key)
                    throw error
                }
                return .success(try disableRetired(key, seconds, identity))
            }
        }
    }

    /// Takes the mark away that somebody has left who died while he retired a version; says whether there
    /// was one, or is none any more.
    func endRetiringOfTheDead(_ key: KeyIdentifier) throws(VaultError) -> Bool {
        var outcome: Result<Void, VaultError>?
        try vault(named: key.vault).ifNobodyRetires {
            do throws(VaultError) {
                outcome = .success(try endRetiring(key))
            } catch {
                outcome = .failure(error)
            }
        }
        guard let outcome else { return false }
        try outcome.get()
        return true
    }

    // MARK: Private

    /// Takes the mark away, whoever asks: it gives access back, so that nobody is waited for.
    private func endRetiring(_ key: KeyIdentifier) throws(VaultError) {
        _ = try changeAccess(waiting: .seconds(0)) { () throws(VaultError) in
            try write(key.vault, isUrgent: true) { tables, _ throws(DatabaseError) in
                .success(try tables.setRetiring(false, version: key.version ?? ""))
            }
        }
    }

    private func disableRetired(
        _ key: KeyIdentifier, _ seconds: Double, _ identity: Identity
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        let now = try presentTime().seconds
        return try changeRetired(key, seconds, identity) { tables, row throws(DatabaseError) in
            var disabled = KeyChanges(isEnabled: false).applied(to: row, atSeconds: now)
            disabled.isRetiring = false
            try tables.update(disabled)
            try tables.setRetiring(false, version: row.version)
            return disabled
        }
    }

    private func changeRetired(
        _ key: KeyIdentifier, _ seconds: Double, _ identity: Identity,
        _ change: (VaultTables, KeyVersionRow) throws(DatabaseError) -> KeyVersionRow
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        let now = try presentTime().seconds
        let work: TableWork<StoredVersion> = { tables, vault throws(DatabaseError) in
            switch try Self.liveVersion(of: key, tables, atSeconds: now) {
            case .failure(let refusal): return .failure(refusal)
            case .success(let row):
                return .success(StoredVersion(row: try change(tables, row), vault: vault))
            }
        }
        return try changeKeys(
            in: key.vault, .update, as: identity, waiting: .seconds(seconds), work
        ).map { stored throws(VaultError) in try stored.bundle() }
    }
}

extension VaultError {
    fileprivate static func unconfirmed(_ key: KeyIdentifier) -> VaultError {
        VaultError(
            .busy,
            "\(key) was not retired: a process has not confirmed that it wraps no more under it. See whether "
                + "one of Sluice's is stopped, `sluice barrier` names it, and try again")
    }
}
