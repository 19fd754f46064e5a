internal import SluiceAccess
internal import SluiceNative

/// Changes the root key, and how it is come by; and finishes what somebody has begun who died. The owner's affair.
///
/// While the root key is changed a note of the next one is there (`root.next`), sealed under the present one: so whoever
/// has that opens what is under either. The note is made first and goes last. In between each vault is sealed anew, in
/// one transaction; then the key file is exchanged, then the record. Whoever changes a vault looks at the note while
/// he does, so nothing is sealed under the former root key behind the one who changes it.
final class RootKeyChanges: Sendable {
    private let context: VaultContext
    private let vaults: OpenVaults
    private let journal: OperationJournal
    private let identities: IdentitySwitch

    init(
        _ context: VaultContext, _ vaults: OpenVaults, _ journal: OperationJournal,
        _ identities: IdentitySwitch
    ) {
        self.context = context
        self.vaults = vaults
        self.journal = journal
        self.identities = identities
        vaults.beforeOpening { [weak self] in self?.finishIfBegun() }
    }

    /// See ``ActingVaults/rotateRootKey()``.
    func rotate(as identity: Identity) throws(VaultError) -> RootKeyRotation {
        try identities.requireOwner(identity, to: "change the root key")
        let rotation = try changing { home, place throws(VaultError) in
            let keys = try context.rootKey.presentKeys()
            guard let said = try place.read() else { throw .noRootKey(home.path) }
            let source = context.rootKey.source
            if case .keyFile = said.record.kind {
                try context.rootKey.keyFile(of: source).requireReplaceable()
            }
            // What doesn't open now never would again.
            let names = try vaults.names().sorted()
            var versionCount = 0
            for name in names { versionCount += try check(name, keys) }
            let next = try RootKey.random(context.library)
            let record = try context.rootKey.record(of: next, from: source)
            try place.note(NextRootKey(next, after: keys.current, record: record))
            do throws(VaultError) { try finish(place) } catch { throw .halfDone(error) }
            return RootKeyRotation(vaults: names, keyVersionCount: versionCount)
        }
        for name in rotation.vaults { record("rotateRootKey", in: name, as: identity) }
        return rotation
    }

    /// See ``ActingVaults/sealRootKey(under:)``.
    func seal(under source: RootKeySource, as identity: Identity) throws(VaultError) {
        try identities.requireOwner(identity, to: "change how the root key is sealed")
        try changing { home, place throws(VaultError) in
            let key = try context.rootKey.presentKeys().current
            guard let said = try place.read() else { throw .noRootKey(home.path) }
            switch (said.record.kind, source) {
            case (.keyFile, .file): throw .keyFileAlready(home.path)
            case (.passphrase, .file): try context.rootKey.keyFile(of: source).establish(key)
            case (_, .passphrase): break
            }
            try place.replace(with: try context.rootKey.record(of: key, from: source))
            try eraseLeftKey(place)
        }
        for name in try vaults.names() { record("sealRootKey", in: name, as: identity) }
    }

    // MARK: Finishing

    /// Finishes what was begun and cut short, if nobody is about to.
    ///
    /// If it can't be, everything goes on as it is: both root keys are known.
    private func finishIfBegun() {
        guard let home = context.home, let place = context.rootKey.place, place.mayHaveLeftovers()
        else { return }
        home.lockedIfFree { _ in
            try? finish(place)
            try? eraseLeftKey(place)
        }
    }

    /// Brings the change to its end that a note tells of, if one does. To be called under the directory's lock.
    private func finish(_ place: RootKeyPlace) throws(VaultError) {
        let keys = try context.rootKey.presentKeys()
        guard let said = try place.read(), let next = said.next,
            try next.record.isOf(keys.current)
        else { return try place.eraseNext() }
        if keys.former != nil {
            for name in try vaults.names() { try sealAnew(name, keys) }
        }
        if case .keyFile = next.record.kind {
            let file = context.rootKey.keyFile(of: context.rootKey.source)
            if try !file.holds(keys.current) { try file.replace(with: keys.current) }
        }
        try place.replace(with: next.record)
        try place.eraseNext()
    }

    /// Removes the usual key file where a passphrase seals the same root key. To be called under the directory's lock.
    private func eraseLeftKey(_ place: RootKeyPlace) throws(VaultError) {
        guard let said = try place.read(), case .passphrase = said.record.kind else { return }
        let file = context.rootKey.keyFile(of: .file())
        guard try file.holds(context.rootKey.presentKeys().current) else { return }
        try place.eraseUsualKey()
    }

    /// Runs `body` as the only one who changes the root key, or makes or removes a vault.
    private func changing<Result>(
        _ body: (VaultHome.Locked, RootKeyPlace) throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        guard let home = context.home, let place = context.rootKey.place else {
            throw VaultError(
                .invalidArgument, "vaults in memory have a root key that goes with them")
        }
        try vaults.checkOpen()
        guard try !vaults.names().isEmpty else { throw .noRootKey(home.path) }
        return try home.locked("changing the root key") { locked throws(VaultError) in
            try finish(place)
            return try body(locked, place)
        }
    }

    // MARK: Vaults

    /// How many key versions a vault holds, which can be written to, and of which each can be opened.
    private func check(_ name: String, _ keys: RootKeys) throws(VaultError) -> Int {
        let contents = try vaults.vault(named: name).write { tables throws(DatabaseError) in
            try BackupTables(tables).sealedContents()
        }
        _ = try contents.renewed(under: keys, vault: name)
        return contents.rows["versions"]?.count ?? 0
    }

    /// Seals a vault anew, in one transaction: all that opens.
    private func sealAnew(_ name: String, _ keys: RootKeys) throws(VaultError) {
        try vaults.vault(named: name).write { tables throws(DatabaseError) in
            let contents = try BackupTables(tables).sealedContents()
            let renewed: BackupContents
            do throws(VaultError) {
                renewed = try contents.renewed(under: keys, vault: name, leavingDamaged: true)
            } catch {
                return Result<Void, VaultError>.failure(error)
            }
            return .success(try BackupTables(tables).replaceSealed(contents, with: renewed))
        }.get()
    }

    private func record(_ operation: String, in vault: String, as identity: Identity) {
        journal.record(operation, on: nil, in: vault, as: identity, nil)
    }
}

extension VaultError {
    fileprivate static func noRootKey(_ path: String) -> VaultError {
        VaultError(
            .vaultNotFound, "there are no vaults in '\(path)', and so no root key",
            about: .file(path), remedies: [.choose(.vaults)])
    }

    fileprivate static func halfDone(_ error: VaultError) -> VaultError {
        VaultError(
            error.code,
            "the root key is half changed, and both serve until whoever opens the vaults next has finished it: "
                + error.reason, about: error.subject, remedies: error.remedies, cause: error)
    }

    fileprivate static func keyFileAlready(_ path: String) -> VaultError {
        VaultError(
            .alreadyExists, "the vaults in '\(path)' are under a key file already",
            about: .file(path), remedies: [.other("change the root key for a new one")])
    }
}
