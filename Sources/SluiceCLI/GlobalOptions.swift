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
    }

    /// The scope to work in.
    var scopeName: ScopeName { scope ?? .default }

    /// Where results go.
    var output: Output { Output(isJSON: isJSON) }

    /// Where the store and the vaults are.
    var location: StoreLocation {
        var location = StoreLocation(home: home ?? StoreLocation.defaultHome())
        if let store { location.store = store }
        if let vaults { location.vaults = vaults }
        return location
    }

    /// How to open the store.
    var storeOptions: StoreOptions {
        var options = StoreOptions()
        options.createIfMissing = false
        options.requireFIPS = requiresFIPS
        options.rootKey = rootKeySource
        return options
    }

    /// Where the root key comes from; nil for the vaults' own file. Options go before variables.
    var rootKeySource: RootKeySource? {
        if let rootKey { return .file(path: rootKey) }
        if let passphraseFile { return PassphraseFile(path: passphraseFile).rootKey }
        if let path = Self.variable("SLUICE_ROOT_KEY") { return .file(path: path) }
        return Self.variable("SLUICE_PASSPHRASE_FILE").map { PassphraseFile(path: $0).rootKey }
    }

    /// An environment variable; one that is empty counts as not set.
    private static func variable(_ name: String) -> String? {
        Environment.variable(name).flatMap { $0.isEmpty ? nil : $0 }
    }
}
