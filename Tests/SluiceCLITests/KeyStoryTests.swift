internal import Foundation
internal import TestSupport
internal import Testing

/// The life of a key, as its owner lives it.
@Suite struct KeyStoryTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `a scope under a key that the store may not use is told how to permit it`() throws {
        #expect(try home.sluice("keyvault", "key", "create", "--name", "mine").exitCode == 0)
        func create() throws -> CommandResult {
            try home.sluice("scope", "create", "private", "--key", CommandHome.key)
        }
        let refused = try create()
        #expect(refused.exitCode == 77)
        // The message has one command, which grants it, and can be copied.
        let parts = refused.errorText.split(separator: "`", omittingEmptySubsequences: false)
        #expect(parts.count == 3, "\(refused.errorText)")
        let command = try #require(parts.dropLast().last)
        #expect(command.hasPrefix("sluice keyvault set-policy"))
        let permit = command.replacingOccurrences(of: "sluice ", with: "\"$sluice\" ")
        #expect(try home.shell(permit).exitCode == 0)
        #expect(try create().exitCode == 0)
        try home.putPrivate([1], as: "x")
        #expect(try home.getPrivate("x") == [1])
        // So does a read that is refused.
        try home.revoke()
        let read = try home.sluice("get", "x", "--scope", "private", "--json")
        #expect(read.exitCode == 77)
        #expect(try errorCode(read) == "accessDenied")
        #expect(read.errorText.contains(command))
        #expect(try home.shell(permit).exitCode == 0)
        #expect(try home.getPrivate("x") == [1])
    }

    @Test func `from a vault of one's own to a revocation and back`() throws {
        let script = try home.shell(
            """
            set -euo pipefail
            key=https://team.vault.localhost/keys/master
            refused() { "$@" 2> error && exit 1; (($? == 77)); grep -q '`sluice ' error; }

            "$sluice" keyvault create --name team
            "$sluice" keyvault key create --vault-name team --name master
            printf none | "$sluice" put - --as first
            identity=$("$sluice" identity show --json | grep -oE '[0-9a-f-]{36}')
            permit() {
                "$sluice" keyvault set-policy --name team --object-id "$identity" \\
                    --key-permissions get wrapKey unwrapKey
            }
            permit
            SCOPE=private
            "$sluice" scope create $SCOPE --key $key
            printf old | "$sluice" --scope $SCOPE put - --as report
            old=$("$sluice" --scope $SCOPE stat report --json | grep -oE "$key/[0-9a-f]{32}")

            "$sluice" keyvault key rotate --vault-name team --name master
            printf new | "$sluice" --scope $SCOPE put - --as other
            "$sluice" status | grep -E "$old +1 "
            "$sluice" --scope $SCOPE rewrap
            "$sluice" status | grep -E "$old +0 "
            "$sluice" keyvault key set-attributes --id "$old" --enabled false
            "$sluice" status | grep -E "$old +0 .*retired"
            test "$("$sluice" --scope $SCOPE get report)" = old

            "$sluice" --scope $SCOPE pin report
            pin=$("$sluice" pins | awk 'NR == 2 { print $1 }')
            "$sluice" keyvault delete-policy --resource-group g --name team --key_id $key
            refused "$sluice" --scope $SCOPE get report
            refused "$sluice" --scope $SCOPE ls
            test "$("$sluice" get --pin "$pin")" = old
            "$sluice" status | grep -E "refused: accessDenied +refused: accessDenied"
            test "$("$sluice" --scope $SCOPE ls --ids | wc -l)" = 2
            "$sluice" --scope $SCOPE rm --id "$("$sluice" --scope $SCOPE ls --ids | tail -n 1)"

            permit
            test "$("$sluice" --scope $SCOPE get report)" = old
            test "$("$sluice" --scope $SCOPE ls)" = report
            new=$("$sluice" --scope $SCOPE stat report --json | grep -oE "$key/[0-9a-f]{32}")
            "$sluice" keyvault key delete --vault-name team --id "$new" | grep Azure
            refused "$sluice" --scope $SCOPE get report
            "$sluice" keyvault key recover --id "$new"
            test "$("$sluice" --scope $SCOPE get report)" = old
            "$sluice" keyvault delete --name team
            refused "$sluice" --scope $SCOPE get report
            "$sluice" keyvault recover --name team
            test "$("$sluice" --scope $SCOPE get report)" = old
            echo done
            """)
        #expect(script.exitCode == 0, "\(script.outputText)\(script.errorText)")
        #expect(script.outputText.hasSuffix("done\n"))
    }

    @Test func `an old version that is disabled too early takes only what is under it`() throws {
        try home.makePrivateScope()
        try home.putPrivate([1], as: "old")
        let old = try #require(try home.census().keys.first)
        let new = try home.rotate()
        try home.putPrivate([2], as: "new")
        _ = try home.text("keyvault", "key", "set-attributes", "--id", old, "--enabled", "false")
        #expect(try home.getPrivate("old") == nil)
        #expect(try home.getPrivate("new") == [2])
        let census = try home.census()
        #expect(census[old]?["isReadable"] as? Bool == false)
        #expect(census[old]?["objectCount"] as? Int == 1)
        #expect(census[new]?["isReadable"] as? Bool == true)
        #expect(census[new]?["isInUse"] as? Bool == true)
        #expect(census[new]?["isWritable"] as? Bool == true)
    }

    @Test func `a version that has expired is read, and not put under`() throws {
        try home.makePrivateScope()
        try home.putPrivate([1], as: "x")
        let key = try #require(try home.census().keys.first)
        _ = try home.text(
            "keyvault", "key", "set-attributes", "--id", key, "--expires", "2020-01-01")
        #expect(try home.getPrivate("x") == [1])
        #expect(
            try home.sluice("put", "-", "--as", "y", "--scope", "private").exitCode == 77)
        let state = try home.census()[key]
        #expect(state?["isReadable"] as? Bool == true)
        #expect(state?["isWritable"] as? Bool == false)
        #expect((state?["refusal"] as? [String: Any])?["code"] as? String == "keyExpired")
    }
}
