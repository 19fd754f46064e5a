internal import TestSupport
internal import Testing

/// Conditions, leases and holds.
@Suite struct LeaseCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.put([1], as: "x")
        try home.files.write([2], to: "x")
    }

    private func tag(_ name: String = "x") throws -> String {
        try #require(try object(try home.text("stat", name, "--json"))["entityTag"] as? String)
    }

    private func refused(
        _ arguments: String..., saying words: String = "", input: [UInt8] = []
    ) throws {
        let result = try home.sluice(arguments, input: input)
        #expect(result.exitCode == 73, "\(arguments): \(result.errorText)")
        #expect(result.errorText.contains(words), "\(result.errorText)")
    }

    private func done(_ arguments: String...) throws {
        let result = try home.sluice(arguments)
        #expect(result.exitCode == 0, "\(arguments): \(result.errorText)")
    }

    @Test func `a put, a get and a removal look at the entity tag`() throws {
        let first = try tag()
        try refused("put", "x", "--if-none-match", "*", saying: "already")
        try refused("put", "x", "--as", "y", "--if-match", "*")
        try refused("put", "x", "--if-match", "0123")
        try refused("get", "x", "--if-none-match", first, saying: "still what it was")
        try refused("put", "x", "--if-none-match", first)
        try done("put", "x", "--if-match", first)
        #expect(try tag() != first)
        try refused("get", "x", "-o", "copy", "--if-match", first)
        #expect(!home.files.exists("copy"))
        #expect(try home.bytes("get", "x", "--if-none-match", first) == [2])
        try refused("rm", "x", "--if-match", first)
        try refused("rm", "x", "--dry-run", "--if-match", first)
        try done("put", "x", "--as", "y", "--if-none-match", "*")
        try done("rm", "x", "--if-match", tag())
        #expect(try home.sluice("get", "x").exitCode == 66)
        for arguments in [
            ["put", "x", "x2", "--if-match", "0"], ["put", "-r", ".", "--if-match", "0"],
            ["rm", "-r", "y", "--if-match", "0"], ["get", "-r", "y", "-o", "d", "--if-match", "0"],
            ["put", "x", "--lease", "7"],
        ] { #expect(try home.sluice(arguments).exitCode == 64, "\(arguments)") }
    }

    @Test func `what is leased is changed only by whoever shows the lease`() throws {
        let acquired = try object(
            try home.text("lease", "acquire", "x", "--duration", "PT10M", "--json"))
        let lease = try #require(acquired["lease"] as? [String: Any])
        let id = try #require(lease["id"] as? String)
        #expect(lease["durationSeconds"] as? Int == 600)
        try refused("put", "x", saying: "--lease")
        try refused("put", "x", saying: "`sluice lease break x`")
        try refused("rm", "x")
        try refused("set", "x", "--meta", "a=b")
        try refused("mv", "x", "y")
        try refused("cp", "x", "x")
        try refused("lease", "acquire", "x", saying: "sluice lease break x")
        let other = "00000000-0000-0000-0000-000000000001"
        try refused("put", "x", "--lease", other)
        try refused("lease", "release", "x", "--lease", other)
        #expect(try home.bytes("get", "x") == [1])
        #expect(try home.text("stat", "x").contains("\(id), leased until 2"))
        try done("put", "x", "--lease", id)
        try done("set", "x", "--meta", "a=b", "--lease", id)
        try home.put([3], as: "z")
        try refused("mv", "z", "x")
        try done("cp", "z", "x", "--lease", id)
        try done("lease", "renew", "x", "--lease", id)
        try done("lease", "release", "x", "--lease", id)
        try done("put", "x")
        // One that is lost is broken, and ends.
        #expect(
            try home.text("lease", "acquire", "x", "--id", other)
                == "leased x as \(other), leased until it is ended\n"
        )
        try done("lease", "break", "x")
        #expect(try home.text("stat", "x").contains("broken at"))
        try done("rm", "x")
        #expect(try home.sluice("lease", "acquire", "nothing").exitCode == 66)
    }

    @Test func `what is held is changed by nobody`() throws {
        try done("hold", "x", "on")
        try refused("put", "x", saying: "`sluice hold x off`")
        try refused("rm", "x")
        #expect(try home.bytes("get", "x") == [1])
        let stat = try object(try home.text("stat", "x", "--json"))
        #expect((stat["hold"] as? [String: Any])?["isHeld"] as? Bool == true)
        #expect(try home.text("stat", "x").contains("until it is taken back"))
        try done("hold", "x", "off")
        try done("put", "x")
        #expect(try object(try home.text("stat", "x", "--json"))["hold"] == nil)
        #expect(try home.sluice("hold", "x", "maybe").exitCode == 64)
    }
}
