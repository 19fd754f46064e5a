public import SluiceAccess
public import SluiceVault

extension KeyVaultOperation {
    /// Carries the operation out.
    ///
    /// It reads and writes files, and waits for readers where it takes access away: so not on a task's thread, nor an event
    /// loop's.
    ///
    /// - Parameters:
    ///   - vaults: As whoever asks.
    ///   - vault: The one that is asked.
    ///   - vaultURI: By which address the client reaches it, without a slash at its end: what identifiers begin with.
    ///   - mode: By what it decides.
    ///   - deadline: Until when readers may confirm that access was taken away.
    /// - Returns: An answer with a grant where a secret is in it.
    /// - Throws: What the vault refuses; `ServiceUnavailable` if readers don't confirm: the change stands then.
    @available(*, noasync)
    public func run(
        on vaults: ActingVaults, vault: String, at vaultURI: String, mode: AccessMode,
        waiting deadline: Deadline = .seconds(5)
    ) throws(KeyVaultError) -> KeyVaultAnswer {
        let run = Run(
            vaults: vaults, vault: vault, vaultURI: vaultURI, deadline: deadline)
        let answer: Run.Answer
        do throws(VaultError) {
            answer = try run.answer(to: self)
        } catch {
            if case .restoreKey = self, Self.notABackup.contains(error.code) {
                throw .badParameter(error.message)
            }
            throw KeyVaultError(error, claimsName: claimsName, mode: mode)
        }
        return try answer.get()
    }

    /// What is wrong with a backup is the request's fault, not the vault's.
    private static let notABackup: [VaultError.Code] = [
        .damaged, .wrongRootKey, .newerVersion, .olderVersion,
    ]
}

/// One operation on one vault.
private struct Run {
    let vaults: ActingVaults
    let vault: String
    let vaultURI: String
    let deadline: Deadline

    typealias Answer = Result<KeyVaultAnswer, KeyVaultError>

    func answer(to operation: KeyVaultOperation) throws(VaultError) -> Answer {
        switch operation {
        case .createKey(let name, let kind, let settings, let tags):
            return json(
                try vaults.createKey(
                    vault: vault, name: name, kind: kind, tags: tags, settings: settings))
        case .importKey(let name, let numbers, let settings, let tags):
            return json(
                try vaults.importKey(
                    vault: vault, name: name, numbers: numbers, tags: tags, settings: settings))
        case .getKey(let key): return json(try vaults.key(key))
        case .updateKey(let key, let changes):
            return changed(try vaults.updateKey(key, changes, waiting: deadline))
        case .deleteKey(let key): return changed(try vaults.deleteKey(key, waiting: deadline))
        case .getDeletedKey(let key): return json(try vaults.deletedKey(key))
        case .recoverDeletedKey(let key):
            return changed(try vaults.recoverKey(key, waiting: deadline))
        case .purgeDeletedKey(let key):
            return confirmed(try vaults.purgeKey(key, waiting: deadline)) {
                .success(KeyVaultAnswer(status: 204))
            }
        case .backupKey(let name):
            return json(
                KeyBackupAnswer(
                    value: WireBytes(try vaults.backupKey(vault: vault, name: name))))
        case .restoreKey(let backup):
            return changed(
                try vaults.restoreKey(vault: vault, from: backup, waiting: deadline))
        case .rotateKey(let name):
            return changed(try vaults.rotateKey(vault: vault, name: name, waiting: deadline))
        case .getRotationPolicy(let key):
            return policy(try vaults.rotationPolicy(vault: vault, name: key.name), of: key)
        case .setRotationPolicy(let key, let policy):
            return self.policy(
                try vaults.setRotationPolicy(policy, vault: vault, name: key.name), of: key)
        case .listKeys, .listKeyVersions, .listDeletedKeys: return try list(operation)
        default: return try use(operation)
        }
    }

    private func list(_ operation: KeyVaultOperation) throws(VaultError) -> Answer {
        switch operation {
        case .listKeyVersions(let name, let page):
            return json(
                KeyVaultList(
                    try versions(of: name), page,
                    at: "\(vaultURI)/keys/\(name)/versions", by: { $0.kid.version ?? "" }))
        case .listDeletedKeys(let page):
            // A version that was deleted by itself is none of the service's.
            let deleted = try vaults.deletedKeys(vault: vault).filter { $0.kid.version == nil }
            return json(
                KeyVaultList(
                    deleted, page, at: "\(vaultURI)/deletedkeys", by: { $0.kid.name.lowercased() }))
        case .listKeys(let page):
            return json(
                KeyVaultList(
                    try vaults.keys(vault: vault), page, at: "\(vaultURI)/keys",
                    by: { $0.kid.name.lowercased() }))
        default: preconditionFailure("no listing")
        }
    }

    /// Of a key that isn't there the service says that it has none.
    private func versions(of name: String) throws(VaultError) -> [KeyItem] {
        do throws(VaultError) {
            return try vaults.keyVersions(vault: vault, name: name)
        } catch  where [.keyNotFound, .keyDeleted].contains(error.code) {
            return []
        }
    }

    private func use(_ operation: KeyVaultOperation) throws(VaultError) -> Answer {
        switch operation {
        case .encrypt(let key, let algorithm, let plaintext):
            return bytes(try vaults.encrypt(plaintext, with: key, algorithm))
        case .decrypt(let key, let algorithm, let ciphertext):
            return bytes(try vaults.decrypt(ciphertext, with: key, algorithm))
        case .wrapKey(let key, let algorithm, let secret):
            return bytes(try vaults.wrapKey(secret, with: key, algorithm))
        case .unwrapKey(let key, let algorithm, let wrapped):
            return bytes(try vaults.unwrapKey(wrapped, with: key, algorithm))
        case .sign(let key, let algorithm, let digest):
            return bytes(try vaults.sign(digest, with: key, algorithm))
        case .verify(let key, let algorithm, let digest, let signature):
            let result = try vaults.verify(signature, of: digest, with: key, algorithm)
            return json(KeyVerifyAnswer(value: result.value), result.grant)
        default: preconditionFailure("no use of a key")
        }
    }

    // MARK: Answers

    private func json(_ value: some Encodable, _ grant: Grant? = nil) -> Answer {
        Answer { () throws(KeyVaultError) in try .json(value, at: vaultURI, grant: grant) }
    }

    private func bytes(_ result: KeyUseResult<[UInt8]>) -> Answer {
        json(
            KeyOperationAnswer(kid: result.key, value: WireBytes(result.value)), result.grant)
    }

    private func policy(_ policy: RotationPolicy, of key: KeyIdentifier) -> Answer {
        json(RotationPolicyAnswer(policy, of: key, at: vaultURI))
    }

    private func changed<Value: Encodable>(_ change: AccessChange<Value>) -> Answer {
        confirmed(change) { json(change.result) }
    }

    private func confirmed<Value>(
        _ change: AccessChange<Value>, _ answer: () -> Answer
    ) -> Answer {
        guard change.isConfirmed else {
            return .failure(
                KeyVaultError(
                    status: 503, code: "ServiceUnavailable",
                    "the change stands, but a process has not confirmed it, and may still hand out what was "
                        + "allowed before: see that it is not stopped, and try again"))
        }
        return answer()
    }
}
