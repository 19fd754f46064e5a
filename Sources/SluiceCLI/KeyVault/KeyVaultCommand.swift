internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice keyvault`.
struct KeyVaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keyvault",
        abstract: "Key vaults and their keys, as with `az keyvault`.",
        usage: "sluice keyvault <command> [<options>]",
        discussion: """
            Commands and flags are those of `az keyvault`, and --json prints Key Vault's own \
            shapes. A vault here is a directory below HOME/vaults. Commands act as the owner of the \
            vaults, who may do everything, or with --as as an identity that may do what its policy \
            permits.
            """,
        subcommands: [
            KeyVaultCreateCommand.self, KeyVaultListCommand.self, KeyVaultShowCommand.self,
            KeyVaultDeleteCommand.self, KeyVaultListDeletedCommand.self,
            KeyVaultRecoverCommand.self, KeyVaultPurgeCommand.self, SetPolicyCommand.self,
            DeletePolicyCommand.self, KeyVaultLogCommand.self, KeyVaultRepairCommand.self,
            KeyVaultBackupCommand.self, KeyVaultRestoreCommand.self, PassphraseCommand.self,
            RootKeyCommand.self, KeyCommand.self,
        ])
}

/// `sluice keyvault create`.
struct KeyVaultCreateCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a vault, with purge protection.",
        usage: "sluice keyvault create --name <vault> [<options>]")

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "3 to 24 letters, digits and hyphens, beginning with a letter.", valueName: "vault"))
    var name: String

    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let vault = try global.withVaultsToFill(as: actor.identity) {
            try $0.createVault(name: name)
        }
        try global.output.print(vault, text: "created \(vault.properties.vaultURI)\n")
    }
}

/// `sluice keyvault list`.
struct KeyVaultListCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the vaults.",
        usage: "sluice keyvault list [<options>]")

    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let vaults = try global.withVaults(as: actor.identity) { try $0.vaults() }
        var table = Table(.left, .left, titles: ["NAME", "URI"])
        for vault in vaults { table.append([vault.name, vault.properties.vaultURI]) }
        try global.output.print(vaults, text: table.text)
    }
}

/// `sluice keyvault show`.
struct KeyVaultShowCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a vault, and who may do what with its keys.",
        usage: "sluice keyvault show --name <vault> [<options>]")

    @OptionGroup var vault: VaultNameOption
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let shown = try global.withVaults(as: actor.identity) { try $0.vault(vault.name) }
        try global.output.print(shown, text: shown.text)
    }
}

extension VaultProperties {
    /// The vault for people.
    var text: String {
        var fields = Table(.left, .left)
        fields.append(["vault", name])
        fields.append(["uri", properties.vaultURI])
        fields.append(["retention", "\(properties.softDeleteRetentionInDays) days"])
        fields.append(["purge protection", properties.enablePurgeProtection ? "on" : "off"])
        for policy in properties.accessPolicies {
            let permissions = policy.permissions.keys.map(\.rawValue).joined(separator: " ")
            fields.append(["policy", "\(policy.objectId): \(permissions)"])
        }
        return fields.text
    }
}

extension GlobalOptions {
    /// Opens the vaults for `body`, as somebody uses them, and no store.
    func withVaults<Result>(
        as principal: Identity, _ body: (ActingVaults) throws -> Result
    ) throws -> Result {
        try withVaultDirectory { try body($0.acting(as: principal)) }
    }

    /// Opens the vaults for `body`, which makes vaults or keys: not beside a store whose own vaults aren't there, who would
    /// have others in their place.
    func withVaultsToFill<Result>(
        as principal: Identity, _ body: (ActingVaults) throws -> Result
    ) throws -> Result {
        // Vaults that are named alone may well be another store's.
        if vaults == nil || store != nil || home != nil, let open = try? openStore() {
            defer { try? open.close() }
            try open.requireVaults()
        }
        return try withVaults(as: principal, body)
    }

    /// Opens the vaults for `body`, and no store.
    func withVaultDirectory<Result>(
        _ body: (VaultDirectory) throws -> Result
    ) throws -> Result {
        let library: CryptoLibrary
        do throws(CryptoError) {
            library = try CryptoLibrary.load(requireFIPS: requiresFIPS)
        } catch {
            throw Failure(error)
        }
        let vaults = try VaultDirectory.open(
            path: location().vaults, rootKey: rootKeySource(), library: library)
        defer { vaults.close() }
        return try body(vaults)
    }
}
