internal import SluiceAccess
internal import SluiceNative

/// Makes, imports, shows, changes and rotates keys, for identities that are permitted to.
final class KeyAdministration: Sendable {
    private let context: VaultContext
    private let vaults: OpenVaults
    private let journal: OperationJournal
    private let permissions: KeyPermissions
    private let maker: KeyMaker
    private let policies: RotationPolicies
    private let operations: KeyOperations

    init(
        _ context: VaultContext, _ vaults: OpenVaults, _ journal: OperationJournal,
        _ permissions: KeyPermissions, _ maker: KeyMaker, _ policies: RotationPolicies,
        _ operations: KeyOperations
    ) {
        self.context = context
        self.vaults = vaults
        self.journal = journal
        self.permissions = permissions
        self.maker = maker
        self.policies = policies
        self.operations = operations
    }

    // MARK: Making keys

    /// See ``ActingVaults/createKey(vault:name:kind:tags:settings:)``.
    func create(
        vault: String, name: String, kind: KeyKind, tags: [String: String], settings: KeySettings,
        as identity: Identity
    ) throws(VaultError) -> KeyBundle {
        let key = try KeyIdentifier(vault: vault, name: name)
        try ReservedVault.refuse(key.vault, to: "make \(key)")
        return try add(to: key, .create, as: identity) { () throws(VaultError) in
            try maker.generate(key, kind, tags, settings)
        }
    }

    /// See ``ActingVaults/importKey(vault:name:pem:tags:settings:)``.
    func `import`(
        vault: String, name: String, pem: Span<UInt8>, tags: [String: String],
        settings: KeySettings, as identity: Identity
    ) throws(VaultError) -> KeyBundle {
        let key = try KeyIdentifier(vault: vault, name: name)
        try ReservedVault.refuse(key.vault, to: "import \(key)")
        return try add(to: key, .import, as: identity) { () throws(VaultError) in
            try maker.import(pem: pem, as: key, tags, settings)
        }
    }

    /// See ``ActingVaults/importKey(vault:name:numbers:tags:settings:)``.
    func `import`(
        vault: String, name: String, numbers: PrivateKeyNumbers, tags: [String: String],
        settings: KeySettings, as identity: Identity
    ) throws(VaultError) -> KeyBundle {
        let key = try KeyIdentifier(vault: vault, name: name)
        try ReservedVault.refuse(key.vault, to: "import \(key)")
        return try add(to: key, .import, as: identity) { () throws(VaultError) in
            try maker.import(numbers, as: key, tags, settings)
        }
    }

    // MARK: Showing keys

    /// See ``ActingVaults/key(_:)``.
    func key(_ key: KeyIdentifier, as identity: Identity) throws(VaultError) -> KeyBundle {
        try operations.show(newest(of: key, as: identity), as: identity)
    }

    /// See ``ActingVaults/keys(vault:)``.
    func keys(vault name: String, as identity: Identity) throws(VaultError) -> [KeyItem] {
        let name = try KeyIdentifier.validated(vaultName: name)
        return try journal.recording(.list, on: nil, in: name, as: identity) {
            () throws(VaultError) in
            let (rows, vault) = try permissions.read(name, for: .list, as: identity) {
                tables, vault throws(DatabaseError) in
                .success((try tables.newestVersions(), vault))
            }
            return try rows.map { row throws(VaultError) in
                row.item(as: try row.identifier(in: name).versionless, in: vault)
            }
        }
    }

    /// See ``ActingVaults/keyVersions(vault:name:)``.
    func versions(
        vault: String, name: String, as identity: Identity
    ) throws(VaultError) -> [KeyItem] {
        let key = try KeyIdentifier(vault: vault, name: name)
        return try journal.recording(.list, on: key, in: key.vault, as: identity) {
            () throws(VaultError) in
            // Permission first: nobody else has a rotation done.
            try permissions.check(.list, in: key.vault, as: identity)
            policies.apply(to: key)
            let (rows, vault) = try vaults.read(key.vault) { tables, vault throws(DatabaseError) in
                .success((try tables.versions(of: key.name), vault))
            }
            guard let first = rows.first, !first.isGone(atSeconds: context.clock.nowSeconds())
            else { throw .keyNotFound(key) }
            guard first.keyDeletion == nil else { throw .deleted(key, first) }
            return try rows.map { row throws(VaultError) in
                row.item(as: try row.identifier(in: key.vault), in: vault)
            }
        }
    }

    // MARK: Changing keys

