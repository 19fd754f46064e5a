internal import ArgumentParser
internal import Sluice

/// `sluice keyvault key`.
struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Keys and their versions.",
        usage: "sluice keyvault key <command> [<options>]",
        subcommands: [
            KeyCreateCommand.self, KeyImportCommand.self, KeyListCommand.self,
            KeyListVersionsCommand.self, KeyShowCommand.self, KeySetAttributesCommand.self,
            KeyRotateCommand.self, KeyRetireCommand.self, RotationPolicyCommand.self,
            KeyDeleteCommand.self,
            KeyListDeletedCommand.self, KeyRecoverCommand.self, KeyPurgeCommand.self,
            KeyBackupCommand.self, KeyRestoreCommand.self,
        ])
}

extension VaultOption {
    /// Runs `body`, which makes a key in a vault; if that is the default one makes it, too, where it is missing.
    static func filling<Result>(
        _ vault: String, of vaults: ActingVaults, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as VaultError {
            guard error.code == .vaultNotFound, vault == defaultName else {
                throw error
            }
            do throws(VaultError) {
                _ = try vaults.createVault(name: vault)
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
        fields.append(["type", key.crv.map { "\(key.kty) \($0)" } ?? key.kty])
        fields.append(["enabled", attributes.enabled ? "yes" : "no"])
        fields.append(["created", "\(Timestamp(seconds: attributes.created).inTable) UTC"])
        if let nbf = attributes.nbf {
            fields.append(["not before", "\(Timestamp(seconds: nbf).inTable) UTC"])
        }
        if let exp = attributes.exp {
            fields.append(["expires", "\(Timestamp(seconds: exp).inTable) UTC"])
        }
        if key.crv == nil, Set(key.keyOperations) != Set(KeyOperation.ofKeys) {
            fields.append(["operations", key.keyOperations.map(\.rawValue).joined(separator: " ")])
        }
        for (name, value) in (tags ?? [:]).sorted(by: { $0.key < $1.key }) {
            fields.append(["tag", "\(name)=\(value)"])
        }
        return fields.text
    }
}

extension [KeyItem] {
    /// The keys for people.
    var text: String {
        var table = Table(
            .left, .left, .left, .left, .left,
            titles: ["KID", "ENABLED", "CREATED (UTC)", "NOT BEFORE (UTC)", "EXPIRES (UTC)"])
        for item in self {
            let times = [item.attributes.nbf, item.attributes.exp].map { seconds in
                seconds.map { Timestamp(seconds: $0).inTable } ?? "-"
            }
            table.append(
                [
                    item.kid.description, item.attributes.enabled ? "yes" : "no",
                    Timestamp(seconds: item.attributes.created).inTable,
                ] + times)
        }
        return table.text
    }
}
