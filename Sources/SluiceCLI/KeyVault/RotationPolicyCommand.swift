internal import ArgumentParser
internal import FoundationEssentials
internal import Sluice
internal import SluiceNative

/// `sluice keyvault key rotation-policy`.
struct RotationPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotation-policy",
        abstract: "When a key gets a new version by itself.",
        usage: "sluice keyvault key rotation-policy <command> [<options>]",
        subcommands: [RotationPolicyShowCommand.self, RotationPolicyUpdateCommand.self])
}

/// `sluice keyvault key rotation-policy show`.
struct RotationPolicyShowCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the rotation policy of a key.",
        usage: "sluice keyvault key rotation-policy show --name <key> [<options>]")

    @OptionGroup var key: KeyOptions
    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let policy = try global.withVaults(as: actor.identity) { vaults in
            try vaults.rotationPolicy(vault: id.vault, name: id.name)
        }
        try global.output.print(policy, text: policy.text)
    }
}

/// `sluice keyvault key rotation-policy update`.
struct RotationPolicyUpdateCommand: GlobalCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Give a key a rotation policy.",
        usage: "sluice keyvault key rotation-policy update --name <key> --value <policy>",
        discussion: """
            The policy is JSON, or a file that holds it. Its times are durations as P90D, P18M or \
            P2Y; each trigger has timeAfterCreate or timeBeforeExpiry. What is due happens when the \
            key is next used.

            EXAMPLE:
              sluice keyvault key rotation-policy update --name mine --value '{
                "lifetimeActions": [{"trigger": {"timeAfterCreate": "P90D"},
                                     "action": {"type": "Rotate"}}],
                "attributes": {"expiryTime": "P2Y"}}'
            """)

    @OptionGroup var key: KeyOptions

    @Option(
        help: ArgumentHelp("JSON, or a file of it.", valueName: "policy"), completion: .file())
    var value: String

    @OptionGroup var actor: ActorOptions
    @OptionGroup var global: GlobalOptions

    func run() throws {
        let id = try key.identifier()
        let policy = try policy()
        let updated = try global.withVaults(as: actor.identity) { vaults in
            try vaults.setRotationPolicy(
                policy, vault: id.vault, name: id.name)
        }
        try global.output.print(updated, text: updated.text)
    }

    private func policy() throws -> RotationPolicy {
        let isJSON = value.first { !$0.isWhitespace } == "{"
        let bytes = isJSON ? Array(value.utf8) : try fileBytes()
        do {
            return try JSONDecoder().decode(RotationPolicy.self, from: Data(bytes))
        } catch {
            throw Failure(
                .invalidArgument, "--value is not a rotation policy",
                remedies: [
                    .other(
                        "give JSON with lifetimeActions and attributes, as `sluice keyvault key "
                            + "rotation-policy update --help` shows")
                ])
        }
    }

    private func fileBytes() throws -> [UInt8] {
        // `az` takes the file's path with a sign before it, too.
        let path = value.hasPrefix("@") ? String(value.dropFirst()) : value
        var bytes = [UInt8](repeating: 0, count: Self.byteCountLimit)
        var span = bytes.mutableSpan
        let byteCount = try File.open(path).read(into: &span)
        return Array(bytes.prefix(byteCount))
    }

    private static let byteCountLimit = 65_536
}

extension RotationPolicy {
    /// The policy for people.
    fileprivate var text: String {
        var lines = lifetimeActions.map { action in
            let trigger = action.trigger
            let moment =
                trigger.timeAfterCreate.map { "\($0) after a version was made" }
                ?? trigger.timeBeforeExpiry.map { "\($0) before a version expires" } ?? "never"
            return "\(action.action.type.rawValue.lowercased()) \(moment)\n"
        }
        lines.append(
            attributes.expiryTime.map { "new versions expire after \($0)\n" }
                ?? "new versions don't expire\n")
        return lines.joined()
    }
}
