internal import Sluice
internal import SluiceREST

/// What each may do with a vault's keys, by object ids in lower case.
typealias KeyPermissionTable = [String: Set<KeyOperation>]

/// The vaults of the home as the documents of vaults command them. Each call may be repeated. For any thread.
struct EmbeddedVaults: Sendable {
    private let directory: VaultDirectory

    init(_ directory: VaultDirectory) { self.directory = directory }

    private var vaults: ActingVaults { directory.acting(as: .owner) }

    /// Whether the vault is there; a deleted one counts if it says so.
    func isThere(_ name: String, evenIfDeleted: Bool = false) throws(ControlError) -> Bool {
        guard !VaultDirectory.isReserved(name) else { return false }
        return try translated(name) { () throws(VaultError) in
            do throws(VaultError) {
                _ = try vaults.vault(name)
                return true
            } catch  where error.code == .vaultDeleted {
                return evenIfDeleted
            } catch  where error.code == .vaultNotFound {
                return false
            }
        }
    }

    /// Makes the vault, if it isn't there, without policies; protected from purging as the document says.
    func make(_ document: JSON, name: String) throws(ControlError) {
        let properties = document["properties"] ?? .null
        let isProtected = properties["enablePurgeProtection"]?.bool ?? false
        try translated(name) { () throws(VaultError) in
            let made: VaultProperties
            do throws(VaultError) {
                made = try vaults.vault(name)
            } catch  where error.code == .vaultNotFound {
                made = try vaults.createVault(
                    name: name,
                    retentionDays: properties["softDeleteRetentionInDays"]?.integer ?? 90,
                    isPurgeProtected: isProtected)
            }
            if isProtected, !made.properties.enablePurgeProtection {
                _ = try vaults.enablePurgeProtection(vault: name)
            }
        }
    }

    // MARK: Who may do what

    /// Takes from everybody what is not wanted.
    func take(
        _ name: String, leaving wanted: KeyPermissionTable, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        try translated(name) { () throws(VaultError) in
            for (objectID, held) in try permissions(name) {
                let left = held.intersection(wanted[objectID] ?? [])
                guard left != held else { continue }
                try set(name, objectID, left, &confirmations)
            }
        }
    }

    /// Gives everybody what is wanted.
    func give(
        _ name: String, _ wanted: KeyPermissionTable, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        try translated(name) { () throws(VaultError) in
            let held = try permissions(name)
            for (objectID, operations) in wanted where held[objectID] != operations {
                try set(name, objectID, operations, &confirmations)
            }
        }
    }

    /// None of a vault that isn't there: who makes it, or brings it back, gives it what it has.
    private func permissions(_ name: String) throws(VaultError) -> KeyPermissionTable {
        do throws(VaultError) {
            let policies = try vaults.vault(name).properties.accessPolicies
            return Dictionary(
                uniqueKeysWithValues: policies.map { ($0.objectId, Set($0.permissions.keys)) })
        } catch  where [.vaultNotFound, .vaultDeleted].contains(error.code) {
            return [:]
        }
    }

    private func set(
        _ name: String, _ objectID: String, _ operations: Set<KeyOperation>,
        _ confirmations: inout Confirmations
    ) throws(VaultError) {
        let subject = Identity(objectID: objectID)
        let deadline = confirmations.deadline
        do throws(VaultError) {
            let change =
                operations.isEmpty
                ? try vaults.deleteAccessPolicy(vault: name, for: subject, waiting: deadline)
                : try vaults.setAccessPolicy(
                    vault: name, for: subject,
                    permissions: KeyOperation.allCases.filter(operations.contains),
                    waiting: deadline)
            confirmations.note(
                change, "what \(objectID) may do with the keys of the vault '\(name)'")
        } catch  where [.vaultNotFound, .vaultDeleted, .policyNotFound].contains(error.code) {
            return
        }
    }

    /// Waits again for who reads under what was allowed before.
    func confirm(_ confirmations: inout Confirmations) throws(ControlError) {
        try translated(directory.platformVault) { () throws(VaultError) in
            let confirmation = try directory.presentBarrier()?.confirm(
                waiting: confirmations.deadline)
            if confirmation?.isConfirmed == false {
                confirmations.miss("whatever was taken away before it")
            }
        }
    }

    /// Has an identity get at no vault any more, whatever it is permitted.
    func switchOff(_ objectID: String, _ confirmations: inout Confirmations) throws(ControlError) {
        try translated(directory.platformVault) { () throws(VaultError) in
            let change = try vaults.setIdentity(
                Identity(objectID: objectID), isEnabled: false, waiting: confirmations.deadline)
            confirmations.note(change, "the identity \(objectID) is removed")
        }
    }

    // MARK: Deleted vaults

    func delete(
        _ name: String, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        try translated(name) { () throws(VaultError) in
            do throws(VaultError) {
                let change = try vaults.deleteVault(name, waiting: confirmations.deadline)
                confirmations.note(change, "the vault '\(name)' is deleted")
            } catch  where [.vaultNotFound, .vaultDeleted].contains(error.code) {
                return
            }
        }
    }

    func recover(_ name: String) throws(ControlError) {
        try translated(name) { () throws(VaultError) in
            do throws(VaultError) {
                _ = try vaults.recoverVault(name)
            } catch  where error.code == .vaultNotFound {
                return
            }
        }
    }

    func purge(_ name: String, _ confirmations: inout Confirmations) throws(ControlError) {
        try translated(name) { () throws(VaultError) in
            do throws(VaultError) {
                let change = try vaults.purgeVault(name, waiting: confirmations.deadline)
                confirmations.note(change, "the vault '\(name)' is purged")
            } catch  where error.code == .vaultNotFound {
                return
            }
        }
    }

    private func translated<Value>(
        _ name: String, _ work: () throws(VaultError) -> Value
    ) throws(ControlError) -> Value {
        do throws(VaultError) {
            return try work()
        } catch  where error.code == .purgeProtected {
            throw ControlError(
                .notAllowed, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.")
        } catch  where [.invalidName, .invalidArgument].contains(error.code) {
            throw ControlError(.badRequest, "BadRequest", error.details.reason)
        } catch {
            throw ControlError(
                .failed, "InternalServerError",
                "The vault '\(name)' failed: \(error.details.reason).")
        }
    }
}
