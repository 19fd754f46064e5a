internal import Sluice
internal import SluiceAccess
internal import SluiceREST

/// Has what an account's document says of its key be so in the store of its blobs. For any thread.
struct AccountKeySetting: Sendable {
    private let accounts: AccountStore
    private let documents: Documents

    init(_ accounts: AccountStore, _ documents: Documents) {
        self.accounts = accounts
        self.documents = documents
    }

    /// Sets the key of an account, and sweeps what is sealed under another.
    func apply(_ document: JSON, account: String) throws(ControlError) {
        let encryption = document["properties"]?["encryption"] ?? .null
        let isCustomers = encryption["keySource"]?.string == "Microsoft.Keyvault"
        guard isCustomers, let named = encryption["keyvaultproperties"] else {
            return try translated(account) { () throws(StoreError) in
                try accounts.sealUnderPlatformKey(accounts.seal(of: account))
            }
        }
        let key = try key(named)
        let identity = try identity(document, encryption)
        try translated(account) { () throws(StoreError) in
            try accounts.seal(accounts.seal(of: account), under: key, as: identity)
        }
    }

    /// Sets the key of an encryption scope, which is asked for as the account.
    func apply(_ document: JSON, encryptionScope id: ResourceID) throws(ControlError) {
        guard let account = id.parent else { return }
        let properties = document["properties"] ?? .null
        var key: KeyIdentifier?
        if properties["source"]?.string?.equalsIgnoringCase("Microsoft.KeyVault") == true {
            let uri = properties["keyVaultProperties"]?["keyUri"]?.string ?? ""
            let parts = uri.split(separator: "/").map(String.init)
            key = try self.key([
                "keyvaulturi": .string("https://\(parts.count > 1 ? parts[1] : "")"),
                "keyname": .string(parts.count > 3 ? parts[3] : ""),
                "keyversion": .string(parts.count > 4 ? parts[4] : ""),
            ])
        }
        let owner = try documents.document(Resources.place(account)) ?? .null
        let identity =
            try key == nil
            ? nil : self.identity(owner, owner["properties"]?["encryption"] ?? .null)
        try translated(account.name) { () throws(StoreError) in
            let scope = try accounts.seal(of: account.name, encryptionScope: id.name)
            if let key, let identity {
                try accounts.seal(scope, under: key, as: identity)
            } else {
                try accounts.ensure(scope)
            }
        }
    }

    /// Removes all blobs of an account that goes.
    func removeBlobs(account: String) throws(ControlError) {
        try translated(account) { () throws(StoreError) in
            try accounts.removeAll(of: account)
        }
    }

    private func key(_ named: JSON) throws(ControlError) -> KeyIdentifier {
        let uri = named["keyvaulturi"]?.string ?? ""
        let host = uri.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first
        let vault = host?.prefix { $0 != "." } ?? ""
        let version = named["keyversion"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        do throws(VaultError) {
            return try KeyIdentifier(
                vault: vault.lowercased(), name: named["keyname"]?.string ?? "", version: version)
        } catch {
            throw ControlError(
                .badRequest, "InvalidRequestPropertyValue",
                "keyvaultproperties names no key: \(error.message)")
        }
    }

    /// As whom the key is asked for: the identity that the block names, or the account's own.
    private func identity(_ document: JSON, _ encryption: JSON) throws(ControlError) -> Identity {
        var principal = document["identity"]?["principalId"]?.string
        if let id = encryption["identity"]?.present("userAssignedIdentity")?.string {
            let place = Resources.place(ResourceID(id.split(separator: "/").map(String.init)))
            principal = try documents.document(place)?["properties"]?["principalId"]?.string
        }
        guard let principal else {
            throw ControlError(
                .badRequest, "InvalidRequestPropertyValue",
                "A key of a vault takes an identity: give the account one, or name a user-assigned one that it has."
            )
        }
        return Identity(objectID: principal)
    }

    private func translated(
        _ account: String, _ work: () throws(StoreError) -> Void
    ) throws(ControlError) {
        do throws(StoreError) {
            try work()
        } catch  where [.accessDenied, .vaultUnavailable, .notFound].contains(error.code) {
            throw ControlError(
                .badRequest, "KeyVaultPolicyError",
                "The key can't be used for the account '\(account)': \(error.details.reason).")
        } catch  where error.code == .invalidArgument {
            throw ControlError(.badRequest, "InvalidRequestPropertyValue", error.details.reason)
        } catch {
            throw ControlError(
                .failed, "InternalServerError",
                "The blobs of '\(account)' failed: \(error.details.reason).")
        }
    }
}
