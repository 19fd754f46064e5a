internal import Foundation
internal import TestSupport
internal import Testing

/// What works without a key: ids in place of names.
@Suite struct KeylessCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.makePrivateScope()
        for name in ["a", "b", "c"] { try home.putPrivate(Array(name.utf8), as: name) }
    }

    private func ids() throws -> [String] {
        try home.text("ls", "--ids", "--scope", "private").split(separator: "\n").map(String.init)
    }

    private func remove(_ arguments: String) throws -> CommandResult {
        try home.shell("\"$sluice\" rm --scope private --json \(arguments)")
    }

    @Test func `objects are listed and removed by id while access is revoked`() throws {
        let stat = try object(try home.text("stat", "b", "--scope", "private", "--json"))
        let tag = try #require(stat["id"] as? String)
        try home.revoke()
        #expect(try home.sluice("ls", "--scope", "private").exitCode == 77)
        #expect(try home.sluice("rm", "b", "--scope", "private").exitCode == 77)
        #expect(try ids().count == 3)
        #expect(try ids().contains(tag))
        let entries = try objects(
            try home.text("ls", "--ids", "--scope", "private", "--json"))
        #expect(entries.compactMap { $0["id"] as? String } == (try ids()))
        #expect(entries.allSatisfy { $0["byteCount"] as? Int == 1 })
        #expect(
            try home.text("ls", "--ids", "-l", "--scope", "private").contains(CommandHome.key))
        let removal = try remove("--id \(tag)")
        #expect(removal.exitCode == 0)
        #expect(try object(removal.outputText)["ids"] as? [String] == [tag])
        #expect(try ids().count == 2)
        try home.permitStore()
        #expect(try home.text("ls", "--scope", "private") == "a\nc\n")
    }

    @Test func `a verification without keys finds a blob that can't be read`() throws {
        // What can't be compressed has no table that would be read anyway.
        let put = try home.shell("head -c 300000 /dev/urandom | \"$sluice\" put - --as large")
        #expect(put.exitCode == 0, "\(put.errorText)")
        let blob = try home.shell("cd \"$SLUICE_HOME\"/store/blobs && find . -type f")
        let name = try #require(blob.outputText.split(separator: "/").last).dropLast()
        let result = try home.shell(
            "\(CommandHome.shim("CALL_SHIM_UNREADABLE='\(name)'")) \"$sluice\" verify --keyless")
        #expect(result.exitCode == 74, "\(result.errorText)")
        #expect(result.outputText.contains("Input/output error"), "\(result.outputText)")
    }

    @Test func `an id that isn't there is told, and the others go`() throws {
        let all = try ids()
        let missing = String(repeating: "0", count: 32)
        let result = try remove("--id \(all[0]) \(missing) \(all[1])")
        #expect(result.exitCode == 66)
        #expect(try errorCode(result) == "notFound")
        #expect(try ids() == [all[2]])
    }

    @Test func `ids and names don't mix`() throws {
        let id = try ids()[0]
        for arguments in ["", "a --id \(id)", "--id \(id) -r", "--id \(id) --dry-run", "--id x"] {
            #expect(try remove(arguments).exitCode == 64, "\(arguments)")
        }
        #expect(try home.sluice("ls", "--ids", "a").exitCode == 64)
        #expect(try home.sluice("ls", "--ids", "-r").exitCode == 64)
        #expect(try ids().count == 3)
    }

    @Test func `a scope without objects lists none, and a missing one is told`() throws {
        #expect(try home.sluice("scope", "create", "empty").exitCode == 0)
        #expect(try home.text("ls", "--ids", "--scope", "empty") == "")
        #expect(try objects(try home.text("ls", "--ids", "--scope", "empty", "--json")).isEmpty)
        #expect(try home.sluice("ls", "--ids", "--scope", "none").exitCode == 66)
    }
}
