internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice keyvault key import`.
struct KeyImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import an RSA-2048 private key, as a key or a new version of one.",
        usage: "sluice keyvault key import --name <key> --pem-file <file> [<options>]",
        discussion: """
            The file holds one unencrypted private key in PEM, PKCS #1 or PKCS #8.

            EXAMPLE:
              openssl genrsa 2048 > mine.pem
              sluice keyvault key import --name mine --pem-file mine.pem
            """)

    @OptionGroup var key: KeyOptions

    @Option(
        help: ArgumentHelp("The private key.", valueName: "file"), completion: .file())
    var pemFile: String

    @OptionGroup var options: KeySettingsOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let settings = try options.settings(for: id)
        let tags = try options.tags.dictionary(of: "--tags")
        guard let pem = try SecretFile(path: pemFile).read(byteCountLimit: Self.byteCountLimit)
        else {
            throw Failure(
                .invalidArgument,
                "'\(pemFile)' is too long for a key in PEM: name a file that holds one")
        }
        let bundle = try namingFile {
            try global.withVaults { vaults in
                try vaults.withDefaultVault(id.vault, as: actor.identity) {
                    try pem.withBytes { pem in
                        try vaults.importKey(
                            vault: id.vault, name: id.name, pem: pem, tags: tags,
                            settings: settings, as: actor.identity)
                    }
                }
            }
        }
        try global.output.print(bundle, text: bundle.text)
    }

    /// Runs `body`; what it finds wrong with the key is told of the file.
    private func namingFile<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as VaultError {
            guard error.code == .unsupportedKey || error.code == .malformedKey else { throw error }
            throw VaultError(error.code, "'\(pemFile)': \(error.message)")
        }
    }

    private static let byteCountLimit = 65_535
}
