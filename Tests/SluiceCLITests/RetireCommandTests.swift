internal import Foundation
internal import SluiceNative
internal import TestSupport
internal import Testing

/// `key retire`, by several processes at once, ended anywhere, and of stores with copies.
@Suite struct RetireCommandTests {
    let home: CommandHome
    let old: String

    init() throws {
        home = try CommandHome()
        try home.makePrivateScope()
        try home.putPrivate([1], as: "a")
        let shown = try object(
            try home.text("keyvault", "key", "show", "--name", "mine", "--json"))
        old = try #require((shown["key"] as? [String: Any])?["kid"] as? String)
    }

    private func retire(_ more: String...) throws -> CommandResult {
        try home.shell("\"$sluice\" keyvault key retire --id \(old) \(more.joined(separator: " "))")
    }

    private func operations() throws -> [String] {
        let shown = try object(try home.text("keyvault", "key", "show", "--id", old, "--json"))
        return try #require((shown["key"] as? [String: Any])?["key_ops"] as? [String])
    }

    /// Changes a database behind everybody's back.
    private func change(_ name: String, _ sql: String) throws {
        let database = try Connection(path: home.directory.path(name), mode: .readWrite)
        defer { database.close() }
        try database.execute(sql)
        try #require(database.changedRowCount > 0, "\(sql)")
    }

    /// Rotates, and puts the scope's objects under the new version.
    private func leaveOld() throws {
        _ = try home.rotate()
        try home.putPrivate([2], as: "b")
        _ = try home.text("--scope", "private", "rewrap")
    }

    @Test func `two at once on a version in use leave it as it was`() throws {
        let before = try operations()
        for _ in 0..<8 {
            let two = try (0..<2).map { _ in
                try home.start("keyvault", "key", "retire", "--id", old)
            }
            for one in two { #expect(try one.wait().exitCode == 75) }
        }
        #expect(try operations() == before)
        try home.putPrivate([2], as: "b")
    }

    @Test func `killed anywhere, it leaves the version usable, or disabled`() throws {
        try leaveOld()
        let before = try operations()
        for trial in 0..<12 {
            _ = try home.text(
                "keyvault", "key", "set-attributes", "--id", old, "--enabled", "true")
            let running = try home.start("keyvault", "key", "retire", "--id", old)
            Thread.sleep(forTimeInterval: Double(trial) * 0.01)
            running.send(SIGKILL)
            _ = try running.wait()
            #expect(try operations() == before)
            let again = try retire()
            #expect(again.exitCode == 0, "\(again.errorText)")
        }
        #expect(try operations() == before)
        #expect(try home.getPrivate("a") == [1])
    }

    @Test func `one that died with the version in use is undone by the next put`() throws {
        let before = try operations()
        // What a process leaves that was killed while it asked.
        try change("vaults/default/vault.db", "UPDATE versions SET retiring = 1")
        try home.putPrivate([2], as: "b")
        #expect(try operations() == before)
        #expect(try retire().exitCode == 75)
        try home.putPrivate([3], as: "c")
    }

    @Test func `the log says what came of it, and status advises nothing about it`() throws {
        #expect(try home.shell("cp -a \"$SLUICE_HOME/store\" copy").exitCode == 0)
        #expect(try home.shell("\"$sluice\" --store copy status").exitCode == 0)
        try leaveOld()
        #expect(try retire().exitCode == 75)
        #expect(try home.shell("rm -r copy").exitCode == 0)
        #expect(try retire("--forget-store", home.files.path("copy")).exitCode == 0)
        let log = try home.text("keyvault", "log", "--name", "default").split(separator: "\n")
            .filter { $0.contains(" retire ") }
        #expect(log.count == 2)
        #expect(log.first?.contains("stillNeeded") == true, "\(log)")
        #expect(log.last?.contains(" ok ") == true, "\(log)")
        let status = try home.text("status")
        #expect(status.contains("  retired  -"), "\(status)")
        #expect(!status.contains("refused"), "\(status)")
        #expect(!status.contains("--enabled true"), "\(status)")
    }

    @Test func `counts are not believed`() throws {
        _ = try home.rotate()
        try home.putPrivate([2], as: "b")
        #expect(try retire().exitCode == 75)
        for change in [
            "update wrapped_keys set objects = 0", "update wrapped_keys set objects = -5",
            "update census set objects = 0", "delete from census",
        ] {
            try self.change("store/catalog.db", change)
            #expect(try retire().exitCode == 75, "\(change)")
        }
        #expect(try home.getPrivate("a") == [1])
    }

    @Test(arguments: ["status", "--scope private get a"])
    func `a copy of the store is asked once it was opened`(use: String) throws {
        #expect(try home.shell("cp -a \"$SLUICE_HOME/store\" copy").exitCode == 0)
        #expect(try home.shell("\"$sluice\" --store copy \(use)").exitCode == 0)
        try leaveOld()
        let refused = try retire()
        #expect(refused.exitCode == 75)
        #expect(refused.errorText.contains("/copy"))
        #expect(try home.shell("\"$sluice\" --store copy --scope private get a").output == [1])
        let swept = try home.shell("\"$sluice\" --store copy --scope private rewrap")
        #expect(swept.exitCode == 0, "\(swept.errorText)")
        #expect(try retire().exitCode == 0)
        for store in ["\"$SLUICE_HOME/store\"", "copy"] {
            let script = "\"$sluice\" --store \(store) --scope private get a"
            #expect(try home.shell(script).output == [1])
        }
    }

    @Test func `a store that is gone is forgotten when somebody says so`() throws {
        #expect(try home.shell("cp -a \"$SLUICE_HOME/store\" copy").exitCode == 0)
        #expect(try home.shell("\"$sluice\" --store copy status").exitCode == 0)
        try leaveOld()
        let path = home.files.path("copy")
        // While it is there it is asked.
        #expect(try retire("--forget-store", path).exitCode == 64)
        #expect(try home.shell("rm -r copy").exitCode == 0)
        let refused = try retire()
        #expect(refused.exitCode == 75)
        // The message has the command that helps.
        let parts = refused.errorText.split(separator: "`")
        let command = String(
            try #require(
                parts.last { $0.hasPrefix("sluice keyvault key retire") }, "\(refused.errorText)"))
        let helped = try home.shell(
            command.replacingOccurrences(of: "sluice keyvault", with: "\"$sluice\" keyvault"))
        #expect(helped.exitCode == 0, "\(helped.errorText)")
        #expect(try retire("--forget-store", "/nowhere").exitCode == 64)
    }
}
