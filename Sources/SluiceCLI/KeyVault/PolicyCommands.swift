internal import ArgumentParser
internal import Sluice

/// `sluice keyvault set-policy`.
struct SetPolicyCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-policy",
        abstract: "Say what an identity may do with the keys of a vault.",
        usage: """
            sluice keyvault set-policy --name <vault> --object-id <id>
                   --key-permissions <permission> ...
            """,
        discussion: """
            The permissions replace those that the identity has. A store needs get, wrapKey and \
            unwrapKey, and `sluice identity show` says who it is; `all` stands for all there are.

            EXAMPLE:
              sluice keyvault set-policy --name default \\
                --object-id 3f0c6a7e-2b1d-4c8e-9f5a-6d7b8c9e0a1f --key-permissions get list
            """)

    @OptionGroup var vault: VaultNameOption

    @Option(help: ArgumentHelp("The identity, a UUID.", valueName: "id"), transform: UUIDText.parse)
    var objectId: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("What it may do.", valueName: "permission"))
    var keyPermissions: [KeyOperationArgument]

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.setAccessPolicy(
                vault: vault.name, for: Identity(objectID: objectId),
                permissions: keyPermissions.operations, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text)
        try confirmation.check(change)
    }
}

/// `sluice keyvault delete-policy`.
struct DeletePolicyCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete-policy",
        abstract: "Take what an identity may do with the keys of a vault.",
        usage: """
            sluice keyvault delete-policy --name <vault> --object-id <id> [<options>]
            sluice keyvault delete-policy --name <vault> --key_id <key> [<options>]
            """,
        discussion: """
            With --key_id the identities are those as which the store asks for that key: its own, \
            or those of its scopes. Their access to it ends, and to every other key of the vault: \
            policies are the vault's.

            EXAMPLE:
              sluice keyvault delete-policy --name default \\
                --key_id https://default.vault.localhost/keys/mine
            """)

    @OptionGroup var vault: VaultNameOption

    @Option(help: ArgumentHelp("The identity.", valueName: "id"))
    var objectId: String?

    @Option(
        name: [.customLong("key_id"), .customLong("key-id")],
        help: ArgumentHelp("A key that the store uses.", valueName: "key-id"),
        transform: KeyIdentifier.parse)
    var keyID: KeyIdentifier?

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (objectId == nil) != (keyID == nil) else {
            throw ValidationError("name the identity with either --object-id or --key_id")
        }
        guard let keyID else { return }
        guard vault.name.lowercased() == keyID.vault else {
            throw ValidationError("--name '\(vault.name)' is not the vault in --key_id")
        }
    }

    func run() throws {
        let subjects =
            try objectId.map { [Identity(objectID: $0)] }
            ?? global.session.read { try Self.identities(of: $0, askingFor: keyID) }
        let changes = try global.withVaults(as: actor.identity) { vaults in
            if let keyID { try Self.requireKey(keyID, in: vaults) }
            return try subjects.map { subject in
                try vaults.deleteAccessPolicy(
                    vault: vault.name, for: subject, waiting: confirmation.deadline)
            }
        }
        guard let last = changes.last else { return }
        try global.output.print(last.result, text: last.result.text)
        for change in changes { try confirmation.check(change) }
    }

    /// As whom a store asks for a key: as itself, unless all scopes under that key ask as others.
    private static func identities(
        of store: Store, askingFor key: KeyIdentifier?
    ) throws -> [Identity] {
        let scopes = try store.scopes().filter { scope in
            ([scope.currentKey] + scope.census.map(\.key)).contains {
                $0.versionless == key?.versionless
            }
        }
        let identities = Set(scopes.map { $0.identity ?? store.identity })
        return identities.isEmpty
            ? [store.identity] : identities.sorted { $0.objectID < $1.objectID }
    }

    /// Refuses a key that isn't there: the access that is taken would be another's. One that is deleted may come back.
    private static func requireKey(
        _ key: KeyIdentifier, in vaults: ActingVaults
    ) throws {
        do throws(VaultError) {
            _ = try vaults.key(key)
        } catch {
            guard error.code == .keyNotFound else { return }
            let names = ((try? vaults.keys(vault: key.vault)) ?? []).map { "'\($0.kid.name)'" }
            let there =
                names.isEmpty
                ? "it has none"
                : "it has " + names.prefix(10).joined(separator: ", ")
                    + (names.count > 10 ? " and others" : "")
            throw VaultError(
                .keyNotFound,
                "the vault '\(key.vault)' has no key \(key), and no access was taken: \(there)",
                about: .key(key), remedies: error.remedies, cause: error)
        }
    }
}
