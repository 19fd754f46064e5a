internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// What every command takes, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The directory that holds store/ and vaults/.", valueName: "dir"),
        completion: .directory)
    var home: String?

    @Option(
        help: ArgumentHelp("The store, if it is elsewhere.", valueName: "dir"),
        completion: .directory)
    var store: String?

    @Option(
        help: ArgumentHelp("The vaults, if they are elsewhere.", valueName: "dir"),
        completion: .directory)
    var vaults: String?

    @Option(
        help: ArgumentHelp("The scope of the objects. (default: default)", valueName: "name"),
        transform: ScopeName.parse)
    var scope: ScopeName?

    @Option(
        help: ArgumentHelp("The root key, if it isn't vaults/root.key.", valueName: "file"),
        completion: .file())
    var rootKey: String?

    @Option(
        help: ArgumentHelp(
            "Seal the vaults under the passphrase in this file, its one line.", valueName: "file"),
        completion: .file())
    var passphraseFile: String?

    @Flag(name: .customLong("require-fips"), help: "Use OpenSSL's FIPS provider, or fail.")
    var requiresFIPS = false

    @Flag(name: .customLong("json"), help: "Print results and errors as JSON.")
    var isJSON = false

    func validate() throws {
        guard rootKey == nil || passphraseFile == nil else {
            throw ValidationError("--root-key and --passphrase-file exclude each other")
        }
        let paths = [
            ("--home", home), ("--store", store), ("--vaults", vaults), ("--root-key", rootKey),
            ("--passphrase-file", passphraseFile),
        ]
        // What an unset variable of a script's leaves is another place, not none.
        for (option, path) in paths where path?.isEmpty == true {
            throw ValidationError("\(option) is empty: name a path, or leave it out")
        }
    }

    /// Whether an option that can stand before a command's name takes the argument behind it; nil for an
    /// option that can't stand there.
    static func takesValue(_ option: String) -> Bool? {
        let name = option.prefix { $0 != "=" }
        if ["--home", "--store", "--vaults", "--scope", "--root-key", "--passphrase-file"]
            .contains(name)
        {
            return name.count == option.count
        }
        return ["--json", "--require-fips", "--help", "-h", "--version"].contains(option)
            ? false : nil
    }

    /// The scope to work in.
    var scopeName: ScopeName { scope ?? .default }

    /// The session of the command with these options.
    var session: Session { Session(options: self) }

    /// Where results go.
    var output: Output { Output(isJSON: isJSON) }

    /// Where the store and the vaults are.
    func location() throws(StoreError) -> StoreLocation {
        var location =
            if let store, let vaults {
                StoreLocation(store: store, vaults: vaults)
            } else if let home {
                StoreLocation(home: home)
            } else {
                StoreLocation(home: try StoreLocation.defaultHome())
            }
        if let store { location.store = store }
        if let vaults { location.vaults = vaults }
        if store != nil || vaults != nil { try location.requireApart() }
        return location
    }

    /// The options that say where the store and the vaults are and how they are opened, as they were given.
    func givenPlaces(store other: String? = nil) -> [String] {
        let places = [
            ("--home", home), ("--store", other ?? store), ("--vaults", vaults),
            ("--root-key", rootKey), ("--passphrase-file", passphraseFile),
        ]
        return places.flatMap { name, path in path.map { AdvisedCommand.option(name, $0) } ?? [] }
            + (requiresFIPS ? ["--require-fips"] : [])
    }

    /// Opens the store.
    func openStore(
        createIfMissing: Bool = false, durability: Durability = .full
    ) throws(StoreError) -> Store {
        var options = storeOptions
        options.createIfMissing = createIfMissing
        options.durability = durability
        return try Store.open(location(), rootKey: rootKeySource(), options: options)
    }

    /// How to open the store, but for what a command decides.
    var storeOptions: StoreOptions {
        var options = StoreOptions()
        options.requireFIPS = requiresFIPS
        return options
    }

    /// Where the root key comes from. Options go before variables.
    func rootKeySource() throws(StoreError) -> RootKeySource {
        if let rootKey { return .file(path: rootKey) }
        if let passphraseFile { return PassphraseFile(path: passphraseFile).rootKey }
        if let path = try Self.variable("SLUICE_ROOT_KEY") { return .file(path: path) }
        let file = try Self.variable("SLUICE_PASSPHRASE_FILE")
        return file.map { PassphraseFile(path: $0).rootKey } ?? .file()
    }

    /// An environment variable; one that is empty counts as not set.
    private static func variable(_ name: String) throws(StoreError) -> String? {
        do throws(SystemError) {
            return try Environment.variable(name).flatMap { $0.isEmpty ? nil : $0 }
        } catch {
            throw StoreError(
                .invalidArgument, "can't use \(error.path ?? name): \(error.reason)", cause: error)
        }
    }
}
