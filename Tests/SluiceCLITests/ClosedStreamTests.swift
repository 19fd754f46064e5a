internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct ClosedStreamTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `a closed standard input is an error and no empty object`() throws {
        try home.put([1], as: "x")
        let result = try home.shell(#""$sluice" put - --as x <&-"#)
        #expect(result.exitCode == 74)
        #expect(!result.errorText.isEmpty)
        #expect(try home.bytes("get", "x") == [1])
    }

    @Test(arguments: ["x", "empty"])
    func `a closed standard output is an error, for an object without bytes, too`(
        name: String
    ) throws {
        try home.put([1], as: "x")
        try home.put([], as: "empty")
        let result = try home.shell("\"$sluice\" get \(name) >&-")
        #expect(result.exitCode == 74)
        #expect(!result.errorText.isEmpty)
    }

    @Test func `no message gets into a file of the store, whichever streams are closed`() throws {
        try home.put([1], as: "x")
        try home.put(patternedBytes(300_000), as: "large")
        for closed in [
            "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-",
        ] {
            for command in [
                "get missing", "put missing", "nonsense", "ls -l", "put - --as y", "rm missing",
                "get large -o copy", "get large", "stat x", "status", "--help",
                "keyvault key show --vault-name platform --name platform",
            ] {
                try home.shell("\"$sluice\" \(command) \(closed)")
            }
        }
        #expect(try home.sluice("verify").exitCode == 0)
        #expect(try home.bytes("get", "x") == [1])
        #expect(try home.bytes("get", "large") == patternedBytes(300_000))
        #expect(try home.text("ls") == "large\nx\ny\n")
    }
}
