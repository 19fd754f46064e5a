internal import ArgumentParser
internal import Sluice

/// `sluice encryption`.
struct EncryptionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encryption",
        abstract: "How a scope is encrypted: its key, and how it follows rotations.",
        usage: "sluice encryption <command> [--scope <name>] [<options>]",
        subcommands: [EncryptionShowCommand.self, EncryptionUpdateCommand.self])
}

/// `sluice encryption show`.
struct EncryptionShowCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show how a scope is encrypted.",
        usage: "sluice encryption show [--scope <name>] [<options>]")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let info = try global.session.read { try $0.scope(global.scopeName) }
        try global.output.print(ScopeDocument(info), text: info.text)
    }
}

/// `sluice encryption update`.
struct EncryptionUpdateCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change how a scope is encrypted; no object is touched.",
        usage: """
            sluice encryption update [--key <key-uri>] [--rewrap onRewrite|onRead]
                   [--poll-interval <time>] [--wrapping direct|intermediate]
                   [--identity <object-id>] [--scope <name>] [<options>]
            """,
        discussion: """
            A key with a version is pinned; one without is followed, whenever the vault has a \
            newer version. The key may be in any vault. New objects are sealed under the new key; \
            old ones stay under theirs until `sluice rewrap`, which also brings them to another \
            --wrapping. Who is killed while --identity is changed finds the scope closed until \
            the same is given again.

            EXAMPLES:
              sluice encryption update --scope private \\
                --key https://default.vault.localhost/keys/mine
              sluice encryption update --rewrap onRead    rewrap what is read, too
              sluice encryption update --poll-interval P1D
              sluice encryption update --wrapping intermediate && sluice rewrap
            """)

    @Option(
        help: ArgumentHelp("The key to move to.", valueName: "key-uri"),
        transform: KeyIdentifier.parse)
    var key: KeyIdentifier?

    @Option(help: "When objects come under the key in use, but for `sluice rewrap`.")
    var rewrap: RewrapMode?

    @Option(
        help: ArgumentHelp(
            "How often to look for a newer version: seconds, or as PT15M. 0: at once.",
            valueName: "time"), transform: SpanArgument.parse)
    var pollInterval: SpanArgument?

    @Option(help: "How data keys are wrapped from now on.")
    var wrapping: KeyWrapping?

    @Option(
        help: ArgumentHelp(
            "As whom its keys are asked for; the store's own identity for as the store.",
            valueName: "object-id"))
    var identity: String?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard
            key != nil || rewrap != nil || pollInterval != nil || wrapping != nil
                || identity != nil
        else {
            throw ValidationError(
                "say what to change: --key, --rewrap, --poll-interval, --wrapping or --identity")
        }
    }

    func run() throws {
        let identity = try identity.map { try UUIDText.parse($0) }
        let info = try global.session.write { store, _ in
            try store.updateScope(
                global.scopeName, key: key, rewrapMode: rewrap,
                pollInterval: (pollInterval?.seconds).map { .seconds($0) }, wrapping: wrapping,
                identity: identity.map { Identity(objectID: $0) })
        }
        try global.output.print(ScopeDocument(info), text: info.text)
    }
}
