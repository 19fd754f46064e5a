public import Sluice
internal import SluiceAccess
package import SluiceNative
internal import SluiceREST

/// The resources of a home, who is in its tenants, and what they may: all of it documents of a Sluice store of its own,
/// sealed under the platform's key of the home's vaults. For any thread, and several processes.
public final class ControlPlane: Sendable {
    /// What the home is known by.
    public let state: HomeState
    /// The resources.
    public let resources: Resources
    /// Vaults that were deleted.
    public let deletedVaults: DeletedVaults
    /// Changes of vaults' policies.
    public let vaultPolicies: VaultPolicies
    /// Keys of storage accounts.
    public let accountKeys: AccountKeys
    /// Who there is.
    public let principals: Principals
    /// Who may do what.
    public let access: Access
    /// Roles and their assignments.
    public let roleAssignments: RoleAssignments
    /// Which resource has a name that is one cloud's own.
    public let names: GlobalNames
    /// The blobs of storage accounts.
    public let accounts: AccountStore
    /// The home's vaults.
    public let vaults: VaultDirectory
    private let documents: Documents
    private let unique: UniqueText

    private static let stateName = "home"

    private init(
        _ store: Store, _ accounts: AccountStore, _ state: HomeState, home: String,
        _ library: CryptoLibrary
    ) {
        self.accounts = accounts
        let documents = Documents(store)
        let unique = UniqueText(library)
        let embedded = EmbeddedVaults(store.vaults)
        principals = Principals(documents, unique, embedded)
        names = GlobalNames(documents)
        vaults = store.vaults
        accountKeys = AccountKeys(documents, unique)
        access = Access(documents)
        let vaultAccess = VaultAccess(documents, access, embedded, home: home)
        roleAssignments = RoleAssignments(documents, access, principals, vaultAccess)
        let vaultRules = VaultRules(
            documents: documents, names: names, vaults: embedded, access: vaultAccess)
        resources = Resources(
            documents, ManagedIdentities(principals, documents), state,
            rules: [
                GroupRules(), vaultRules,
                StorageRules(
                    names: names, keys: accountKeys,
                    keySetting: AccountKeySetting(accounts, documents)),
                EncryptionScopeRules(keySetting: AccountKeySetting(accounts, documents)),
                IdentityRules(principals: principals),
            ])
        deletedVaults = DeletedVaults(documents, vaultRules)
        vaultPolicies = VaultPolicies(resources)
        self.documents = documents
        self.unique = unique
        self.state = state
    }

    /// Whether there is a home's store in a directory.
    package static func isThere(_ home: String) -> Bool {
        (try? FileSystem.exists("\(home)/control")) ?? false
    }

    /// Opens a home, and makes it of `new` if it isn't there.
    ///
    /// - Parameter isTemporary: Whether it needn't outlive the machine.
    package static func open(
        _ home: String, new: HomeState, maker: HomeMaker, rootKey: RootKeySource = .file(),
        isTemporary: Bool = false,
        library: CryptoLibrary
    ) throws(ControlError) -> ControlPlane {
        var options = StoreOptions()
        if isTemporary { options.durability = .none }
        let store = try store(home, rootKey, options)
        let accounts: AccountStore
        do throws(StoreError) {
            accounts = try AccountStore(home, rootKey, library, isTemporary: isTemporary)
        } catch {
            try? store.close()
            throw ControlError(
                .failed, "InternalServerError",
                "The blobs of '\(home)' can't be opened: \(error.details.reason).")
        }
        do throws(ControlError) {
            let documents = Documents(store)
            let isNew = try documents.add(new.document, as: stateName)
            let known = try isNew ? new : state(documents, maker, home)
            let control = ControlPlane(store, accounts, known, home: home, library)
            // An end in the middle of the first start leaves it to the next.
            if try documents.document("ready") == nil {
                try control.furnish()
                try documents.put(["version": 1], as: "ready")
            } else {
                try control.resources.redo()
            }
            return control
        } catch {
            accounts.close()
            try? store.close()
            throw error
        }
    }

    /// What a home that is there is known by.
    package static func state(
        of home: String, rootKey: RootKeySource, library: CryptoLibrary
    ) throws(ControlError) -> HomeState {
        let store = try store(home, rootKey, StoreOptions())
        defer { try? store.close() }
        guard let state = try Documents(store).document(stateName).flatMap(HomeState.init) else {
            throw ControlError(
                .notFound, "HomeNotFound", "There is no service's home in '\(home)': name another.")
        }
        return state
    }

