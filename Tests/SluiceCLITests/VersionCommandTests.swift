import TestSupport
import Testing

@Suite struct VersionCommandTests {
    private let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.files.write(Array("one".utf8), to: "f")
        _ = try home.text("put", "f")
    }

    private func versions(_ name: String) throws -> [[String: Any]] {
        try objects(try home.text("versions", name, "--json"))
    }

    private func put(_ text: String) throws {
        try home.files.write(Array(text.utf8), to: "f")
        _ = try home.text("put", "f")
    }

    @Test func `a snapshot is got, shown, copied and removed by its time`() throws {
        let made = try home.text("snapshot", "f")
        #expect(made.hasPrefix("kept f as it is at 2"))
        try put("two")
        let id = try #require(try versions("f").first?["version"] as? String)
        #expect(made.contains(id))
        #expect(try home.text("get", "f", "--at", id) == "one")
        #expect(try home.text("stat", "f", "--at", id).contains("f@\(id)"))
        #expect(try home.text("versions", "f").contains(id))
        #expect(try home.text("versions", "-r").contains(id))
        _ = try home.text("cp", "f", "g", "--at", id)
        #expect(try home.text("get", "g") == "one")
        #expect(try home.text("pin", "f", "--at", id).contains(id))
        #expect(try home.text("rm", "f", "--at", id) == "removed f@\(id)\n")
        #expect(try versions("f").isEmpty)
        #expect(try home.text("get", "f") == "two")
        let gone = try home.sluice("get", "f", "--at", id)
        #expect(gone.exitCode == 66 && gone.errorText.contains("sluice versions f"))
        #expect(try home.sluice("get", "f", "--at", "yesterday").exitCode == 64)
    }

    @Test func `a scope keeps what it is told to`() throws {
        #expect(
            try home.text("scope", "update", "--versions", "true", "--keep-removed", "P1D")
                .contains("versions, and what is removed for 86400 s"))
        try put("two")
        #expect(try versions("f").map { $0["kind"] as? String } == ["version"])
        _ = try home.text("scope", "update", "--versions", "false")
        _ = try home.text("rm", "f")
        #expect(try home.sluice("get", "f").exitCode == 66)
        #expect(try home.text("versions", "f").contains("removed"))
        #expect(try home.text("undelete", "f") == "brought back f\n")
        #expect(try home.text("get", "f") == "two")
        #expect(try home.sluice("undelete", "f").exitCode == 66)
        #expect(try home.sluice("scope", "update").exitCode == 64)
    }

    @Test func `a tree that was removed comes back whole`() throws {
        _ = try home.text("scope", "update", "--keep-removed", "P1D")
        for name in ["a", "d/b", "d/c"] { try home.files.write([1], to: "t/\(name)") }
        _ = try home.text("put", "-r", "t")
        let names = try home.text("ls", "-r")
        _ = try home.text("rm", "-r", "t")
        _ = try home.text("rm", "f")
        #expect(
            try home.text("undelete", "-r", "t/d/") == "brought back 3 objects below t/d/\n")
        let rest = try object(try home.text("undelete", "-r", "t", "--json"))
        #expect((rest["objects"] as? [String])?.sorted() == ["t/", "t/a"])
        // With another in its place, it comes back as a snapshot.
        try put("two")
        #expect(try home.text("undelete", "-r") == "brought back 0 objects and 1 version\n")
        #expect(try home.text("ls", "-r") == names)
        #expect(try home.sluice("undelete", "-r", "t").exitCode == 66)
        #expect(try home.sluice("undelete").exitCode == 64)
    }
}
