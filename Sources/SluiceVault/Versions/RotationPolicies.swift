internal import SluiceAccess
internal import SluiceNative

/// Keys' rotation policies: shows and sets them, and does what they say is due.
final class RotationPolicies: Sendable {
    private let context: VaultContext
    private let vaults: OpenVaults
    private let epochs: AccessEpochs
    private let journal: OperationJournal
    private let permissions: KeyPermissions
    private let maker: KeyMaker

    init(
        _ context: VaultContext, _ vaults: OpenVaults, _ epochs: AccessEpochs,
        _ journal: OperationJournal, _ permissions: KeyPermissions, _ maker: KeyMaker
    ) {
        self.context = context
        self.vaults = vaults
        self.epochs = epochs
        self.journal = journal
        self.permissions = permissions
        self.maker = maker
    }

    /// See ``ActingVaults/rotationPolicy(vault:name:)``.
    func policy(
        vault: String, name: String, as identity: Identity
    ) throws(VaultError) -> RotationPolicy {
        let key = try KeyIdentifier(vault: vault, name: name)
        let now = try context.presentTime().seconds
        return try journal.recording(.getRotationPolicy, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            try permissions.read(key.vault, for: .getRotationPolicy, as: identity) {
                tables, _ throws(DatabaseError) in
                let policy = try tables.rotationPolicy(of: key.name)
                return try tables.liveVersion(of: key, atSeconds: now).map { _ in
                    policy ?? .default
                }
            }
        }
    }

    /// See ``ActingVaults/setRotationPolicy(_:vault:name:)``.
    func set(
        _ policy: RotationPolicy, vault: String, name: String, as identity: Identity
    ) throws(VaultError) -> RotationPolicy {
        let key = try KeyIdentifier(vault: vault, name: name)
        try policy.validate(for: key)
        let now = try context.presentTime().seconds
        return try journal.recording(.setRotationPolicy, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            let work: TableWork<RotationPolicy> = { tables, _ throws(DatabaseError) in
                if case .failure(let refusal) = try tables.liveVersion(of: key, atSeconds: now) {
                    return .failure(refusal)
                }
                try tables.set(policy, ofKey: key.name, atSeconds: now)
                return .success(try tables.rotationPolicy(of: key.name) ?? policy)
            }
            // It takes nothing from anybody, yet others are to know from when on something is due.
            return try permissions.change(
                key.vault, for: .setRotationPolicy, as: identity, waiting: .seconds(0), work
            ).result
        }
    }

    // MARK: What is due

    /// What a rotation policy has done, and when it may have more to do.
    struct Outlook {
        /// Whether a version was to be made: the epoch has moved.
        let hasTried: Bool
        /// In seconds since 1970.
        let nextSeconds: Int
    }

    /// Does what a key's rotation policy says, if it is due. A failure is logged, and stands in the way of
    /// nobody: the version that there is goes on working, and it is tried again a minute later.
    @discardableResult
    func apply(to key: KeyIdentifier) -> Outlook {
        let now = context.clock.nowSeconds()
        let due = try? vaults.read(key.vault) { tables, _ throws(DatabaseError) in
            .success(try Self.whatIsDue(for: key, tables, atSeconds: now))
        }
        guard let due = due ?? nil else { return Outlook(hasTried: false, nextSeconds: now) }
        if due.isNotification { noteNearExpiry(of: key, atSeconds: now) }
        guard due.isRotation else {
            return Outlook(hasTried: false, nextSeconds: due.nextSeconds)
        }
        let hasRotated = rotate(key, atSeconds: now)
        return Outlook(hasTried: true, nextSeconds: hasRotated ? now : now + 60)
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
            case .success(let latest) = try tables.liveVersion(of: key.versionless, atSeconds: now)
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
        let noted = try? vaults.write(key.vault) { tables, _ throws(DatabaseError) in
            // Another process may have been faster.
            guard let due = try Self.whatIsDue(for: key, tables, atSeconds: now),
                due.isNotification
            else { return .success(String?.none) }
            try tables.setNotified(version: due.latest.version, atSeconds: now)
            return .success(due.latest.version)
        }
        guard let version = noted ?? nil else { return }
        journal.record(
            "nearExpiry", on: try? key.versioned(version), in: key.vault, as: .rotationPolicy, nil)
    }

    /// Makes the version that is due, unless another process was faster; says whether there is one.
    private func rotate(_ key: KeyIdentifier, atSeconds now: Int) -> Bool {
        do throws(VaultError) {
            try journal.faults.meet(.rotate, .none)
            let latest = try vaults.read(key.vault) { tables, _ throws(DatabaseError) in
                try tables.liveVersion(of: key.versionless, atSeconds: now)
            }
            let kind = try latest.publicKey.decoded(for: key).kind
            let made = try maker.generate(key.versionless, kind)
            let work: TableWork<KeyVersionRow?> = { tables, _ throws(DatabaseError) in
                guard let due = try Self.whatIsDue(for: key, tables, atSeconds: now),
                    due.isRotation
                else { return .success(nil) }
                return try self.maker.insert(made, after: due.latest, in: key.vault, tables).map {
                    $0
                }
            }
            let inserted = try epochs.change(waiting: .seconds(0)) { () throws(VaultError) in
                try vaults.write(key.vault, work)
            }
            if let row = inserted.result {
                journal.record(
                    KeyOperation.rotate.rawValue, on: try row.identifier(in: key.vault),
                    in: key.vault, as: .rotationPolicy, nil)
            }
            return true
        } catch {
            journal.record(
                KeyOperation.rotate.rawValue, on: key, in: key.vault, as: .rotationPolicy,
                error.code)
            return false
        }
    }
}

extension RotationPolicy.Trigger {
    /// The moment in a version's life, in seconds since 1970; nil for never.
    fileprivate func moment(for row: KeyVersionRow) -> Int? {
        if let timeAfterCreate { return timeAfterCreate.added(toSeconds: row.createdSeconds) }
        guard let timeBeforeExpiry, let expires = row.expiresSeconds else { return nil }
        return timeBeforeExpiry.subtracted(fromSeconds: expires)
    }
}
