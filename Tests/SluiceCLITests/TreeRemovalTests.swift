internal import TestSupport
internal import Testing

/// What `--delete` removes and what it doesn't, and what stands in the way of a tree.
@Suite struct TreeRemovalTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.files.write([1], to: "t/a")
        try home.files.write([2], to: "t/d/b")
        try run("put", "-r", "t")
    }

    private func run(_ arguments: String...) throws {
        let result = try home.sluice(arguments)
        #expect(result.exitCode == 0, "\(arguments): \(result.errorText)")
    }

    private func names() throws -> [String] {
        try home.text("ls", "-r").split(separator: "\n").map(String.init)
    }

    private static let all = ["t/", "t/a", "t/d/", "t/d/b"]

    @Test func `a whole scope is not emptied by mistake`() throws {
        try home.files.write([], to: "elsewhere/x")
        for sources in [["."], ["elsewhere", "."]] {
            let result = try home.sluice(["put", "-r", "--delete"] + sources)
            #expect(result.exitCode == 64)
            #expect(result.errorText.contains("the scope 'default'"), "\(result.errorText)")
            #expect(result.errorText.contains("--yes"))
        }
        #expect(try names() == Self.all)
        try run("put", "-r", "elsewhere/", "--as", "u")
        let emptied = try home.shell("cd elsewhere && \"$sluice\" put -r . --delete --yes")
        #expect(emptied.outputText.contains("6 removed"), "\(emptied.errorText)")
        #expect(try names() == ["x"])
    }

    @Test func `a directory that has nothing of the tree doesn't replace it`() throws {
        try home.files.write([], to: "other/x")
        #expect(try home.shell("mkdir empty").exitCode == 0)
        for source in ["other", "empty"] {
            let result = try home.sluice("put", "-r", source, "--as", "t", "--delete")
            #expect(result.exitCode == 64)
            #expect(result.errorText.contains("--yes"), "\(result.errorText)")
            #expect(try names() == Self.all)
        }
        // What is excluded is not lost, and says nothing of the rest.
        #expect(
            try home.sluice("put", "-r", "other", "--as", "t", "--delete", "--exclude", "a")
                .exitCode == 64)
        try run("put", "-r", "other", "--as", "t", "--delete", "--yes")
        #expect(try names() == ["t/", "t/x"])
        // Where there is nothing, nothing is lost; and where something is in common, the rest goes.
        try run("put", "-r", "other", "--as", "new", "--delete")
        try home.files.write([], to: "other/y")
        try run("put", "-r", "other", "--as", "new", "--delete")
        #expect(try home.shell("rm other/x").exitCode == 0)
        #expect(
            try home.text("put", "-r", "other", "--as", "new", "--delete").contains("1 removed"))
    }

    @Test func `a dry run of a put says what it would do`() throws {
        #expect(try home.shell("rm t/a; echo 3 > t/d/c; mkfifo pipe").exitCode == 0)
        let text = try home.text("put", "-r", "t", "--delete", "--dry-run")
        for line in ["would put t/d/c", "would remove t/a"] { #expect(text.contains("\(line)\n")) }
        let document = try object(
            try home.text("put", "-r", "t", "--delete", "--dry-run", "--json"))
        #expect(document["isDryRun"] as? Bool == true)
        let tree = try #require((document["trees"] as? [[String: Any]])?.first)
        #expect((tree["planned"] as? [String])?.contains("t/d/c") == true)
        #expect(tree["removed"] as? [String] == ["t/a"])
        #expect(try names() == Self.all)
        #expect(
            try home.text("put", "-r", "t/d/b", "t", "--prefix", "p", "--dry-run").contains(
                "put p/b\n"))
        #expect(try names() == Self.all)
        #expect(try home.sluice("put", "-r", "t", "--yes").exitCode == 64)
        #expect(try home.sluice("put", "-r", "t", "--dry-run", "--home", "new").exitCode == 66)
        #expect(!home.files.exists("new"))
    }

    @Test func `a directory of the user's is not emptied by mistake`() throws {
        for name in ["1", "2", "3"] { try home.files.write([7], to: "mine/\(name)") }
        try home.files.write([7], to: "mine/a")
        let result = try home.sluice("get", "-r", "t", "-o", "mine", "--delete")
        #expect(result.exitCode == 64)
        #expect(result.errorText.contains("--yes"), "\(result.errorText)")
        let dry = try home.text("get", "-r", "t", "-o", "mine", "--delete", "--dry-run")
        for line in ["would get t/d/b", "would remove 2"] { #expect(dry.contains("\(line)\n")) }
        #expect(home.files.files(below: "mine") == ["1", "2", "3", "a"])
        #expect(try home.files.read("mine/a") == [7])
        try run("get", "-r", "t", "-o", "mine", "--delete", "--yes")
        #expect(home.files.files(below: "mine") == ["a", "d/b"])
        // As much as is in common may go.
        try home.files.write([7], to: "mine/1")
        try home.files.write([7], to: "mine/2")
        #expect(
            try home.text("get", "-r", "t", "-o", "mine", "--delete").contains("2 removed"))
        try run("get", "-r", "t", "-o", "new", "--delete", "--dry-run")
        #expect(!home.files.exists("new"))
    }

    @Test func `a file that became a directory, or the reverse, takes --delete`() throws {
        let swap = "rm -r t/a t/d; mkdir t/a; echo 1 > t/a/x; echo 2 > t/a/y; echo 3 > t/d"
        #expect(try home.shell(swap).exitCode == 0)
        let refused = try home.sluice("put", "-r", "t")
        #expect(refused.exitCode == 74)
        let told = refused.errorText.split(separator: "\n")
        #expect(told.count == 2, "\(refused.errorText)")
        #expect(told.allSatisfy { $0.contains("--delete") })
        #expect(told.contains { $0.contains("`sluice rm t/a`") })
        #expect(told.contains { $0.contains("`sluice rm -r t/d`") })
        #expect(try names() == Self.all)
        // The remedies work, each for its own.
        try run("rm", "t/a")
        #expect(try home.sluice("put", "-r", "t").exitCode == 74)
        #expect(try names() == ["t/", "t/a/", "t/a/x", "t/a/y", "t/d/", "t/d/b"])
        try run("put", "-r", "t", "--delete")
        try run("get", "-r", "t", "-o", "u")
        #expect(try home.shell("diff -r t u").exitCode == 0)
    }

    @Test
    func `of a tree with an object in a directory's place the rest is got, and it is told once`()
        throws
    {
        try home.put([5], as: "t/d")
        let result = try home.sluice("get", "-r", "t", "-o", "u")
        #expect(result.exitCode == 74)
        #expect(result.errorText.split(separator: "\n").count == 1, "\(result.errorText)")
        #expect(home.files.files(below: "u") == ["a", "d"])
        #expect(try home.files.read("u/d") == [5])
        #expect(result.errorText.contains("`sluice get -r -o ./d t/d`"))
        #expect(result.errorText.contains("`sluice rm t/d`"))
        try run("get", "-r", "-o", "./d", "t/d")
        #expect(home.files.files(below: "d") == ["b"])
        try run("rm", "t/d")
        try run("get", "-r", "t", "-o", "v")
        #expect(home.files.files(below: "v") == ["a", "d/b"])
    }

    @Test func `what stands in the way of a get is told, and --delete replaces it`() throws {
        try run("get", "-r", "t", "-o", "u")
        let swap = "rm -r u/a u/d; mkdir -p u/a/deep; echo mine > u/d"
        #expect(try home.shell(swap + "; touch u/a/deep/mine").exitCode == 0)
        let refused = try home.sluice("get", "-r", "t", "-o", "u")
        #expect(refused.exitCode == 74)
        let told = refused.errorText.split(separator: "\n")
        #expect(told.count == 2, "\(refused.errorText)")
        #expect(told.allSatisfy { $0.contains("--delete") })
        #expect(told.contains { $0.contains("'u/a'") } && told.contains { $0.contains("'u/d'") })
        #expect(home.files.files(below: "u") == ["a/deep/mine", "d"])
        // What is excluded is in the way still.
        let kept = try home.sluice(
            "get", "-r", "t", "-o", "u", "--delete", "--yes", "--exclude", "mine")
        #expect(kept.exitCode == 74)
        #expect(home.files.files(below: "u") == ["a/deep/mine", "d/b"])
        let got = try home.text("get", "-r", "t", "-o", "u", "--delete")
        #expect(got.contains("3 removed"), "\(got)")
        #expect(home.files.files(below: "u") == ["a", "d/b"])
        // A link is replaced, and nothing behind it is touched.
        try home.files.write([7], to: "out/b")
        #expect(try home.shell("rm -r u/d; ln -s ../out u/d").exitCode == 0)
        try run("get", "-r", "t", "-o", "u", "--delete")
        #expect(try home.files.read("u/d/b") == [2])
        #expect(try home.files.read("out/b") == [7])
    }
}
