internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct InitCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `it makes store, vaults and identity, and again leaves all as it is`() throws {
        let first = try object(try home.text("init", "--json"))
        #expect(first["isStoreNew"] as? Bool == true)
        #expect(first["areVaultsNew"] as? Bool == true)
        let identity = try object(try home.text("identity", "show", "--json"))
        #expect(first["objectId"] as? String == identity["objectId"] as? String)
        let rootKey = try home.directory.read("vaults/root.key")
        try home.put([1], as: "x")
        let second = try object(try home.text("init", "--json"))
        #expect(second["isStoreNew"] as? Bool == false)
        #expect(second["areVaultsNew"] as? Bool == false)
        #expect(second["objectId"] as? String == first["objectId"] as? String)
        #expect(try home.directory.read("vaults/root.key") == rootKey)
        #expect(try home.bytes("get", "x") == [1])
    }

    @Test func `the steps that it prints lead to a key of one's own`() throws {
        let lines = try home.text("init").components(separatedBy: "To hold the key yourself:\n")
        let steps = try #require(lines.last)
        let result = try home.shell(
            """
            set -e; sluice() { "$sluice" "$@" > log; }
            \(steps)
            printf x > f; sluice --scope private put f
            """)
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(try home.text("--scope", "private", "get", "f") == "x")
    }

    @Test func `places and root keys are where they are said to be`() throws {
        try home.files.write(Array("correct horse\n".utf8), to: "passphrase")
        #expect(try home.shell("chmod 600 passphrase").exitCode == 0)
        let result = try home.sluice(
            "init", "--store", "s", "--vaults", "v", "--passphrase-file", "passphrase")
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(home.files.exists("s/catalog.db"))
        #expect(!home.files.exists("v/root.key"))
        #expect(!home.directory.exists("store") && !home.directory.exists("vaults"))
        // Another root key is not believed because everything is there already.
        try home.files.write(Array("another\n".utf8), to: "passphrase")
        let again = try home.sluice(
            "init", "--store", "s", "--vaults", "v", "--passphrase-file", "passphrase")
        #expect(again.exitCode == 69, "\(again.errorText)")
        let apart = try home.sluice(
            "init", "--store", "s2", "--vaults", "v2", "--root-key", "key")
        #expect(apart.exitCode == 0, "\(apart.errorText)")
        #expect(home.files.exists("key") && !home.files.exists("v2/root.key"))
    }

    @Test func `several at once make one`() throws {
        let result = try home.shell(
            """
            for i in 1 2 3 4; do "$sluice" init --json > $i & done
            for job in $(jobs -p); do wait $job || exit 1; done
            grep -h objectId 1 2 3 4 | sort -u | wc -l
            """)
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(result.outputText == "1\n")
    }
}
