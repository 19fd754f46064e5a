internal import Foundation
internal import SluiceNative
internal import TestSupport
internal import Testing

@Suite struct StoreCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `verify passes what is whole`() throws {
        try home.put([1], as: "small")
        try home.put(patternedBytes(400_000), as: "large")
        let result = try home.sluice("verify", "--json")
        #expect(result.exitCode == 0)
        let report = try object(result.outputText)
        #expect(report["objectCount"] as? Int == 2)
        #expect(report["byteCount"] as? Int == 400_001)
        #expect((report["findings"] as? [Any])?.isEmpty == true)
        #expect(try home.sluice("verify", "small").exitCode == 0)
        #expect(try home.sluice("verify", "--keyless").exitCode == 0)
    }

    @Test func `verify names what is damaged`() throws {
        try home.put([1], as: "small")
        try home.put(patternedBytes(400_000), as: "large")
        try home.damageBlobs()
        let result = try home.sluice("verify")
        #expect(result.exitCode == 65)
        #expect(result.outputText.contains("large: "))
        #expect(!result.outputText.contains("small: "))
        #expect(try home.sluice("verify", "small").exitCode == 0)
        #expect(try home.sluice("verify", "large").exitCode == 65)
        #expect(try home.sluice("get", "large").exitCode == 65)
    }

    @Test func `verify repairs what it can, and says what it moved`() throws {
        try home.put([1], as: "small")
        try home.put(patternedBytes(400_000), as: "large")
        let sound = try home.sluice("verify", "--repair")
        #expect(sound.exitCode == 0)
        #expect(sound.outputText == "nothing to repair\n")
        try home.damageBlobs()
        let result = try home.sluice("verify", "--repair", "--json")
        #expect(result.exitCode == 65)
        let report = try object(result.outputText)
        let findings = try #require(report["findings"] as? [[String: String]])
        #expect(findings.map { $0["subject"] } == ["large"])
        #expect(findings.map { $0["outcome"] } == ["moved"])
        #expect(report["lostAndFound"] as? String != nil)
        #expect(try home.sluice("verify").exitCode == 0)
        #expect(try home.sluice("get", "small").exitCode == 0)
        #expect(try home.sluice("get", "large").exitCode == 66)
        #expect(try home.sluice("verify", "--repair", "--keyless").exitCode == 0)
        #expect(try home.sluice("verify", "--repair", "small").exitCode == 64)
    }

    @Test func `verify goes on behind names that aren't there`() throws {
        try home.put([1], as: "small")
        try home.put(patternedBytes(400_000), as: "large")
        let result = try home.sluice("verify", "none", "small", "nothing")
        #expect(result.exitCode == 66)
        #expect(result.outputText.contains("none: not verified: "))
        #expect(result.outputText.contains("nothing: not verified: "))
        #expect(result.outputText.contains("looked at 1 object"))
        try home.damageBlobs()
        // What is damaged goes before what isn't there.
        #expect(try home.sluice("verify", "none", "large").exitCode == 65)
    }

    @Test func `verify goes on behind a scope whose key is refused`() throws {
        try home.makePrivateScope()
        try home.putPrivate([1], as: "secret")
        try home.put(patternedBytes(400_000), as: "large")
        try home.revoke()
        let result = try home.sluice("verify", "--json")
        #expect(result.exitCode == 77)
        #expect(try errorCode(result) == "accessDenied")
        let report = try object(result.outputText)
        let findings = try #require(report["findings"] as? [[String: String]])
        #expect(findings.map { $0["subject"] } == ["scope private"])
        #expect(findings.map { $0["refusal"] } == ["accessDenied"])
        #expect(findings.first?["problem"]?.contains("`sluice keyvault set-policy") == true)
        #expect(report["byteCount"] as? Int == 400_001)
        #expect(!result.outputText.contains("secret"))
        let text = try home.sluice("verify")
        #expect(text.exitCode == 77)
        #expect(text.outputText.hasPrefix("scope private: not verified: "))
        #expect(try home.sluice("verify", "secret", "--scope", "private").exitCode == 77)
        try home.damageBlobs()
        let damaged = try home.sluice("verify", "--json")
        #expect(damaged.exitCode == 65)
        #expect(try errorCode(damaged) == "integrity")
        let all = try #require(try object(damaged.outputText)["findings"] as? [[String: String]])
        #expect(all.first { $0["subject"] == "large" }?["refusal"] == nil)
        #expect(all.count == 2)
        try home.permitStore()
        #expect(try home.sluice("verify", "secret", "--scope", "private").exitCode == 0)
    }

    @Test func `what a repair took out is told by status and verify`() throws {
        try home.put(patternedBytes(400_000), as: "large")
        #expect(try object(try home.text("status", "--json"))["lostAndFound"] == nil)
        #expect(try !home.text("verify").contains("lost+found"))
        try home.damageBlobs()
        #expect(try home.sluice("verify", "--repair").exitCode == 65)
        let report = "store/lost+found/1/report.txt"
        #expect(home.directory.exists(report))
        for command in [["verify"], ["verify", "--keyless"], ["verify", "--repair"], ["status"]] {
            let line = command.joined(separator: " ")
            let result = try home.shell("\"$sluice\" \(line)")
            #expect(result.exitCode == 0, "\(line)")
            #expect(result.outputText.contains(home.directory.path(report)), "\(line)")
            #expect(result.outputText.contains("2 files"), "\(line)")
        }
        let status = try object(try home.text("status", "--json"))["lostAndFound"] as? [String: Any]
        #expect(status?["fileCount"] as? Int == 2)
        #expect((status?["reports"] as? [String])?.count == 1)
    }

    @Test func `verify without keys finds a truncated blob`() throws {
        try home.put(patternedBytes(400_000), as: "large")
        for name in home.directory.files(below: "store/blobs") {
            let bytes = try home.directory.read("store/blobs/\(name)")
            try home.directory.write(bytes.dropLast(1) + [], to: "store/blobs/\(name)")
        }
        #expect(try home.shell("rm -r \"$SLUICE_HOME/vaults\"").exitCode == 0)
        #expect(try home.sluice("verify", "--keyless").exitCode == 65)
        #expect(try home.sluice("verify", "--keyless", "large").exitCode == 64)
        #expect(try home.sluice("get", "large").exitCode == 69)
    }

    @Test func `blobs that were swapped are told`() throws {
        try home.put(patternedBytes(400_000, seed: 1), as: "a")
        try home.put(patternedBytes(400_000, seed: 2), as: "b")
        let names = home.directory.files(below: "store/blobs").map { "store/blobs/\($0)" }
        try #require(names.count == 2)
        let (first, second) = (
            try home.directory.read(names[0]), try home.directory.read(names[1])
        )
        try home.directory.write(second, to: names[0])
        try home.directory.write(first, to: names[1])
        #expect(try home.sluice("get", "a", "-o", "out").exitCode == 65)
        #expect(try home.sluice("get", "b", "-o", "out").exitCode == 65)
        #expect(!home.files.exists("out"))
    }

    @Test func `a damaged catalog is told`() throws {
        try home.put([1], as: "x")
        for name in home.directory.files(below: "store") where name.contains(".db") {
            try home.directory.write(patternedBytes(8192), to: "store/\(name)")
        }
        #expect(try home.sluice("get", "x").exitCode == 65)
        #expect(try home.sluice("put", "-", "--as", "y").exitCode == 65)
    }

    @Test func `status counts by scope`() throws {
        try home.put([1, 2, 3], as: "x")
        #expect(try home.sluice("scope", "create", "other").exitCode == 0)
        let status = try object(try home.text("status", "--json"))
        let scopes = try #require(status["scopes"] as? [[String: Any]])
        #expect(scopes.compactMap { $0["name"] as? String }.sorted() == ["default", "other"])
        let byName = scopes.first { $0["name"] as? String == "default" }
        let census = try #require(byName?["census"] as? [[String: Any]])
        #expect(census.first?["objectCount"] as? Int == 1)
        #expect(census.first?["byteCount"] as? Int == 3)
        #expect(try home.text("status").contains("other"))
    }

    @Test func `doctor needs no store and makes none`() throws {
        let result = try home.sluice("doctor", "--json")
        #expect(result.exitCode == 0)
        let report = try object(result.outputText)
        let libraries = try #require(report["libraries"] as? [String: Any])
        #expect((libraries["openSSL"] as? String)?.hasPrefix("OpenSSL 3") == true)
        #expect((libraries["sqlite"] as? String)?.hasPrefix("3.") == true)
        #expect((libraries["lz4"] as? String)?.hasPrefix("1.") == true)
        #expect((report["fileSystems"] as? [Any])?.count == 2)
        #expect(home.directory.files().isEmpty)
        #expect(try home.text("doctor").contains("OpenSSL 3"))
    }

    @Test func `doctor tells what keeps a store from being used`() throws {
        func warnings(_ arguments: String...) throws -> [String] {
            let report = try home.shell(
                "\"$sluice\" doctor --json \(arguments.joined(separator: " "))")
            #expect(report.exitCode == 0, "\(report.errorText)")
            return try #require(try object(report.outputText)["warnings"] as? [String])
        }
        // What is amiss with this machine is told in any case.
        let always = try warnings()
        try home.put([1], as: "x")
        #expect(try warnings() == always)
        #expect(try home.shell("chmod 640 \"$SLUICE_HOME/vaults/root.key\"").exitCode == 0)
        let exposed = try warnings()
        #expect(exposed.count == always.count + 1)
        #expect(exposed.last?.contains("`chmod 600 ") == true)
        #expect(try !home.text("doctor").contains("nothing amiss"))
        let elsewhere = try home.files.write([], to: "other.key")
        #expect(try home.shell("chmod 604 other.key").exitCode == 0)
        #expect(try warnings("--root-key", elsewhere).contains { $0.contains("other.key") })
        let catalog = try Connection(
            path: home.directory.path("store/catalog.db"), mode: .readWrite)
        try catalog.execute("PRAGMA user_version = 9")
        catalog.close()
        let newer = try warnings()
        #expect(newer.count == always.count + 2)
        #expect(newer.last?.contains("format 9") == true)
    }

    @Test func `what is planted in databases is told by doctor, and the advice helps`() throws {
        func plant(_ database: String, _ statement: String) throws {
            let connection = try Connection(
                path: home.directory.path(database), mode: .readWrite)
            defer { connection.close() }
            try connection.execute(statement)
        }
        try home.put([1], as: "x")
        // But the room on the disk, which others take meanwhile.
        func diagnosis() throws -> String {
            try home.text("doctor").split(separator: "\n").filter { !$0.contains(" free, ") }
                .joined(separator: "\n")
        }
        let always = try diagnosis()
        try plant(
            "vaults/platform/vault.db",
            "CREATE TRIGGER evil BEFORE DELETE ON policies BEGIN SELECT raise(IGNORE); END")
        try plant(
            "store/catalog.db",
            "CREATE TRIGGER bad BEFORE DELETE ON objects BEGIN SELECT raise(IGNORE); END")
        let told = try home.text("doctor")
        for name in ["'evil'", "'bad'"] { #expect(told.contains(name) && !always.contains(name)) }
        #expect(told.contains("`sluice keyvault repair --name platform`"))
        #expect(told.contains("`sluice verify --repair`"))
        #expect(try home.sluice("rm", "x").exitCode == 65)
        #expect(try home.sluice("backup", home.files.path("b")).exitCode == 65)
        // The store's repair can't open its objects before the vault's is done, and leaves them.
        #expect(try home.text("keyvault", "repair", "--name", "platform").contains("'evil'"))
        #expect(try home.sluice("verify", "--repair").exitCode == 0)
        #expect(try diagnosis() == always)
        #expect(try home.bytes("get", "x", "-o", "-") == [1])
        #expect(try home.sluice("rm", "x").exitCode == 0)
        #expect(try home.sluice("get", "x", "-o", "-").exitCode == 66)
    }

    @Test func `without the FIPS provider --require-fips fails closed`() throws {
        let configuration = try home.files.write([], to: "openssl.cnf")
        let result = try home.shell(
            """
            export OPENSSL_CONF=\(configuration) OPENSSL_MODULES=/nonexistent
            "$sluice" doctor --require-fips || exit $?
            """)
        #expect(result.exitCode == 69)
        let put = try home.shell(
            """
            export OPENSSL_CONF=\(configuration) OPENSSL_MODULES=/nonexistent
            "$sluice" --require-fips put - --as x < /dev/null
            """)
        #expect(put.exitCode == 69)
        // In words, and with the way out.
        for message in [result.errorText, put.errorText] {
            #expect(!message.contains("0x"), "\(message)")
            #expect(message.contains("`openssl fipsinstall`"), "\(message)")
        }
        #expect(!home.directory.exists("vaults"))
    }

    @Test func `a backup can be restored elsewhere`() throws {
        let bytes = patternedBytes(300_000)
        try home.put(bytes, as: "large")
        try home.put([1], as: "small")
        let backup = home.files.path("backup")
        #expect(try home.sluice("backup", backup).exitCode == 0)
        #expect(try home.sluice("rm", "large", "small").exitCode == 0)
        let store = home.files.path("restored")
        let restore = try home.sluice("restore", backup, "--store", store)
        #expect(restore.exitCode == 0, "\(restore.errorText)")
        #expect(try home.bytes("--store", store, "get", "large") == bytes)
        #expect(try home.sluice("--store", store, "verify").exitCode == 0)
        #expect(try home.sluice("restore", backup).exitCode == 73)
        let missing = try home.sluice("restore", "nope", "--store", home.files.path("new"))
        #expect(missing.exitCode == 66)
        #expect(missing.errorText.contains("'nope'"))
        #expect(try home.sluice("backup", backup).exitCode == 73)
        #expect(try home.sluice("restore", home.files.path("none")).exitCode == 66)
    }
}
