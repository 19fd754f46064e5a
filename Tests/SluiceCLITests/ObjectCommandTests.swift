internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct ObjectCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `stat tells of an object`() throws {
        try home.put([UInt8](repeating: 1, count: 5000), as: "d/x")
        let text = try home.sluice("stat", "d/x")
        #expect(text.exitCode == 0)
        #expect(text.outputText.contains("5,000 bytes (4.9 KiB)"))
        let document = try object(try home.text("stat", "d/x", "--json"))
        #expect(document["name"] as? String == "d/x")
        #expect(document["byteCount"] as? Int == 5000)
        #expect((document["entityTag"] as? String)?.count == 32)
        #expect((document["keyIdentifier"] as? String)?.hasPrefix("https://platform.") == true)
        #expect(try home.sluice("stat", "no").exitCode == 66)
        #expect(try home.sluice("stat", "").exitCode == 64)
    }

    @Test func `rm removes, and goes on after a name that isn't there`() throws {
        for name in ["a", "b", "c"] { try home.put([1], as: name) }
        let result = try home.sluice("rm", "a", "missing", "b")
        #expect(result.exitCode == 66)
        #expect(result.outputText == "removed a\nremoved b\n")
        #expect(try home.text("ls") == "c\n")
        #expect(try home.sluice("rm").exitCode == 64)
        #expect(try home.sluice("rm", "").exitCode == 64)
    }

    @Test func `rm -r removes a tree and nothing beside it`() throws {
        for name in ["t", "t/a", "t/b/c", "tt", "u/t"] { try home.put([1], as: name) }
        let dry = try home.sluice("rm", "-r", "t", "--dry-run", "--json")
        #expect(dry.exitCode == 0)
        let names = try object(dry.outputText)["names"] as? [String]
        #expect(names?.sorted() == ["t", "t/a", "t/b/c"])
        #expect(try home.text("ls", "-r") == "t\nt/a\nt/b/c\ntt\nu/t\n")
        let result = try home.sluice("rm", "-r", "t", "--json")
        #expect(result.exitCode == 0)
        let removed = try object(result.outputText)
        #expect(removed["objectCount"] as? Int == 3)
        #expect((removed["names"] as? [String])?.sorted() == names?.sorted())
        #expect(try home.text("ls", "-r") == "tt\nu/t\n")
        #expect(try home.text("rm", "-r", "u") == "removed 1 object below u\n")
        #expect(try home.sluice("rm", "-r", "t").exitCode == 66)
    }

    @Test func `rm without -r leaves what is below`() throws {
        try home.put([1], as: "t/a")
        #expect(try home.sluice("rm", "t").exitCode == 66)
        #expect(try home.sluice("rm", "t/a", "--dry-run").exitCode == 0)
        #expect(try home.text("ls", "-r") == "t/a\n")
    }

    @Test func `cp seals anew and mv does not`() throws {
        let bytes = patternedBytes(100_000)
        try home.put(bytes, as: "a")
        #expect(try home.sluice("cp", "a", "b").exitCode == 0)
        #expect(try home.bytes("get", "b") == bytes)
        let moved = try home.sluice("mv", "b", "c", "--json")
        #expect(try object(moved.outputText)["name"] as? String == "c")
        #expect(try home.bytes("get", "c") == bytes)
        #expect(try home.sluice("get", "b").exitCode == 66)
        #expect(try home.bytes("get", "a") == bytes)
        #expect(try home.sluice("cp", "b", "d").exitCode == 66)
        #expect(try home.sluice("mv", "b", "d").exitCode == 66)
        #expect(try home.sluice("cp", "a").exitCode == 64)
        #expect(try home.sluice("mv", "a", "").exitCode == 64)
    }
}
