internal import ArgumentParser
internal import Sluice

/// `sluice identity`.
struct IdentityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "identity",
        abstract: "Whom the store is towards its vaults.",
        usage: "sluice identity <command> [<options>]",
        discussion: """
            A store uses keys as an identity of its own, which their vaults' policies must name. \
            Switched off, it gets at no vault but the platform's: what is under the platform's key \
            can be read and written, and nothing else.

            EXAMPLE:
              sluice identity show
              sluice keyvault set-policy --name default --object-id <object-id> \\
                --key-permissions get wrapKey unwrapKey
            """,
        subcommands: [
            IdentityShowCommand.self, IdentityEnableCommand.self, IdentityDisableCommand.self,
        ])
}

/// `sluice identity show`.
struct IdentityShowCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the store's identity, and whether it is switched on.",
        usage: "sluice identity show [<options>]")

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let document = try global.session.read { store in
            IdentityDocument(
                objectId: store.identity.objectID,
                isEnabled: try store.vaults.isEnabled(store.identity))
        }
        try global.output.print(document, text: document.text(Advice(global)))
    }
}

/// `sluice identity enable`.
struct IdentityEnableCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "enable",
        abstract: "Let the store use its keys again.",
        usage: "sluice identity enable [--wait <seconds>] [<options>]")

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try IdentitySwitch(global: global, confirmation: confirmation).set(isEnabled: true)
    }
}

/// `sluice identity disable`.
struct IdentityDisableCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "disable",
        abstract: "Take the customers' keys away from the store, until it is enabled.",
        usage: "sluice identity disable [--wait <seconds>] [<options>]",
        discussion: """
            When it returns with 0, no process that uses the store gives out another byte of \
            plaintext that is under a key of a vault of yours. What is under the platform's key, \
            and what is pinned, is served on; and what is in scopes that ask as somebody else \
            (`scope create --identity`), which it names: take the policy of that one.
            """)

    @OptionGroup var confirmation: ConfirmationOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        try IdentitySwitch(global: global, confirmation: confirmation).set(isEnabled: false)
    }
}

/// An identity as `--json` prints it.
private struct IdentityDocument: Encodable {
    let objectId: String
    let isEnabled: Bool

    func text(_ advice: Advice) -> String {
        var fields = Table(.left, .left)
        fields.append(["object id", objectId])
        let remedy = advice.text(.change(.enableIdentity))
        fields.append(["enabled", isEnabled ? "yes" : "no: \(remedy)"])
        return fields.text
    }
}

/// Switches the store's identity on or off.
private struct IdentitySwitch {
    let global: GlobalOptions
    let confirmation: ConfirmationOptions

    func set(isEnabled: Bool) throws {
        let (others, identity, change) = try global.session.read { store in
            (
                ((try? store.scopes()) ?? []).filter { $0.identity != nil }, store.identity,
                try store.vaults.acting(as: .owner).setIdentity(
                    store.identity, isEnabled: isEnabled, waiting: confirmation.deadline)
            )
        }
        let document = IdentityDocument(objectId: identity.objectID, isEnabled: isEnabled)
        let notes = others.map { scope in
            "note: scope '\(scope.name)' asks as '\(scope.identity?.objectID ?? "")', and goes on\n"
        }
        try global.output.print(
            document,
            text: document.text(Advice(global)) + (isEnabled ? "" : notes.joined()))
        try confirmation.check(change)
    }
}
