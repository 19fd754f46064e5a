internal import ArgumentParser
internal import Sluice

/// What the commands take that make a key version.
struct KeySettingsOptions: ParsableArguments {
    /// What keeps a key.
    enum Protection: String, CaseIterable, ExpressibleByArgument {
        case software, hsm
    }

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "What it may be used for, as wrapKey unwrapKey. (default: everything)",
            valueName: "operation"))
    var ops: [KeyOperationArgument] = []

    @Option(
        defaultAsFlag: SwitchArgument.on,
        help: ArgumentHelp("Whether to make it disabled.", valueName: "true|false"))
    var disabled: SwitchArgument?

    @OptionGroup var times: KeyTimeOptions

    @Option(
        name: [.customShort("p"), .long],
        help: ArgumentHelp("What keeps the key: software.", valueName: "protection"))
    var protection: Protection = .software

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Notes of yours.", valueName: "key=value"),
        transform: KeyValueArgument.parse)
    var tags: [KeyValueArgument] = []

    func validate() throws {
        _ = try tags.dictionary(of: "--tags")
        guard let disabled, disabled.isOn == nil else { return }
        throw ValidationError("--disabled takes true or false, not '\(disabled)'")
    }

    /// The settings of the version that is to be made.
    ///
    /// - Throws: `unsupportedKey` if hardware is to keep it.
    func settings(for key: KeyIdentifier) throws -> KeySettings {
        guard protection == .software else {
            throw VaultError(
                .unsupportedKey,
                "can't make \(key): hardware keys (--protection \(protection.rawValue)) are not "
                    + "supported yet", about: .key(key),
                remedies: [.other("leave --protection out")])
        }
        return try KeySettings(
            operations: ops.isEmpty ? nil : ops.operations,
            isEnabled: disabled?.isOn != true, notBeforeSeconds: times.notBeforeSeconds,
            expiresSeconds: times.expiresSeconds)
    }
}
