internal import Foundation
internal import TestSupport
internal import Testing

@testable import SluiceCLI

/// Which names sources get, and which are refused before anything is stored.
@Suite struct PutPlanTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test(arguments: [
        "a/x b/x", "a/x ./a/x", "a/x a/x", "-r a b/a", "-r a ./a", "-r a a/", "-r a/. b/.",
        "-r . ..",
        "-r b/a a/a", "-r a/. b/x", "-r a/. b/x --prefix p", "-r a/. a/x", "-r b/x a/x",
        "a/x b/x --prefix p",
    ])
    func `two sources of one name are refused`(sources: String) throws {
        try home.files.write([1], to: "a/x")
        try home.files.write([2], to: "b/x")
        try home.files.write([3], to: "b/a/x")
        try home.files.write([4], to: "a/a")
        let result = try home.shell("\"$sluice\" put \(sources) --json")
        #expect(result.exitCode == 64)
        #expect(try errorCode(result) == "invalidArgument")
        #expect(!home.directory.exists("store"))
    }

    @Test func `sources whose names differ by a byte are two`() throws {
        for name in ["a/\u{E9}", "a/e\u{301}", "a/X", "b/x"] {
            try home.files.write([1], to: name)
        }
        let result = try home.shell(
            "\"$sluice\" put a/\u{E9} a/e\u{301} a/X b/x && \"$sluice\" put -r a a/. b")
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(try home.text("ls", "-r").split(separator: "\n").count == 4 + 3 + 1 + 2)
    }

    @Test(arguments: [
        "./a", "a/./b", "a//b", "/a", "a/..", "../a", "..", ".", "//a", "", "a/b/.",
    ])
    func `a name that couldn't be got back as a tree is refused`(text: String) throws {
        try home.files.write([1], to: "f")
        try home.put([1], as: "x")
        for arguments in [
            ["put", "f", "--prefix", text], ["put", "f", "--as", text], ["mv", "x", text],
            ["cp", "x", text], ["put", "--as", text, "--from-command", "--", "echo"],
        ] {
            let result = try home.shell(
                "\"$sluice\" " + arguments.map { "'\($0)'" }.joined(separator: " "))
            #expect(result.exitCode == 64, "\(arguments)")
        }
        #expect(try home.text("ls", "-r") == "x\n")
    }

    @Test func `slashes at the end of a path are none of its name`() throws {
        try home.files.write([1], to: "t/f")
        #expect(try home.sluice("put", "t/f", "--prefix", "p//").exitCode == 0)
        #expect(try home.sluice("put", "-r", "t/", "--as", "q/").exitCode == 0)
        #expect(try home.sluice("put", "t/f", "--as", "r/").exitCode == 64)
        #expect(try home.sluice("get", "-r", "", "-o", "copy").exitCode == 0)
        #expect(home.files.files(below: "copy") == ["p/f", "q/f"])
    }

    @Test func `a name is what follows the last slash, though an accent follows that`() throws {
        #expect(PathName.last(of: "dir/\u{301}x") == "\u{301}x")
        #expect(PathName.last(of: "a/b//") == "b")
        #expect(["/", ".", "..", "a/..", ""].map(PathName.last) == ["", "", "", "", ""])
    }

    @Test func `the store's own files are neither put nor written over`() throws {
        try home.put([1], as: "x")
        try home.put([1], as: "t/x")
        let store = home.directory.path("store")
        try home.files.link("link", to: "\(store)/catalog.db")
        let catalog = try home.directory.read("store/catalog.db")
        for arguments in [
            ["put", "\(store)/catalog.db"], ["put", "link"], ["put", "-r", store],
            ["put", home.directory.path("vaults/root.key")],
            ["get", "x", "-o", "\(store)/catalog.db"], ["get", "x", "-o", "\(store)/new"],
            ["get", "x", "-o", home.directory.path("vaults/root.key")],
            ["get", "-r", "t", "-o", "\(store)/blobs"],
        ] {
            let result = try home.shell(
                "\"$sluice\" " + arguments.map { "'\($0)'" }.joined(separator: " "))
            #expect(result.exitCode == 64, "\(arguments): \(result.errorText)")
        }
        #expect(try home.directory.read("store/catalog.db") == catalog)
        #expect(!home.directory.exists("store/new"))
        #expect(try home.text("ls", "-r") == "t/x\nx\n")
    }

    @Test func `a tree that holds the home is put without it, and that is told`() throws {
        try home.files.write([1], to: "data/f")
        let result = try home.shell(
            """
            export SLUICE_HOME=$PWD/data/.sluice; "$sluice" put -r data; "$sluice" put -r data
            echo $?; "$sluice" ls -r
            """)
        #expect(result.outputText.hasSuffix("74\ndata/\ndata/.sluice/\ndata/f\n"))
        let told = result.errorText.split(separator: "\n")
        #expect(told.count { $0.contains("'data/.sluice/store'") } == 2)
        #expect(told.count { $0.contains("'data/.sluice/vaults'") } == 2)
    }

    @Test(arguments: [
        "--store same --vaults same", "--store same --vaults ./same/", "--store v/s --vaults v",
        "--store s --vaults s/v", "--store link --vaults real", "--store s",
    ])
    func `a store among its vaults, or they in it, is refused`(options: String) throws {
        let result = try home.shell(
            """
            mkdir real; ln -s real link; export SLUICE_HOME=s/store/home; printf x > f
            [ '\(options)' = '--store s' ] && mkdir s
            "$sluice" \(options) put f
            """)
        #expect(result.exitCode == 64, "\(result.errorText)")
        for name in ["same", "v", "s/v", "s/staging", "real/staging"] {
            #expect(!home.files.exists(name), "\(name)")
        }
    }
}