    private static func store(
        _ home: String, _ rootKey: RootKeySource, _ options: StoreOptions
    ) throws(ControlError) -> Store {
        do throws(StoreError) {
            return try Store.open(
                StoreLocation(store: "\(home)/control", vaults: "\(home)/vaults"), rootKey: rootKey,
                options: options)
        } catch {
            throw ControlError(
                .failed, "InternalServerError",
                "The home '\(home)' can't be opened: \(error.details.reason).")
        }
    }

    private static func state(
        _ documents: Documents, _ maker: HomeMaker, _ home: String
    ) throws(ControlError) -> HomeState {
        let (_, document) = try documents.change(stateName) { old throws(ControlError) in
            guard let old, let state = HomeState(old) else {
                throw ControlError(
                    .failed, "InternalServerError",
                    "The home '\(home)' was made by another version of Sluice: name another, or move it away."
                )
            }
            return try maker.renewed(state).document
        }
        guard let state = HomeState(document) else {
            preconditionFailure("what was read can't be read")
        }
        return state
    }

    /// What is there from the start: administrators, and in each subscription a group, a storage account and an identity.
    private func furnish() throws(ControlError) {
        for tenant in state.tenants {
            let administrator = tenant.administrator
            try principals.add(administrator, secret: tenant.secret)
            let subscription = ResourceID(["subscriptions", tenant.subscription])
            try assign("Owner", to: administrator.objectID, at: subscription)
            let version = "2026-01-01"
            _ = try resources.put(
                tenant.group, ["location": "eastus"], apiVersion: version, as: administrator)
            let account = tenant.group.appending(
                "Microsoft.Storage/storageAccounts", tenant.account)
            _ = try resources.put(
                account, ["location": "eastus", "identity": ["type": "SystemAssigned"]],
                apiVersion: version, as: administrator)
            try assign("Storage Blob Data Contributor", to: administrator.objectID, at: account)
            let identity = try resources.put(
                tenant.identity, ["location": "eastus"], apiVersion: version, as: administrator)
            if let principal = identity.document["properties"]?["principalId"]?.string {
                try assign("Reader", to: principal, at: subscription)
            }
        }
    }

    private func assign(
        _ role: String, to principal: String, at scope: ResourceID
    ) throws(ControlError) {
        guard let role = RoleDefinition.builtIn.first(where: { $0.name == role }) else {
            preconditionFailure("there is no role \(role)")
        }
        let name = try unique.uuid(of: "\(scope.key) \(role.id) \(principal)")
        _ = try roleAssignments.put(
            name, at: scope,
            [
                "principalId": .string(principal), "roleDefinitionId": .string(role.id),
                "principalType": "ServicePrincipal",
            ])
    }

    /// Bytes that nobody guesses.
    package func randomBytes(_ byteCount: Int) throws(ControlError) -> [UInt8] {
        try unique.random(byteCount)
    }

    /// An id that nobody guesses.
    package func randomUUID() throws(ControlError) -> String { try unique.uuid() }

    /// A secret document of the server's, made by `make` if it isn't there; of two that make it, one counts for both.
    package func secret(
        _ name: String, _ make: () throws(ControlError) -> [UInt8]
    ) throws(ControlError) -> [UInt8] {
        let place = "server/\(name)"
        if try documents.document(place) == nil {
            _ = try documents.add(["bytes": .string(Base64.encode(try make()))], as: place)
        }
        guard
            let bytes = try documents.document(place)?["bytes"]?.string.flatMap({
                Base64.decode($0)
            })
        else {
            throw ControlError(
                .failed, "InternalServerError", "The document '\(place)' is no secret.")
        }
        return bytes
    }

    /// The vault of a name, as its data plane needs it; nil if there is none, or it is deleted.
    ///
    /// One that no resource is of was made without the service: it is the customer's, and its policies decide.
    public func vault(named name: String) throws(ControlError) -> ServedVault? {
        let name = name.lowercased()
        if let id = try names.resource(named: name, kind: VaultRules.nameKind) {
            return try resources.find(id).map { document in
                let properties = document["properties"] ?? .null
                return ServedVault(
                    name: name, tenantID: properties["tenantId"]?.string ?? "",
                    mode: VaultRules.isByRoles(properties) ? .roles : .policies)
            }
        }
        guard VaultRules.isName(name), let customer = state.tenant("customer"),
            try EmbeddedVaults(vaults).isThere(name)
        else { return nil }
        return ServedVault(name: name, tenantID: customer.id, mode: .policies)
    }

    /// Closes its store. Nothing may be asked of it any more.
    public func close() {
        accounts.close()
        documents.close()
    }
}
