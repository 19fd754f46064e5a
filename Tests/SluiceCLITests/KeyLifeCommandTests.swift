internal import Foundation
internal import TestSupport
internal import Testing

@testable import SluiceCLI

/// Commands that change what keys and vaults there are and who may use them.
@Suite struct KeyLifeCommandTests {
    /// Somebody who is no store.
    private static let alice = "a11ce000-2222-3333-4444-555555555555"

    let home: CommandHome
    let id = "https://default.vault.localhost/keys/mine"

    init() throws {
        home = try CommandHome()
        #expect(try home.sluice("keyvault", "key", "create", "--name", "mine").exitCode == 0)
    }

    private func currentKID() throws -> String {
        let bundle = try object(try home.text("keyvault", "key", "show", "--id", id, "--json"))
        return try #require((bundle["key"] as? [String: Any])?["kid"] as? String)
    }

    @Test func `a key is rotated by name or identifier`() throws {
        let first = try currentKID()
        #expect(try home.sluice("keyvault", "key", "rotate", "--name", "mine").exitCode == 0)
        let second = try currentKID()
        let rotated = try home.sluice("keyvault", "key", "rotate", "--id", first, "-g", "any")
        #expect(rotated.exitCode == 0)
        #expect(Set([first, second, try currentKID()]).count == 3)
        #expect(try home.sluice("keyvault", "key", "rotate", "--name", "none").exitCode == 66)
        #expect(try home.sluice("keyvault", "key", "rotate").exitCode == 64)
        #expect(
            try home.sluice("keyvault", "key", "rotate", "--id", id, "--name", "mine").exitCode
                == 64)
        #expect(
            try home.sluice("keyvault", "key", "rotate", "--id", id, "--vault-name", "x").exitCode
                == 64)
    }

    @Test func `attributes are set and shown`() throws {
        let result = try home.sluice(
            "keyvault", "key", "set-attributes", "--name", "mine", "--expires",
            "2099-01-31T12:00Z", "--not-before", "1970-01-02", "--ops", "WRAPKEY", "unwrapKey",
            "--tags", "a=1", "--json")
        #expect(result.exitCode == 0, "\(result.errorText)")
        let bundle = try object(result.outputText)
        let attributes = try #require(bundle["attributes"] as? [String: Any])
        #expect(attributes["exp"] as? Int == 4_073_544_000)
        #expect(attributes["nbf"] as? Int == 86_400)
        let operations = (bundle["key"] as? [String: Any])?["key_ops"] as? [String]
        #expect(operations == ["wrapKey", "unwrapKey"])
        for arguments in [["--ops", "fly"], ["--ops", "get"], ["--expires", "soon"]] {
            let script = "\"$sluice\" keyvault key set-attributes --name mine "
            #expect(try home.shell(script + arguments.joined(separator: " ")).exitCode == 64)
        }
    }

    @Test(arguments: [
        ("2027-01-31", 1_801_353_600), ("2027-01-31T12:00Z", 1_801_396_800),
        ("2027-01-31T12:00:01Z", 1_801_396_801), ("2027-01-31T12:00:01z", 1_801_396_801),
        ("2027-01-31T12:00:00+02:00", 1_801_389_600), ("2027-01-31T12:00-00:30", 1_801_398_600),
        ("2028-02-29", 1_835_395_200), ("2000-02-29", 951_782_400), ("1970-01-01", 0),
        ("9999-12-31T23:59:59Z", 253_402_300_799),
    ])
    func `a moment is read as ISO 8601 has it`(text: String, seconds: Int) throws {
        #expect(try TimeArgument(argument: text).moment(of: "--expires") == seconds)
    }

    @Test(arguments: [
        "2026-02-30", "2025-02-29", "2100-02-29", "2026-04-31", "2026-00-10", "2026-13-01",
        "2026-01-00", "2026-1-1", "2026-01-01T24:00:00Z", "2026-01-01T23:60:00Z",
        "2016-12-31T23:59:60Z", "2026-01-01T00:00:00Zfoo", "2026-01-01 ", " 2026-01-01",
        "2026-01-01T", "2026-01-01T00:00:00", "2026-01-01T00:00", "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00+24:00",
        "9999999-01-01", "10000-01-01", "9999-12-31T23:59:59-00:01", "1969-12-31",
        "1970-01-01T00:00:00+00:01", "-001-01-01", "+2026-01-01", "9223372036854775807", "soon",
        "２０２６-01-01", "2026-01-01\u{0}",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(throws: (any Error).self) {
            try TimeArgument(argument: text).moment(of: "--expires")
        }
    }

    @Test func `a limit in time is taken back by an empty one`() throws {
        func attributes(_ arguments: String) throws -> [String: Any] {
            let result = try home.shell(
                "\"$sluice\" keyvault key set-attributes --name mine --json \(arguments)")
            #expect(result.exitCode == 0, "\(result.errorText)")
            return try #require(try object(result.outputText)["attributes"] as? [String: Any])
        }
        let set = try attributes("--expires 2099-01-31 --not-before 2027-01-31")
        #expect(set["exp"] != nil && set["nbf"] != nil)
        let first = try attributes("--expires ''")
        #expect(first["exp"] == nil && first["nbf"] != nil)
        #expect(try attributes("--not-before ''")["nbf"] == nil)
        // A time without a zone is told how to be written.
        let unzoned = try home.sluice(
            "keyvault", "key", "set-attributes", "--name", "mine", "--expires",
            "2027-01-31T12:00:00")
        #expect(unzoned.exitCode == 64)
        #expect(unzoned.errorText.contains("2027-01-31T12:00:00Z"))
    }

    @Test func `a version that is disabled tells so until it is enabled`() throws {
        let kid = try currentKID()
        let version = String(try #require(kid.split(separator: "/").last))
        let disable = try home.sluice(
            "keyvault", "key", "set-attributes", "--name", "mine", "--version", version,
            "--enabled", "false")
        #expect(disable.exitCode == 0)
        let show = try home.sluice("keyvault", "key", "show", "--name", "mine", "--json")
        #expect(show.exitCode == 0)
        let shown = try #require(try object(show.outputText)["attributes"] as? [String: Any])
        #expect(shown["enabled"] as? Bool == false)
        #expect(
            try home.sluice(
                "keyvault", "key", "set-attributes", "--id", kid, "--enabled", "true"
            ).exitCode == 0)
        #expect(try currentKID() == kid)
    }

    @Test func `a key is deleted, listed, recovered and kept from a purge`() throws {
        let deleted = try object(
            try home.text("keyvault", "key", "delete", "--name", "mine", "--json"))
        #expect(
            deleted["recoveryId"] as? String
                == "https://default.vault.localhost/deletedkeys/mine")
        #expect(try home.sluice("keyvault", "key", "show", "--name", "mine").exitCode == 77)
        #expect(try home.sluice("keyvault", "key", "create", "--name", "mine").exitCode == 77)
        let listed = try objects(try home.text("keyvault", "key", "list-deleted", "--json"))
        #expect(listed.compactMap { $0["kid"] as? String } == [id])
        let purge = try home.sluice("keyvault", "key", "purge", "--name", "mine", "--json")
        #expect(purge.exitCode == 77)
        #expect(try errorCode(purge) == "purgeProtected")
        #expect(try home.sluice("keyvault", "key", "recover", "--name", "mine").exitCode == 0)
        #expect(try home.sluice("keyvault", "key", "recover", "--name", "mine").exitCode == 66)
        #expect(try home.sluice("keyvault", "key", "show", "--name", "mine").exitCode == 0)
    }

    @Test func `with a version that version is deleted, and what the service does is said`()
        throws
    {
        let first = try currentKID()
        #expect(try home.sluice("keyvault", "key", "rotate", "--name", "mine").exitCode == 0)
        let second = try currentKID()
        // As the service's documentation has it.
        let result = try home.sluice(
            "keyvault", "key", "delete", "--vault-name", "default", "--id", second)
        #expect(result.exitCode == 0)
        #expect(result.outputText.contains("Azure"))
        #expect(try currentKID() == first)
        #expect(try home.sluice("keyvault", "key", "recover", "--id", second).exitCode == 0)
        #expect(try currentKID() == second)
    }

    @Test func `a rotation policy is set from text or a file, and shown`() throws {
        let policy = """
            {"lifetimeActions": [{"trigger": {"timeAfterCreate": "P90D"},
            "action": {"type": "rotate"}}], "attributes": {"expiryTime": "P2Y"}}
            """
        try home.files.write(Array(policy.utf8), to: "policy.json")
        for value in [policy, "policy.json", "@policy.json"] {
            let result = try home.sluice(
                "keyvault", "key", "rotation-policy", "update", "--name", "mine", "--value", value)
            #expect(result.exitCode == 0, "\(result.errorText)")
        }
        let shown = try object(
            try home.text("keyvault", "key", "rotation-policy", "show", "--id", id, "--json"))
        #expect((shown["attributes"] as? [String: Any])?["expiryTime"] as? String == "P2Y")
        for value in ["{", "{}", "missing.json"] {
            let result = try home.sluice(
                "keyvault", "key", "rotation-policy", "update", "--name", "mine", "--value", value)
            #expect(result.exitCode == (value == "missing.json" ? 66 : 64))
        }
    }

    @Test func `an identity acts with its permissions and is told which one it lacks`() throws {
        func delete() throws -> CommandResult {
            try home.sluice(
                "keyvault", "key", "delete", "--name", "mine", "--as", Self.alice, "--json")
        }
        let refused = try delete()
        #expect(refused.exitCode == 77)
        #expect(try errorCode(refused) == "accessDenied")
        let details = try object(refused.errorText)["error"] as? [String: Any]
        let message = try #require(details?["message"] as? String)
        // The command that grants it can be copied.
        let command = try #require(message.split(separator: "`").dropFirst().first)
        #expect(command.hasSuffix("--key-permissions delete"))
        let grant = try home.shell(
            command.replacingOccurrences(of: "sluice ", with: "\"$sluice\" "))
        #expect(grant.exitCode == 0, "\(grant.errorText)")
        #expect(try delete().exitCode == 0)
        let show = try home.sluice("keyvault", "key", "list", "--as", Self.alice)
        #expect(show.exitCode == 77)
    }

    @Test func `policies are set, shown and deleted`() throws {
        let set = try home.sluice(
            "keyvault", "set-policy", "--resource-group", "g", "--name", "default", "--object-id",
            Self.alice.uppercased(), "--key-permissions", "get", "UNWRAPKEY", "--json")
        #expect(set.exitCode == 0, "\(set.errorText)")
        let vault = try object(try home.text("keyvault", "show", "--name", "default", "--json"))
        let properties = try #require(vault["properties"] as? [String: Any])
        let policies = try #require(properties["accessPolicies"] as? [[String: Any]])
        #expect(policies.compactMap { $0["objectId"] as? String } == [Self.alice])
        #expect(
            (policies.first?["permissions"] as? [String: Any])?["keys"] as? [String]
                == ["get", "unwrapKey"])
        let nobody = try home.sluice(
            "keyvault", "set-policy", "--name", "default", "--object-id", "alice",
            "--key-permissions", "get")
        #expect(nobody.exitCode == 64 && nobody.errorText.contains("a UUID, as "))
        func delete(_ arguments: String) throws -> Int32 {
            try home.shell("\"$sluice\" keyvault delete-policy --name default \(arguments)")
                .exitCode
        }
        #expect(try delete("--object-id \(Self.alice)") == 0)
        #expect(try delete("--object-id \(Self.alice)") == 66)
        #expect(try delete("") == 64)
        #expect(try delete("--object-id \(Self.alice) --key_id \(id)") == 64)
        #expect(
            try home.sluice(
                "keyvault", "set-policy", "--name", "default", "--object-id", Self.alice,
                "--key-permissions", "fly"
            ).exitCode == 64)
    }

    @Test func `a key that isn't there takes no access away`() throws {
        try home.makePrivateScope()
        try home.putPrivate([1], as: "x")
        for key in ["/nosuch", "/mine/00000000000000000000000000000000"] {
            let result = try home.sluice(
                "keyvault", "delete-policy", "--name", "default", "--key_id",
                "https://default.vault.localhost/keys\(key)")
            #expect(result.exitCode == 66)
            #expect(result.errorText.contains("it has 'mine'"), "\(result.errorText)")
            #expect(try home.getPrivate("x") == [1])
        }
        // One that is deleted may come back.
        _ = try home.text("keyvault", "key", "delete", "--name", "mine")
        try home.revoke()
        _ = try home.text("keyvault", "key", "recover", "--name", "mine")
        #expect(try home.getPrivate("x") == nil)
    }

    @Test func `the policy through which the store uses a key is deleted`() throws {
        try home.put([1], as: "x")
        let status = try object(try home.text("status", "--json"))
        let storeID = try #require(status["storeID"] as? String)
        var identity = storeID
        for offset in [20, 16, 12, 8] {
            identity.insert("-", at: identity.index(identity.startIndex, offsetBy: offset))
        }
        let delete = {
            try home.sluice(
                "keyvault", "delete-policy", "--resource-group", "g", "--name", "default",
                "--key_id", id)
        }
        #expect(try delete().exitCode == 66)
        let set = try home.sluice(
            "keyvault", "set-policy", "--name", "default", "--object-id", identity,
            "--key-permissions", "all")
        #expect(set.exitCode == 0)
        #expect(try delete().exitCode == 0)
        #expect(
            try home.sluice(
                "keyvault", "delete-policy", "--name", "other", "--key_id", id
            ).exitCode == 64)
    }

    @Test func `a vault is deleted, listed, recovered and kept from a purge`() throws {
        #expect(try home.sluice("keyvault", "delete", "--name", "default").exitCode == 0)
        #expect(try home.sluice("keyvault", "key", "show", "--name", "mine").exitCode == 77)
        #expect(try home.text("keyvault", "list-deleted").contains("default"))
        #expect(try home.sluice("keyvault", "purge", "--name", "default").exitCode == 77)
        #expect(try home.sluice("keyvault", "create", "--name", "default").exitCode == 77)
        #expect(try home.sluice("keyvault", "recover", "--name", "default").exitCode == 0)
        #expect(try home.sluice("keyvault", "key", "show", "--name", "mine").exitCode == 0)
        #expect(
            try home.sluice("keyvault", "delete", "--name", "default", "--as", Self.alice).exitCode
                == 77)
    }

    @Test func `the log tells what was done, and follows`() throws {
        let followed = try home.shell(
            """
            "$sluice" keyvault log --follow --json > followed &
            follower=$!
            "$sluice" keyvault key rotate --name mine > rotated
            "$sluice" keyvault key list --as \(Self.alice) 2> refused
            for _ in $(seq 600); do
                if (($(wc -l < followed) >= 3)); then break; fi
                sleep 0.1
            done
            kill "$follower"
            wait "$follower"
            cat followed
            """)
        let lines = try home.text("keyvault", "log", "--json").split(separator: "\n")
        let records = try lines.map { try object(String($0)) }
        #expect(records.compactMap { $0["operation"] as? String } == ["create", "rotate", "list"])
        #expect(
            records.compactMap { $0["outcome"] as? String } == ["ok", "ok", "accessDenied"])
        #expect(try home.text("keyvault", "log").contains(Self.alice))
        #expect(followed.outputText.split(separator: "\n") == lines)
    }

    @Test func `a time to wait is a number that is not negative`() throws {
        #expect(
            try home.sluice("keyvault", "key", "rotate", "--name", "mine", "--wait", "0").exitCode
                == 0)
        #expect(
            try home.sluice("keyvault", "key", "rotate", "--name", "mine", "--wait=-1").exitCode
                == 64)
    }
}
