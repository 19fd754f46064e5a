internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key`.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "RSA-2048 keys and their versions.",
        usage: "sluice keyvault key <command> [<options>]",
        subcommands: [
            KeyCreateCommand.self, KeyImportCommand.self, KeyListCommand.self,
            KeyListVersionsCommand.self, KeyShowCommand.self,
        ])
}

/// The vault that a key is in.
struct VaultOption: ParsableArguments {
    /// The vault that is meant when none is named; it is made when it is first needed.
    static let defaultName = "default"

    @Option(
        name: .customLong("vault-name"),
        help: ArgumentHelp("The vault.", valueName: "vault"))
    var name: String = Self.defaultName
}

/// The name of a key.
struct KeyNameOption: ParsableArguments {
    @Option(
        name: [.customShort("n"), .customLong("name")],
        help: ArgumentHelp("The key: letters, digits and hyphens.", valueName: "key"))
    var name: String
}

extension VaultDirectory {
    /// Runs `body`, which makes a key; for the default vault makes that, too, if it is missing.
    func withDefaultVault<Result>(
        _ vault: String, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as VaultError {
            guard error.code == .vaultNotFound, vault == VaultOption.defaultName else {
                throw error
            }
            do throws(VaultError) {
                _ = try createVault(name: vault)
            } catch {
                // Another process may have been faster.
                guard error.code == .alreadyExists else { throw error }
            }
            return try body()
        }
    }
}

extension KeyBundle {
    /// The key for people.
    var text: String {
        var fields = Table(.left, .left)
        fields.append(["kid", key.kid.description])
        fields.append(["type", key.kty])
        fields.append(["enabled", attributes.enabled ? "yes" : "no"])
        fields.append(["created", "\(Timestamp(seconds: attributes.created).inTable) UTC"])
        for (name, value) in (tags ?? [:]).sorted(by: { $0.key < $1.key }) {
            fields.append(["tag", "\(name)=\(value)"])
        }
        return fields.text
    }
}

extension [KeyItem] {
    /// The keys for people.
    var text: String {
        var table = Table(.left, .left, .left, titles: ["KID", "ENABLED", "CREATED (UTC)"])
        for item in self {
            let created = Timestamp(seconds: item.attributes.created).inTable
            table.append([item.kid.description, item.attributes.enabled ? "yes" : "no", created])
        }
        return table.text
    }
}
