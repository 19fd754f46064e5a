internal import SluiceAccess
internal import SluiceNative

/// What is done with keys that never leave their vaults: describing, wrapping, unwrapping, for whoever is
/// authorized. What comes of it is noted in the vault's log.
final class KeyOperations: Sendable {
    private let authorizer: Authorizer
    private let journal: OperationJournal
    private let vaults: OpenVaults

    init(_ authorizer: Authorizer, _ journal: OperationJournal, _ vaults: OpenVaults) {
        self.authorizer = authorizer
        self.journal = journal
        self.vaults = vaults
    }

    /// See ``KeyService/describe(_:as:deadline:)``.
    func describe(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyDescription {
        let authorization = try use(key, for: .get, as: identity, deadline)
        record(.get, authorization, nil)
        return authorization.description
    }

    /// See ``KeyService/authorize(_:for:as:deadline:)``.
    ///
    /// Only a refusal is logged: nothing is done with the key yet.
    func authorize(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        deadline: Deadline
    ) throws(VaultError) -> Grant {
        do throws(VaultError) {
            let authorization = try authorizer.authorization(
                key, for: operation, as: identity, deadline)
            try authorization.checkUse(operation)
            return Grant(
                key: authorization.key, identity: identity, operation: operation,
                epoch: authorization.epoch)
        } catch {
            journal.record(operation.rawValue, on: key, in: key.vault, as: identity, error.code)
            throw error
        }
    }

    /// See ``KeyService/wrap(_:under:as:deadline:)``.
    func wrap(
        _ secret: Span<UInt8>, under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> WrappedKey {
        let authorization = try use(key, for: .wrapKey, as: identity, deadline)
        do throws(VaultError) {
            let wrapped = try authorization.material.wrap(secret)
            record(.wrapKey, authorization, nil)
            return wrapped
        } catch {
            record(.wrapKey, authorization, error.code)
            throw error
        }
    }

    /// See ``KeyService/unwrap(_:under:as:deadline:)``.
    func unwrap(
        _ wrapped: [UInt8], under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> SecretBytes {
        let authorization = try use(key, for: .unwrapKey, as: identity, deadline)
        do throws(VaultError) {
            let secret = try authorization.material.unwrap(wrapped)
            record(.unwrapKey, authorization, nil)
            return secret
        } catch {
            record(.unwrapKey, authorization, error.code)
            throw error
        }
    }

    /// A key version as Key Vault's REST interface shows it. The public key is authenticated.
    func show(_ key: KeyIdentifier, as identity: Identity) throws(VaultError) -> KeyBundle {
        let authorization = try use(key, for: .get, as: identity, .none)
        let vault = try vaults.read(key.vault) { _, vault throws(DatabaseError) in .success(vault) }
        record(.get, authorization, nil)
        return authorization.row.bundle(as: authorization.key, in: vault)
    }

    /// See ``KeyService/checkSuitableForStore(_:as:deadline:)``: the vault has purge protection, the identity is
    /// switched on and holds `get`, `wrapKey` and `unwrapKey`, and the key is enabled, inside nbf…exp, and may
    /// wrap and unwrap.
    func checkSuitableForStore(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) {
        let isPurgeProtected = try vaults.read(key.vault) { _, vault throws(DatabaseError) in
            .success(vault.isPurgeProtected)
        }
        guard isPurgeProtected else {
            throw VaultError(
                .purgeProtectionMissing,
                "the vault '\(key.vault)' has no purge protection, and whoever purges a key destroys what it "
                    + "has sealed", about: .vault(key.vault),
                remedies: [.other("turn it on"), .other("use a key of another vault")])
        }
        for operation in KeyOperation.ofStores {
            let authorization = try authorizer.authorization(
                key, for: operation, as: identity, deadline)
            try authorization.checkUse(operation)
        }
    }

    // MARK: Private

    /// The authorization that an operation takes; a refusal is logged. A disabled version can be described.
    private func use(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        _ deadline: Deadline
    ) throws(VaultError) -> Authorization {
        do throws(VaultError) {
            let authorization = try authorizer.authorization(
                key, for: operation, as: identity, deadline)
            if operation != .get { try authorization.checkUse(operation) }
            return authorization
        } catch {
            journal.record(operation.rawValue, on: key, in: key.vault, as: identity, error.code)
            throw error
        }
    }

    private func record(
        _ operation: KeyOperation, _ authorization: Authorization, _ code: VaultError.Code?
    ) {
        journal.record(
            operation.rawValue, on: authorization.key, as: authorization.identity, code,
            in: authorization.log)
    }
}
