internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// `sluice keyvault key import`.
struct KeyImportCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import a private key, as a key or a new version of one.",
        usage: "sluice keyvault key import --name <key> --pem-file <file> [<options>]",
        discussion: """
            The file holds one unencrypted private key in PEM (PKCS #1, SEC 1 or PKCS #8): RSA of \
            2048, 3072 or 4096 bits, or EC on P-256, P-384, P-521 or P-256K. Of another form the error tells the command that converts it.

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
                .invalidArgument, "'\(pemFile)' is too long for a key in PEM",
                about: .file(pemFile), remedies: [.other("name a file that holds one")])
        }
        let form = pem.withBytes { KeyFileForm(of: $0) }
        let bundle = try namingFile(form) {
            try global.withVaultsToFill(as: actor.identity) { vaults in
                try VaultOption.filling(id.vault, of: vaults) {
                    try pem.withBytes { pem in
                        try vaults.importKey(
                            vault: id.vault, name: id.name, pem: pem, tags: tags,
                            settings: settings)
                    }
                }
            }
        }
        try global.output.print(bundle, text: bundle.text)
    }

    /// Runs `body`; what it finds wrong with the key is told of the file, and how to convert it.
    private func namingFile<Result>(
        _ form: KeyFileForm, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as VaultError {
            guard error.code == .unsupportedKey || error.code == .malformedKey else { throw error }
            let advice = form.advice(for: pemFile).map { [Remedy.other($0)] } ?? error.remedies
            throw VaultError(
                error.code, "'\(pemFile)': \(error.reason)", about: .file(pemFile),
                remedies: advice)
        }
    }

    private static let byteCountLimit = 65_535
}

extension KeyFileForm {
    /// How to come from a file in this form to one that can be imported; nil if it is one.
    fileprivate func advice(for path: String) -> String? {
        let file =
            "'"
            + path.split(separator: "'", omittingEmptySubsequences: false).joined(
                separator: "'\\''") + "'"
        // Never the file itself, which would be lost if the conversion fails.
        let output = path.hasSuffix("converted.pem") ? "converted-2.pem" : "converted.pem"
        func convert(_ command: String) -> String {
            "if it is such a key, `\(command)` writes it to \(output) as it can be imported: name that file, "
                + "and remove it afterwards"
        }
        switch self {
        case .pem, .other: return nil
        case .encryptedPEM: return convert("openssl pkey -in \(file) -out \(output)")
        case .openSSH:
            return convert("cp \(file) \(output) && ssh-keygen -p -m PEM -N '' -f \(output)")
        case .der: return convert("openssl pkey -inform DER -in \(file) -out \(output)")
        case .pkcs12: return convert("openssl pkcs12 -in \(file) -nocerts -nodes -out \(output)")
        case .publicKey, .certificate:
            return
                "nothing makes a private key of it, so name the file that holds the one that belongs to it"
        case .jwk:
            return
                "neither openssl nor ssh-keygen reads it, so have whatever wrote it write the key in PEM"
        }
    }
}
