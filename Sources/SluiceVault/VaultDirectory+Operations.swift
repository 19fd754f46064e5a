internal import SluiceAccess
internal import SluiceNative

extension VaultDirectory {
    /// How often each operation had each outcome, through this instance, since it was opened.
    public var operationCounts: [OperationCount] { counts.all }

    /// See ``ActingVaults``.
    func operations(
        vault name: String, after position: OperationLogPosition?, as identity: Identity
    ) throws(VaultError) -> OperationPage {
        let name = try KeyIdentifier.validated(vaultName: name)
        try requireOwner(identity, to: "read the log of the vault '\(name)'")
        try read(name, evenIfDeleted: true) { _, _ throws(DatabaseError) in .success(()) }
        return try vault(named: name).log.read(after: position)
    }

    // MARK: For the rest of this type

    /// Notes what came of an operation.
    func record(_ operation: KeyOperation, _ standing: Standing, _ code: VaultError.Code?) {
        let record = OperationRecord(
            timeMilliseconds: clock.nowMilliseconds(), identity: standing.identity.objectID,
            operation: operation.rawValue, key: standing.material.identifier,
            outcome: code?.rawValue ?? OperationRecord.succeeded)
        counts.add(record.operation, record.outcome)
        standing.log.append(record)
    }

    /// Notes what came of an operation, in the log too if there is a vault to have one.
    func record(
        _ operation: String, on key: KeyIdentifier?, in vault: String, as identity: Identity,
        _ code: VaultError.Code?
    ) {
        let record = OperationRecord(
            timeMilliseconds: clock.nowMilliseconds(), identity: identity.objectID,
            operation: operation, key: key, outcome: code?.rawValue ?? OperationRecord.succeeded)
        counts.add(record.operation, record.outcome)
        (try? self.vault(named: vault))?.log.append(record)
    }
}
