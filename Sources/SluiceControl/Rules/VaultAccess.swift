internal import Sluice
internal import SluiceNative
internal import SluiceREST

/// Has the vaults permit what the documents say: policies where a vault goes by them, else roles. For any thread, and
/// several processes.
///
/// Invariant: who changes a document that decides about keys changes it first, and then calls
/// ``settle(at:_:)``. One at a time does, among all processes, and goes by what the documents say by then: so nobody
/// gives back what somebody else has taken away.
struct VaultAccess: Sendable {
    private let documents: Documents
    private let access: Access
    private let vaults: EmbeddedVaults
    private let home: String

    init(_ documents: Documents, _ access: Access, _ vaults: EmbeddedVaults, home: String) {
        self.documents = documents
        self.access = access
        self.vaults = vaults
        self.home = home
    }

    /// Settles who may do what in a vault, or in all within a scope.
    func settle(
        at scope: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        try alone { () throws(ControlError) in
            var wanted: [(name: String, table: KeyPermissionTable)] = []
            for (id, document) in try vaultDocuments(at: scope) {
                wanted.append((id.name.lowercased(), try table(of: document, id)))
            }
            // What is taken away goes first: it is what somebody waits for.
            for (name, table) in wanted {
                try vaults.take(name, leaving: table, &confirmations)
            }
            for (name, table) in wanted { try vaults.give(name, table, &confirmations) }
            // Of who asks again for what nobody confirmed, nothing is left to change.
            try vaults.confirm(&confirmations)
        }
    }

    /// Deletes a vault. One that goes by roles is empty of permissions when it comes back: its roles may be others by
    /// then.
    func delete(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        let name = id.name.lowercased()
        try alone { () throws(ControlError) in
            if VaultRules.isByRoles(document["properties"] ?? .null) {
                try vaults.take(name, leaving: [:], &confirmations)
            }
            try vaults.delete(name, &confirmations)
        }
    }

    private func alone(_ work: () throws(ControlError) -> Void) throws(ControlError) {
        let lock: File
        do throws(SystemError) {
            lock = try Directory.openGuarded(home).openOrCreateFile("access.lock")
            try lock.lock(offset: 0, byteCount: 1, exclusive: true)
        } catch {
            throw ControlError(
                .failed, "InternalServerError", "'\(home)/access.lock' failed: \(error.reason).")
        }
        defer { withExtendedLifetime(lock) {} }
        try work()
    }

    private func vaultDocuments(
        at scope: ResourceID
    ) throws(ControlError) -> [(id: ResourceID, document: JSON)] {
        if scope.isOf(type: VaultRules.resourceType) {
            return try documents.document(Resources.place(scope)).map { [(scope, $0)] } ?? []
        }
        // On a key, say.
        guard !scope.segments.contains("providers") else { return [] }
        let place = scope == .root ? "resources/" : Resources.place(scope) + "/"
        return try documents.documents(under: place).compactMap { name, document in
            let id = Resources.id(ofPlace: name)
            return id.isOf(type: VaultRules.resourceType) ? (id, document) : nil
        }
    }

    private func table(
        of document: JSON, _ id: ResourceID
    ) throws(ControlError) -> KeyPermissionTable {
        let properties = document["properties"] ?? .null
        return VaultRules.isByRoles(properties)
            ? try access.keyPermissions(at: id) : try Self.table(ofPolicies: properties)
    }

    /// What a vault's policies permit.
    ///
    /// - Throws: `BadRequest` for an object id, or a permission, that is none.
    static func table(ofPolicies properties: JSON) throws(ControlError) -> KeyPermissionTable {
        var table: KeyPermissionTable = [:]
        for policy in properties["accessPolicies"]?.array ?? [] {
            let words = policy["permissions"]?["keys"]?.array?.compactMap(\.string) ?? []
            let subject = Identity(objectID: policy["objectId"]?.string ?? "")
            let operations: [KeyOperation]
            do {
                try subject.validate()
                operations = try KeyOperation.permissions(words)
            } catch let error as VaultError {
                throw ControlError(.badRequest, "BadRequest", "\(error.details.reason).")
            } catch let error as KeyVaultError {
                throw ControlError(.badRequest, error.code, "\(error.message).")
            } catch {
                preconditionFailure("another error")
            }
            // One without any operation is as good as none.
            if !operations.isEmpty { table[subject.objectID, default: []].formUnion(operations) }
        }
        return table
    }
}
