internal import SluiceNative

extension VaultDirectory {
    /// The rotation policy of a key; that of all keys if it has none of its own.
    ///
    /// - Parameter identity: Who needs the permission `getRotationPolicy`.
    public func rotationPolicy(
        vault: String, name: String, as identity: Identity = .owner
    ) throws(VaultError) -> RotationPolicy {
        let key = try KeyIdentifier(vault: vault, name: name)
        let now = clock.nowSeconds()
        return try recording(.getRotationPolicy, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            try readKeys(in: key.vault, .getRotationPolicy, as: identity) {
                tables, _ throws(DatabaseError) in
                let policy = try tables.rotationPolicy(of: key.name)
                return try Self.liveVersion(of: key, tables, atSeconds: now).map { _ in
                    policy ?? .default
                }
            }
        }
    }

    /// Gives a key a rotation policy. What it says happens when somebody next asks for the key's newest
    /// version, or its versions, and the clock says that it is due: once, whatever the number of
    /// processes.
    ///
    /// - Parameter identity: Who needs the permission `setRotationPolicy`.
    /// - Throws: `invalidArgument`.
    public func setRotationPolicy(
        _ policy: RotationPolicy, vault: String, name: String, as identity: Identity = .owner
    ) throws(VaultError) -> RotationPolicy {
        let key = try KeyIdentifier(vault: vault, name: name)
        try policy.validate(for: key)
        let now = clock.nowSeconds()
        return try recording(.setRotationPolicy, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            try checkPermission(.setRotationPolicy, in: key.vault, as: identity)
            return try write(key.vault) { tables, _ throws(DatabaseError) in
                if case .failure(let refusal) = try Self.liveVersion(
                    of: key, tables, atSeconds: now)
                {
                    return .failure(refusal)
                }
                try tables.set(policy, ofKey: key.name, atSeconds: now)
                return .success(try tables.rotationPolicy(of: key.name) ?? policy)
            }
        }
    }

    // MARK: For the rest of this type

    /// Does what a key's rotation policy says, if it is due. A failure is logged, and stands in the way of
    /// nobody: the version that there is goes on working.
    func applyRotationPolicy(of key: KeyIdentifier) {
        let now = clock.nowSeconds()
        let due = try? read(key.vault) { tables, _ throws(DatabaseError) in
            .success(try Self.whatIsDue(for: key, tables, atSeconds: now))
        }
        guard let due else { return }
        if due.isNotification { noteNearExpiry(of: key, atSeconds: now) }
        if due.isRotation { rotateByPolicy(key, atSeconds: now) }
    }

    // MARK: Private

    private struct Due: Sendable {
        let latest: KeyVersionRow
        let isRotation: Bool
        let isNotification: Bool
    }

    private static func whatIsDue(
        for key: KeyIdentifier, _ tables: VaultTables, atSeconds now: Int
    ) throws(DatabaseError) -> Due? {
        guard
            case .success(let latest) = try liveVersion(
                of: key.versionless, tables, atSeconds: now)
        else { return nil }
        let policy = try tables.rotationPolicy(of: key.name) ?? .default
        func isDue(_ type: RotationPolicy.ActionType) -> Bool {
            policy.trigger(of: type)?.moment(for: latest).map { $0 <= now } ?? false
        }
        let isNotified = try tables.isNotified(version: latest.version)
        return Due(
            latest: latest, isRotation: isDue(.rotate),
            isNotification: isDue(.notify) && !isNotified)
    }

    private func noteNearExpiry(of key: KeyIdentifier, atSeconds now: Int) {
        let noted = try? write(key.vault) { tables, _ throws(DatabaseError) in
            // Another process may have been faster.
            guard let due = try Self.whatIsDue(for: key, tables, atSeconds: now),
                due.isNotification
            else { return .success(String?.none) }
            try tables.setNotified(version: due.latest.version)
            return .success(due.latest.version)
        }
        guard let version = noted ?? nil else { return }
        record(
            "nearExpiry", on: try? key.versioned(version), in: key.vault, as: .rotationPolicy, nil)
    }

    private func rotateByPolicy(_ key: KeyIdentifier, atSeconds now: Int) {
        do throws(VaultError) {
            let made = try sealedRow(try generate(key), as: key.versionless, [:], KeySettings())
            let inserted = try changeAccess(waiting: .seconds(0)) { () throws(VaultError) in
                try write(key.vault) { tables, _ throws(DatabaseError) in
                    // Another process may have been faster.
                    guard let due = try Self.whatIsDue(for: key, tables, atSeconds: now),
                        due.isRotation
                    else { return .success(KeyVersionRow?.none) }
                    return .success(try Self.insert(made, after: due.latest, tables))
                }
            }
            guard let row = inserted.result else { return }
            record(
                KeyOperation.rotate.rawValue, on: try row.identifier(in: key.vault), in: key.vault,
                as: .rotationPolicy, nil)
        } catch {
            record(
                KeyOperation.rotate.rawValue, on: key, in: key.vault, as: .rotationPolicy,
                error.code)
        }
    }
}
