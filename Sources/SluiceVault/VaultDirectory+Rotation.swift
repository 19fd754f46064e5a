internal import SluiceAccess
internal import SluiceNative

extension VaultDirectory {
    /// See ``ActingVaults``.
    func rotationPolicy(
        vault: String, name: String, as identity: Identity
    ) throws(VaultError) -> RotationPolicy {
        let key = try KeyIdentifier(vault: vault, name: name)
        let now = try presentTime().seconds
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

    /// See ``ActingVaults``.
    func setRotationPolicy(
        _ policy: RotationPolicy, vault: String, name: String, as identity: Identity
    ) throws(VaultError) -> RotationPolicy {
        let key = try KeyIdentifier(vault: vault, name: name)
        try policy.validate(for: key)
        let now = try presentTime().seconds
        return try recording(.setRotationPolicy, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            let work: TableWork<RotationPolicy> = { tables, _ throws(DatabaseError) in
                if case .failure(let refusal) = try Self.liveVersion(
                    of: key, tables, atSeconds: now)
                {
                    return .failure(refusal)
                }
                try tables.set(policy, ofKey: key.name, atSeconds: now)
                return .success(try tables.rotationPolicy(of: key.name) ?? policy)
            }
            // It takes nothing from anybody, yet others are to know from when on something is due.
            return try changeKeys(
                in: key.vault, .setRotationPolicy, as: identity, waiting: .seconds(0), work
            ).result
        }
    }

    // MARK: For the rest of this type

    /// What a rotation policy has done, and when it may have more to do.
    struct RotationOutlook {
        /// Whether a version was to be made: the epoch has moved.
        let hasTried: Bool
        /// In seconds since 1970.
        let nextSeconds: Int
    }

    /// Does what a key's rotation policy says, if it is due. A failure is logged, and stands in the way of
    /// nobody: the version that there is goes on working, and it is tried again a minute later.
    @discardableResult
    func applyRotationPolicy(of key: KeyIdentifier) -> RotationOutlook {
        let now = clock.nowSeconds()
        let due = try? read(key.vault) { tables, _ throws(DatabaseError) in
            .success(try Self.whatIsDue(for: key, tables, atSeconds: now))
        }
        guard let due = due ?? nil else {
            return RotationOutlook(hasTried: false, nextSeconds: now)
        }
        if due.isNotification { noteNearExpiry(of: key, atSeconds: now) }
        guard due.isRotation else {
            return RotationOutlook(hasTried: false, nextSeconds: due.nextSeconds)
        }
        let hasRotated = rotateByPolicy(key, atSeconds: now)
        return RotationOutlook(hasTried: true, nextSeconds: hasRotated ? now : now + 60)
    }

    // MARK: Private

    /// By so much a clock may be set back without a version counting as one of the future.
    private static let settingSeconds = 86_400

    private struct Due: Sendable {
        let latest: KeyVersionRow
        let isRotation: Bool
        let isNotification: Bool
        let nextSeconds: Int
    }

    private static func whatIsDue(
        for key: KeyIdentifier, _ tables: VaultTables, atSeconds now: Int
    ) throws(DatabaseError) -> Due? {
        guard
            case .success(let latest) = try liveVersion(
                of: key.versionless, tables, atSeconds: now)
        else { return nil }
        let policy = try tables.rotationPolicy(of: key.name) ?? .default
        let rotation = policy.trigger(of: .rotate).flatMap { trigger in
            // A version made by a clock that ran ahead would hold up the next one for as long.
            latest.createdSeconds > now + settingSeconds ? now : trigger.moment(for: latest)
        }
        let notification = policy.trigger(of: .notify)?.moment(for: latest)
        let isNotified = try tables.isNotified(version: latest.version, atSeconds: now)
        return Due(
            latest: latest, isRotation: rotation.map { $0 <= now } ?? false,
            isNotification: !isNotified && notification.map { $0 <= now } ?? false,
            nextSeconds: [rotation, notification].compactMap { $0 }.filter { $0 > now }.min()
                ?? .max)
    }

    private func noteNearExpiry(of key: KeyIdentifier, atSeconds now: Int) {
        let noted = try? write(key.vault) { tables, _ throws(DatabaseError) in
            // Another process may have been faster.
            guard let due = try Self.whatIsDue(for: key, tables, atSeconds: now),
                due.isNotification
            else { return .success(String?.none) }
            try tables.setNotified(version: due.latest.version, atSeconds: now)
            return .success(due.latest.version)
        }
        guard let version = noted ?? nil else { return }
        record(
            "nearExpiry", on: try? key.versioned(version), in: key.vault, as: .rotationPolicy, nil)
    }

    /// Makes the version that is due, unless another process was faster; says whether there is one.
    private func rotateByPolicy(_ key: KeyIdentifier, atSeconds now: Int) -> Bool {
        do throws(VaultError) {
            try faults.meet(.rotate, .none)
            let made = try sealedRow(try generate(key), as: key.versionless, [:], KeySettings())
            let work: TableWork<KeyVersionRow?> = { tables, _ throws(DatabaseError) in
                guard let due = try Self.whatIsDue(for: key, tables, atSeconds: now),
                    due.isRotation
                else { return .success(nil) }
                return .success(try Self.insert(made, after: due.latest, tables))
            }
            let inserted = try changeAccess(waiting: .seconds(0)) { () throws(VaultError) in
                try write(key.vault, work)
            }
            if let row = inserted.result {
                record(
                    KeyOperation.rotate.rawValue, on: try row.identifier(in: key.vault),
                    in: key.vault, as: .rotationPolicy, nil)
            }
            return true
        } catch {
            record(
                KeyOperation.rotate.rawValue, on: key, in: key.vault, as: .rotationPolicy,
                error.code)
            return false
        }
    }
}
