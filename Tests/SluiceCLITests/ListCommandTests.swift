internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct ListCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `objects and directories are listed in byte order`() throws {
        for name in ["b", "a/x", "a/y/z", "a.txt", "é"] { try home.put([1], as: name) }
        #expect(try home.text("ls") == "a.txt\na/\nb\né\n")
        #expect(try home.text("ls", "a/") == "a/x\na/y/\n")
        #expect(try home.text("ls", "a") == "a.txt\na/\n")
        #expect(try home.text("ls", "-r", "a") == "a.txt\na/x\na/y/z\n")
        let none = try home.sluice("ls", "nothing")
        #expect(none.exitCode == 0)
        #expect(none.output.isEmpty)
    }

    @Test func `the long form has size and time`() throws {
        try home.put([UInt8](repeating: 0, count: 2048), as: "d/x")
        let line = try home.text("ls", "-l", "d/")
        #expect(line.hasPrefix("2.0 KiB  20"))
        #expect(line.hasSuffix("  d/x\n"))
        #expect(try home.text("ls", "-lr") == line)
    }

    @Test func `as JSON it is one array`() throws {
        #expect(try home.sluice("scope", "create", "empty").exitCode == 0)
        #expect(
            try objects(try home.text("--scope", "empty", "ls", "--json")).isEmpty)
        for name in ["a/x", "b"] { try home.put([1, 2], as: name) }
        let entries = try objects(try home.text("ls", "--json"))
        #expect(entries.count == 2)
        #expect(entries.first?["directory"] as? String == "a/")
        #expect(entries.last?["name"] as? String == "b")
        #expect(entries.last?["byteCount"] as? Int == 2)
    }

    @Test func `more objects than a page are listed`() throws {
        for index in 0..<1003 {
            try home.files.write([], to: "t/\(index)")
        }
        #expect(try home.sluice("put", "-r", "t", "--durability", "none").exitCode == 0)
        #expect(try home.text("ls", "t/").split(separator: "\n").count == 1004)
        #expect(try objects(try home.text("ls", "-r", "--json")).count == 1004)
    }

    @Test func `names steer no terminal and forge no line`() throws {
        let name = "a\u{1B}[31m\nb"
        try home.put([1], as: name)
        #expect(try home.text("ls") == "a\\u{1B}[31m\\nb\n")
        #expect(try home.text("ls", "-l").split(whereSeparator: \.isNewline).count == 1)
        #expect(try objects(try home.text("ls", "--json")).first?["name"] as? String == name)
        let shown = try home.shell(#"script -qec '"$sluice" ls' /dev/null"#).outputText
        #expect(!shown.contains("\u{1B}"))
        #expect(shown.split(whereSeparator: \.isNewline).count == 1)
    }

    @Test func `names in errors forge no line`() throws {
        try home.put([1], as: "x")
        let result = try home.sluice("get", "no\nsluice: forged\u{1B}[0m")
        #expect(result.exitCode == 66)
        #expect(result.errorText.split(whereSeparator: \.isNewline).count == 1)
        #expect(!result.errorText.contains("\u{1B}"))
        // The usage that the parser shows has its lines.
        let usage = try home.sluice("ls", "--nonsense")
        #expect(usage.errorText.split(whereSeparator: \.isNewline).count > 1)
    }
}
