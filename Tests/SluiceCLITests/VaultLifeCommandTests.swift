internal import Foundation
internal import SluiceNative
internal import TestSupport
internal import Testing

/// Backups of keys and vaults, passphrases, and the root key.
@Suite struct VaultLifeCommandTests {
    let home: CommandHome

    init() throws { home = try CommandHome() }

    private func write(_ text: String, to name: String) throws {
        #expect(try home.shell("umask 077; printf '%s\\n' '\(text)' > \(name)").exitCode == 0)
    }

    @Test func `a key that was purged comes back, and what was under it can be read`() throws {
        #expect(
            try home.shell(
                """
                set -e
                "$sluice" keyvault create --name default
                "$sluice" keyvault key create --name mine
                """
            ).exitCode == 0)
        try home.permitStore()
        _ = try home.text("scope", "create", "private", "--key", CommandHome.key)
        try home.putPrivate([1, 2, 3], as: "x")
        let backup = ["keyvault", "key", "backup", "--vault-name", "default", "--name", "mine"]
        let made = try home.sluice(backup + ["--file", "mine.backup", "--json"])
        #expect(made.exitCode == 0, "\(made.errorText)")
        #expect(try object(made.outputText)["file"] as? String == "mine.backup")
        #expect(
            try FileManager.default.attributesOfItem(atPath: home.files.path("mine.backup"))[
                .posixPermissions] as? Int == 0o600)
        // A backup replaces nothing, and a key is not replaced.
        let bytes = try home.files.read("mine.backup")
        #expect(try home.sluice(backup + ["--file", "mine.backup"]).exitCode == 73)
        #expect(try home.files.read("mine.backup") == bytes)
        let restore = ["keyvault", "key", "restore", "--vault-name", "default", "--file"]
        let taken = try home.sluice(restore + ["mine.backup", "--json"])
        #expect(taken.exitCode == 73)
        #expect(try errorCode(taken) == "alreadyExists")

        // As if the vault had had no purge protection.
        let database = try Connection(
            path: home.directory.path("vaults/default/vault.db"), mode: .readWrite)
        try database.execute("UPDATE vault SET purge_protection = 0")
        database.close()
        _ = try home.text("keyvault", "key", "delete", "--name", "mine")
        _ = try home.text("keyvault", "key", "purge", "--name", "mine")
        #expect(try home.sluice("get", "x", "--scope", "private").exitCode == 69)
        let denied = try home.sluice(
            restore + ["mine.backup", "--as", "11111111-2222-3333-4444-555555555555"])
        #expect(denied.exitCode == 77)
        #expect(denied.errorText.contains("restore"))
        let restored = try home.sluice(restore + ["mine.backup", "--json"])
        #expect(restored.exitCode == 0, "\(restored.errorText)")
        #expect(
            ((try object(restored.outputText)["key"] as? [String: Any])?["kid"] as? String)?
                .hasPrefix(CommandHome.key) == true)
        #expect(try home.getPrivate("x") == [1, 2, 3])
        #expect(
            try home.text("keyvault", "log", "--name", "default").contains("restoreEnabled"))
    }

    @Test func `what is no backup is refused`() throws {
        _ = try home.text("keyvault", "create", "--name", "default")
        try write("nothing", to: "no.backup")
        let restore = try home.sluice(
            "keyvault", "restore", "--file", "no.backup", "--json")
        #expect(restore.exitCode == 65)
        #expect(try errorCode(restore) == "damaged")
        #expect(try home.sluice("keyvault", "key", "restore", "-f", "none").exitCode == 66)
        #expect(try home.sluice("keyvault", "key", "restore").exitCode == 64)
        #expect(
            try home.sluice("keyvault", "backup", "--name", "no-such", "--file", "x").exitCode
                == 66)
        #expect(!home.files.exists("x"))
    }

    @Test func `a store whose vault was lost comes back to life`() throws {
        try home.makePrivateScope()
        try home.putPrivate([4, 5, 6], as: "x")
        let backedUp = try home.sluice(
            "keyvault", "backup", "--vault-name", "default", "--file", "default.backup")
        #expect(backedUp.exitCode == 0, "\(backedUp.errorText)")
        _ = try home.text("scope", "create", "since", "--key", CommandHome.key)
        #expect(try home.shell("rm -r \"$SLUICE_HOME/vaults/default\"").exitCode == 0)
        #expect(try home.sluice("get", "x", "--scope", "private").exitCode == 69)
        let restored = try home.sluice("keyvault", "restore", "--file", "default.backup")
        #expect(restored.exitCode == 0, "\(restored.errorText)")
        #expect(restored.outputText.contains("policy"))
        #expect(try home.getPrivate("x") == [4, 5, 6])
        // What the vault doesn't vouch for is not believed.
        #expect(try home.sluice("ls", "--scope", "since").exitCode == 69)
    }

    @Test func `a passphrase is set, changed and removed`() throws {
        try home.put([7], as: "x")
        try write("correct horse", to: "first")
        try write("battery staple", to: "second")
        let passphrase = ["keyvault", "passphrase"]
        let set = try home.sluice(passphrase + ["set", "--new-passphrase-file", "first"])
        #expect(set.exitCode == 0, "\(set.errorText)")
        #expect(!home.directory.exists("vaults/root.key"))
        #expect(try home.sluice("get", "x").exitCode == 69)
        #expect(try home.bytes("get", "x", "--passphrase-file", "first") == [7])

        let none = try home.sluice(passphrase + ["change", "--new-passphrase-file", "second"])
        #expect(none.exitCode == 64)
        let change = try home.sluice(
            passphrase + [
                "change", "--passphrase-file", "first", "--new-passphrase-file", "second",
            ])
        #expect(change.exitCode == 0, "\(change.errorText)")
        #expect(try home.sluice("get", "x", "--passphrase-file", "first").exitCode == 69)
        #expect(try home.bytes("get", "x", "--passphrase-file", "second") == [7])

        let remove = try home.sluice(
            passphrase + ["remove", "--passphrase-file", "second", "--json"])
        #expect(remove.exitCode == 0, "\(remove.errorText)")
        #expect(try object(remove.outputText)["sealedUnder"] as? String == "keyFile")
        #expect(try home.bytes("get", "x") == [7])
        let again = try home.sluice(passphrase + ["remove"])
        #expect(again.exitCode == 73)
    }

    @Test func `the root key is changed`() throws {
        try home.put([8], as: "x")
        let key = try home.directory.read("vaults/root.key")
        let warned = try home.sluice("keyvault", "root-key", "rotate")
        #expect(warned.exitCode == 64)
        #expect(warned.errorText.contains("backups of keys and vaults that were made before"))
        #expect(warned.errorText.contains("--yes"))
        #expect(try home.directory.read("vaults/root.key") == key)
        let rotated = try home.sluice("keyvault", "root-key", "rotate", "--yes", "--json")
        #expect(rotated.exitCode == 0, "\(rotated.errorText)")
        #expect(try object(rotated.outputText)["keyVersionCount"] as? Int == 1)
        #expect(try home.directory.read("vaults/root.key") != key)
        #expect(try home.bytes("get", "x") == [8])
        #expect(
            try home.text("keyvault", "root-key", "rotate", "--yes")
                .contains("1 key version in 1 vault"))
        let denied = try home.sluice(
            "keyvault", "root-key", "rotate", "--yes", "--as",
            "11111111-2222-3333-4444-555555555555")
        #expect(denied.exitCode == 77)
    }
}
