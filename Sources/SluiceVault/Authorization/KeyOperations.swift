internal import SluiceAccess
internal import SluiceNative

/// What is done with keys that never leave their vaults: describing, wrapping, unwrapping, for whoever is
/// authorized. What comes of it is noted in the vault's log.
final class KeyOperations: Sendable {
    private let authorizer: Authorizer
    private let journal: OperationJournal
    private let vaults: OpenVaults
    private let epochs: AccessEpochs

    init(
        _ authorizer: Authorizer, _ journal: OperationJournal, _ vaults: OpenVaults,
        _ epochs: AccessEpochs
    ) {
        self.authorizer = authorizer
        self.journal = journal
        self.vaults = vaults
        self.epochs = epochs
    }

    /// See ``KeyService/describe(_:as:deadline:)``.
    func describe(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyDescription {
        let authorization = try use(key, for: .get, as: identity, deadline)
        record(.get, authorization, nil)
        return try authorization.description()
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
        return try recording(.wrapKey, authorization) { () throws(VaultError) in
            try authorization.material.wrap(secret)
        }
    }

    /// See ``KeyService/unwrap(_:under:as:deadline:)``.
    func unwrap(
        _ wrapped: [UInt8], under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> SecretBytes {
        let authorization = try use(key, for: .unwrapKey, as: identity, deadline)
        return try recording(.unwrapKey, authorization) { () throws(VaultError) in
            try authorization.material.unwrap(wrapped)
        }
    }

    /// Encrypts or wraps: see ``ActingVaults/encrypt(_:with:_:deadline:)``.
    func encrypt(
        _ plaintext: Span<UInt8>, with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        for operation: KeyOperation, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyUseResult<[UInt8]> {
        let authorization = try use(key, for: operation, as: identity, deadline)
        return try recording(operation, authorization) { () throws(VaultError) in
            let encrypted = try authorization.material.encrypt(plaintext, algorithm)
            return try release(authorization, for: operation) { encrypted }
        }
    }

    /// Decrypts or unwraps: see ``ActingVaults/decrypt(_:with:_:deadline:)``.
    func decrypt(
        _ encrypted: Span<UInt8>, with key: KeyIdentifier, _ algorithm: EncryptionAlgorithm,
        for operation: KeyOperation, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyUseResult<[UInt8]> {
        let authorization = try use(key, for: operation, as: identity, deadline)
        return try recording(operation, authorization) { () throws(VaultError) in
            let plaintext = try authorization.material.decrypt(encrypted, algorithm)
            return try release(authorization, for: operation) {
                plaintext.withBytes { [UInt8](copying: $0) }
            }
        }
    }

    /// See ``ActingVaults/sign(_:with:_:deadline:)``.
    func sign(
        _ digest: Span<UInt8>, with key: KeyIdentifier, _ algorithm: SignatureAlgorithm,
        as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyUseResult<[UInt8]> {
        let authorization = try use(key, for: .sign, as: identity, deadline)
        return try recording(.sign, authorization) { () throws(VaultError) in
            let signature = try authorization.material.sign(digest, algorithm)
            return try release(authorization, for: .sign) { signature }
        }
    }

    /// See ``ActingVaults/verify(_:of:with:_:deadline:)``.
    func verify(
        _ signature: Span<UInt8>, of digest: Span<UInt8>, with key: KeyIdentifier,
        _ algorithm: SignatureAlgorithm, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyUseResult<Bool> {
        let authorization = try use(key, for: .verify, as: identity, deadline)
        return try recording(.verify, authorization) { () throws(VaultError) in
            let isValid = try authorization.material.verify(signature, of: digest, algorithm)
            return try release(authorization, for: .verify) { isValid }
        }
    }

    /// A key version as Key Vault's REST interface shows it. The public key is authenticated.
    func show(_ key: KeyIdentifier, as identity: Identity) throws(VaultError) -> KeyBundle {
        let authorization = try use(key, for: .get, as: identity, .none)
        let vault = try vaults.read(key.vault) { _, vault throws(DatabaseError) in .success(vault) }
        record(.get, authorization, nil)
        return try authorization.row.bundle(as: authorization.key, in: vault)
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
            try authorization.material.requireServesStores()
        }
    }

    // MARK: Private

    /// Asks again for what a release is under.
    private struct Renewal: GrantAuthority {
        let authorizer: Authorizer

        func renew(_ grant: inout Grant) throws(VaultError) {
            try authorizer.authorization(
                grant.key, for: grant.operation, as: grant.identity, .none
            ).checkUse(grant.operation)
        }
    }

    /// Hands a result out while what it was made under holds: when that is taken away, the result either was handed out
    /// before that returns, or never is.
    private func release<Value>(
        _ authorization: Authorization, for operation: KeyOperation, _ value: () -> Value
    ) throws(VaultError) -> KeyUseResult<Value> {
        var passage = Passage(
            Grant(
                key: authorization.key, identity: authorization.identity, operation: operation,
                epoch: authorization.epoch))
        let gate = GrantGate(
            .barrier(try epochs.barrier()), Renewal(authorizer: authorizer))
        do throws(GateError<Never>) {
            let value = try gate.release(&passage, value)
            return KeyUseResult(value: value, grant: passage.first)
        } catch {
            switch error {
            case .refused(let refusal): throw refusal
            }
        }
    }

    /// Passes on what came of using a key, while that holds: see ``VaultDirectory/release(under:_:)``.
    func release<Value>(
        under grant: Grant, _ act: (ReleaseTerms, UInt64) -> Value
    ) throws(VaultError) -> Value {
        let gate = GrantGate(.barrier(try epochs.barrier()), Renewal(authorizer: authorizer))
        let terms = ReleaseTerms(gate.gate) { () throws(VaultError) in
            var passage = Passage(grant)
            try gate.renew(&passage)
            return passage.first.epoch
        }
        var passage = Passage(grant)
        let epoch = gate.gate.epoch
        do throws(GateError<Never>) {
            return try gate.release(&passage) { act(terms, epoch) }
        } catch {
            switch error {
            case .refused(let refusal): throw refusal
            }
        }
    }

    private func recording<Value: ~Copyable>(
        _ operation: KeyOperation, _ authorization: Authorization,
        _ body: () throws(VaultError) -> Value
    ) throws(VaultError) -> Value {
        do throws(VaultError) {
            let value = try body()
            record(operation, authorization, nil)
            return value
        } catch {
            record(operation, authorization, error.code)
            throw error
        }
    }

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
