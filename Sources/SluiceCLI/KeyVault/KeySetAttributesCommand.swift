internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key set-attributes`.
struct KeySetAttributesCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-attributes",
        abstract: "Say what a key version may be used for, and when.",
        usage: "sluice keyvault key set-attributes --name <key> [--enabled false] [<options>]",
        discussion: """
            Without a version the newest is meant. A version that is disabled refuses everything. \
            Outside its times a version unwraps what it has wrapped, and wraps nothing.

            EXAMPLE:
              sluice keyvault key set-attributes --name mine --enabled false
            """)

    @OptionGroup var key: KeyOptions

    @Option(name: [.customShort("v"), .long], help: "The version: 32 hexadecimal digits.")
    var version: String?

    @Option(help: ArgumentHelp("Whether it may be used.", valueName: "true|false"))
    var enabled: Bool?

    @OptionGroup var times: KeyTimeOptions

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("What it may be used for, as wrapKey unwrapKey.", valueName: "operation")
    )
    var ops: [KeyOperationArgument] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Notes of yours, in place of those it has.", valueName: "key=value"),
        transform: KeyValueArgument.parse)
    var tags: [KeyValueArgument] = []

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        _ = try tags.dictionary(of: "--tags")
    }

    func run() throws {
        let id = try key.identifier(version: version)
        let changes = try KeyChanges(
            isEnabled: enabled, notBeforeSeconds: times.notBeforeSeconds,
            expiresSeconds: times.expiresSeconds, operations: ops.isEmpty ? nil : ops.operations,
            tags: tags.isEmpty ? nil : tags.dictionary(of: "--tags"), removing: times.removed)
        let change = try global.withVaults(as: actor.identity) { vaults in
            try vaults.updateKey(
                id, changes, waiting: confirmation.deadline)
        }
        try global.output.print(change.result, text: change.result.text)
        try confirmation.check(change)
    }
}