    /// See ``ActingVaults/updateKey(_:_:waiting:)``.
    func update(
        _ key: KeyIdentifier, _ changes: KeyChanges, waiting deadline: Deadline,
        as identity: Identity
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        try journal.recording(
            .update, on: key, in: key.vault, as: identity, used: \.result.key.kid
        ) { () throws(VaultError) in
            let now = try context.presentTime().seconds
            let work: TableWork<StoredVersion> = { tables, vault throws(DatabaseError) in
                switch try tables.liveVersion(of: key, atSeconds: now) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let row):
                    let changed = changes.applied(to: row, atSeconds: now)
                    if let refusal = changed.refusal(for: key) { return .failure(refusal) }
                    try tables.update(changed)
                    return .success(StoredVersion(row: changed, vault: vault))
                }
            }
            return try permissions.change(
                key.vault, for: .update, as: identity, waiting: deadline, work
            ).map { stored throws(VaultError) in try stored.bundle() }
        }
    }

    /// See ``ActingVaults/rotateKey(vault:name:waiting:)``.
    func rotate(
        vault: String, name: String, waiting deadline: Deadline, as identity: Identity
    ) throws(VaultError) -> AccessChange<KeyBundle> {
        let key = try KeyIdentifier(vault: vault, name: name)
        return try journal.recording(
            .rotate, on: key, in: key.vault, as: identity, used: \.result.key.kid
        ) { () throws(VaultError) in
            let now = try context.presentTime().seconds
            // First of all, for making a key takes long.
            let present = try permissions.read(key.vault, for: .rotate, as: identity) {
                tables, _ throws(DatabaseError) in
                try tables.liveVersion(of: key, atSeconds: now)
            }
            let made = try maker.generate(key, present.publicKey.decoded(for: key).kind)
            let work: TableWork<StoredVersion> = { tables, vault throws(DatabaseError) in
                switch try tables.liveVersion(of: key, atSeconds: now) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let latest):
                    return try self.maker.insert(made, after: latest, in: vault.name, tables).map {
                        StoredVersion(row: $0, vault: vault)
                    }
                }
            }
            return try permissions.change(
                key.vault, for: .rotate, as: identity, waiting: deadline, work
            ).map { stored throws(VaultError) in try stored.bundle() }
        }
    }

    // MARK: Private

    /// Adds a version to a key, or a key with it. Nothing is taken from anybody, so that nobody is waited
    /// for.
    ///
    /// - Throws: `accessDenied`; `keyDeleted` if the name belongs to a deleted key.
    private func add(
        to key: KeyIdentifier, _ operation: KeyOperation, as identity: Identity,
        _ make: () throws(VaultError) -> MadeVersion
    ) throws(VaultError) -> KeyBundle {
        try journal.recording(
            operation, on: key, in: key.vault, as: identity, used: \.key.kid
        ) { () throws(VaultError) in
            // First of all, for making a key takes long.
            let asked = try context.presentTime()
            try permissions.read(key.vault, for: operation, as: identity) {
                tables, vault throws(DatabaseError) in
                try Self.addable(key, tables, vault, at: asked)
            }
            let made = try make()
            let time = try context.presentTime()
            let work: TableWork<StoredVersion> = { tables, vault throws(DatabaseError) in
                if case .failure(let refusal) = try Self.addable(key, tables, vault, at: time) {
                    return .failure(refusal)
                }
                switch try self.maker.insert(made, in: vault.name, tables) {
                case .failure(let refusal): return .failure(refusal)
                case .success(let row):
                    // A key that was there before may be written in another case.
                    let stored = try tables.version(row.version, of: row.name) ?? row
                    return .success(StoredVersion(row: stored, vault: vault))
                }
            }
            return try permissions.change(
                key.vault, for: operation, as: identity, waiting: .seconds(0), work
            ).result.bundle()
        }
    }

    private static func addable(
        _ key: KeyIdentifier, _ tables: VaultTables, _ vault: VaultRow, at time: PresentTime
    ) throws(DatabaseError) -> Result<Void, VaultError> {
        guard let row = try tables.latestVersion(of: key.name), let deletion = row.keyDeletion
        else { return .success(()) }
        guard deletion.isDue(atSeconds: time.seconds) else { return .failure(.deleted(key, row)) }
        // A change removes it first if the clock is believed.
        return time.isBelieved(by: vault.noted) ? .success(()) : .failure(.hidden(key, deletion))
    }

    /// The newest version that an identifier without one means for who only looks; others as they are.
    private func newest(
        of key: KeyIdentifier, as identity: Identity
    ) throws(VaultError) -> KeyIdentifier {
        guard key.version == nil else { return key }
        do throws(VaultError) {
            let time = try context.presentTime()
            // Permission first: nobody else has a rotation done.
            try permissions.check(.get, in: key.vault, as: identity)
            policies.apply(to: key)
            let row = try vaults.read(key.vault) { tables, _ throws(DatabaseError) in
                try tables.liveVersion(of: key, atSeconds: time.seconds)
            }
            return try row.identifier(in: key.vault)
        } catch {
            journal.record(
                KeyOperation.get.rawValue, on: key, in: key.vault, as: identity, error.code)
            throw error
        }
    }
}

extension KeyVersionRow {
    /// Why the version can't be like this; nil if it can.
    fileprivate func refusal(for key: KeyIdentifier) -> VaultError? {
        let settings = KeySettings(
            operations: operations, isEnabled: isEnabled, notBeforeSeconds: notBeforeSeconds,
            expiresSeconds: expiresSeconds)
        do throws(VaultError) {
            try settings.validate(with: tags, for: key, of: publicKey.decoded(for: key).kind)
            return nil
        } catch {
            return error
        }
    }
}
