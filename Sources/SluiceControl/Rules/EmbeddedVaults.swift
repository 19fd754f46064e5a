internal import Sluice
internal import SluiceREST

/// The vaults of the home as the documents of vaults command them. Each call may be repeated. For any thread.
struct EmbeddedVaults: Sendable {
    private let vaults: ActingVaults

    init(_ directory: VaultDirectory) { vaults = directory.acting(as: .owner) }

    /// Makes the vault, if it isn't there, with the policies that the document has and no others.
    func apply(_ document: JSON, name: String) throws(ControlError) {
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
            let wanted = Self.policies(properties)
            // What is taken away goes first: it is what somebody waits for.
            for policy in made.properties.accessPolicies where wanted[policy.objectId] == nil {
                _ = try vaults.deleteAccessPolicy(
                    vault: name, for: Identity(objectID: policy.objectId))
            }
            for (objectID, operations) in wanted {
                let known = made.properties.accessPolicies.first { $0.objectId == objectID }
                guard known.map({ Set($0.permissions.keys) }) != operations else { continue }
                _ = try vaults.setAccessPolicy(
                    vault: name, for: Identity(objectID: objectID),
                    permissions: KeyOperation.allCases.filter(operations.contains))
            }
        }
    }

    /// Who may do what, by object ids in lower case. In role mode nobody may by a policy.
    private static func policies(_ properties: JSON) -> [String: Set<KeyOperation>] {
        guard properties["enableRbacAuthorization"]?.bool != true else { return [:] }
        var policies: [String: Set<KeyOperation>] = [:]
        for policy in properties["accessPolicies"]?.array ?? [] {
            guard let objectID = policy["objectId"]?.string?.lowercased() else { continue }
            let words = policy["permissions"]?["keys"]?.array?.compactMap(\.string) ?? []
            let operations = words.flatMap { word in
                word.equalsIgnoringCase("all")
                    ? KeyOperation.allCases : KeyOperation(parsing: word).map { [$0] } ?? []
            }
            // One without any operation is as good as none.
            guard !operations.isEmpty else { continue }
            policies[objectID, default: []].formUnion(operations)
        }
        return policies
    }

    func delete(_ name: String) throws(ControlError) {
        try translated(name) { () throws(VaultError) in
            do throws(VaultError) {
                _ = try vaults.deleteVault(name)
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

    func purge(_ name: String) throws(ControlError) {
        try translated(name) { () throws(VaultError) in
            do throws(VaultError) {
                _ = try vaults.purgeVault(name)
            } catch  where error.code == .vaultNotFound {
                return
            }
        }
    }

    private func translated(
        _ name: String, _ work: () throws(VaultError) -> Void
    ) throws(ControlError) {
        do throws(VaultError) {
            try work()
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
