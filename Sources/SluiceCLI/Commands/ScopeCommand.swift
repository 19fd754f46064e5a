internal import ArgumentParser
internal import Sluice

/// `sluice scope`.
struct ScopeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scope",
        abstract: "Scopes: separate names, each under a key of its own.",
        usage: "sluice scope <command> [<options>]",
        subcommands: [
            ScopeCreateCommand.self, ScopeListCommand.self, ScopeShowCommand.self,
            ScopeUpdateCommand.self, ScopeDeleteCommand.self,
        ])

    /// Scopes for people.
    static func table(_ scopes: [ScopeInfo]) -> String {
        var table = Table(
            .left, .right, .right, .left, titles: ["SCOPE", "OBJECTS", "SIZE", "KEY"])
        for scope in scopes {
            table.append([
                scope.name.description, "\(scope.objectCount)", Quantity.bytes(scope.byteCount),
                scope.currentKey.description,
            ])
        }
        return table.text
    }
}

/// `sluice scope create`.
struct ScopeCreateCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a scope.",
        usage: """
            sluice scope create <name> [--key <key-uri>]
                   [--wrapping direct|intermediate] [--identity <object-id>]
                   [<options>]
            """,
        discussion: """
            A key without a version means its newest enabled version, now and later. Without \
            --key it is the platform key. The store's identity, or the one that --identity names, \
            must be permitted to use the key: if it isn't, the error has the command that permits \
            it. The platform key is always asked for as the store. With --wrapping intermediate one key operation serves all objects under a key \
            version: for keys that are slow to use.

            EXAMPLE:
              sluice scope create private --key https://default.vault.localhost/keys/mine
            """)

    @Argument(
        help: "Lowercase letters, digits and hyphens; at most 63.", transform: ScopeName.parse)
    var name: ScopeName

    @Option(
        help: ArgumentHelp("The key to seal it under.", valueName: "key-uri"),
        transform: KeyIdentifier.parse)
    var key: KeyIdentifier?

    @Option(help: "How the data keys of its objects are wrapped.")
    var wrapping: KeyWrapping = .direct

    @Option(
        help: ArgumentHelp(
            "As whom the key is asked for, if not as the store.", valueName: "object-id"),
        transform: UUIDText.parse)
    var identity: String?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let info = try global.session.write(createIfMissing: true) { store, _ in
            try store.createScope(
                name, key: key, wrapping: wrapping,
                identity: identity.map { Identity(objectID: $0) })
        }
        try global.output.print(ScopeDocument(info), text: info.text)
    }
}

/// `sluice scope list`.
struct ScopeListCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the scopes.",
        usage: "sluice scope list [<options>]")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let scopes = try global.session.read { try $0.scopes() }
        try global.output.print(
            scopes.map { ScopeDocument($0) }, text: ScopeCommand.table(scopes))
    }
}

/// `sluice scope show`.
struct ScopeShowCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a scope: its key, and what is under which version of it.",
        usage: "sluice scope show [<name>] [<options>]")

    @Argument(help: "The scope; --scope, or default, without it.", transform: ScopeName.parse)
    var name: ScopeName?

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let info = try global.session.read { try $0.scope(name ?? global.scopeName) }
        try global.output.print(ScopeDocument(info), text: info.text)
    }
}

/// `sluice scope update`.
struct ScopeUpdateCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change what a scope keeps of what is overwritten or removed.",
        usage: """
            sluice scope update [<name>] [--versions true|false]
                   [--keep-removed <time>] [<options>]
            """,
        discussion: """
            What is kept already stays. `sluice encryption update` changes the key.

            EXAMPLES:
              sluice scope update --versions true      every state of an object stays
              sluice scope update --keep-removed P7D   a week to change one's mind: see undelete
            """)

    @Argument(help: "The scope; --scope, or default, without it.", transform: ScopeName.parse)
    var name: ScopeName?

    @Option(
        help: ArgumentHelp(
            "Whether objects that are overwritten or removed stay as versions.",
            valueName: "true|false"))
    var versions: Bool?

    @Option(
        help: ArgumentHelp(
            "How long what is removed can be brought back: seconds, or as P7D. 0: it can't.",
            valueName: "time"), transform: SpanArgument.parse)
    var keepRemoved: SpanArgument?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard versions != nil || keepRemoved != nil else {
            throw ValidationError("say what to change: --versions or --keep-removed")
        }
    }

    func run() throws {
        let info = try global.session.write { store, _ in
            let scope = name ?? global.scopeName
            var retention = try store.scope(scope).retention
            retention.keepsVersions = versions ?? retention.keepsVersions
            if let keepRemoved { retention.keepsRemovedFor = .seconds(keepRemoved.seconds) }
            return try store.updateScope(scope, retention: retention)
        }
        try global.output.print(ScopeDocument(info), text: info.text)
    }
}

/// `sluice scope delete`.
struct ScopeDeleteCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Remove a scope for good, with all objects in it.",
        usage: "sluice scope delete <name> --yes [<options>]",
        discussion: """
            Nothing brings them back, but for a backup. It takes no key, so it works while access \
            is revoked; pins stay. Without --yes it says what would be removed.

            EXAMPLE:
              sluice scope delete private --yes
            """)

    @Argument(help: "The scope.", transform: ScopeName.parse)
    var name: ScopeName

    @Flag(help: "Remove it; without this, say only what is in it.")
    var yes = false

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        guard yes else {
            let info = try global.session.read { try $0.scope(name) }
            try print(Result(info), "would remove")
            return
        }
        let removal = try global.session.write { store, _ in
            try store.removeScope(name, waiting: confirmation.deadline)
        }
        try print(Result(removal), "removed")
        if let confirmed = removal.confirmation { try confirmation.check(confirmed) }
    }

    private func print(_ result: Result, _ verb: String) throws {
        let isDefault = name == .default
        try global.output.print(
            result,
            text: """
                \(verb) the scope '\(result.scope)' with \(Quantity.count(result.objects, "object")), \
                \(Quantity.bytes(result.bytes))
                \(isDefault ? "the next put without --scope makes it anew, under the platform's key\n" : "")
                """)
    }

    /// What was removed, or would be.
    private struct Result: Encodable {
        let scope: String
        let objects: Int
        let bytes: Int
        let isRemoved: Bool

        init(_ info: ScopeInfo) {
            (scope, objects, bytes) = (info.name.description, info.objectCount, info.byteCount)
            isRemoved = false
        }

        init(_ removal: ScopeRemoval) {
            (scope, objects, bytes) = (
                removal.name.description, removal.objectCount, removal.byteCount
            )
            isRemoved = true
        }
    }
}
