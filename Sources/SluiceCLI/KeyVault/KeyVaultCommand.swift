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
            shapes. A vault here is a directory below HOME/vaults.
            """,
        subcommands: [
            KeyVaultCreateCommand.self, KeyVaultListCommand.self, KeyCommand.self,
        ])
}

/// `sluice keyvault create`.
struct KeyVaultCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a vault.",
        usage: "sluice keyvault create --name <vault> [<options>]")

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp(
            "3 to 24 letters, digits and hyphens, beginning with a letter.", valueName: "vault"))
    var name: String

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let vault = try global.withVaults { try $0.createVault(name: name) }
        try global.output.print(vault, text: "created \(vault.properties.vaultURI)\n")
    }
}

/// `sluice keyvault list`.
struct KeyVaultListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the vaults.",
        usage: "sluice keyvault list [<options>]")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let vaults = try global.withVaults { try $0.vaults() }
        var table = Table(.left, .left, titles: ["NAME", "URI"])
        for vault in vaults { table.append([vault.name, vault.properties.vaultURI]) }
        try global.output.print(vaults, text: table.text)
    }
}

extension GlobalOptions {
    /// Opens the vaults for `body`, and no store.
    func withVaults<Result>(_ body: (VaultDirectory) throws -> Result) throws -> Result {
        let library: CryptoLibrary
        do throws(CryptoError) {
            library = try CryptoLibrary.load(requireFIPS: requiresFIPS)
        } catch {
            throw Failure(error)
        }
        let vaults = try VaultDirectory.open(
            path: location.vaults, rootKey: rootKeySource ?? .file(), library: library)
        defer { vaults.close() }
        return try body(vaults)
    }
}
