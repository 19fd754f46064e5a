internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct PutCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test(arguments: [0, 1, 4095, 4096, 300_000])
    func `a file comes back byte for byte`(byteCount: Int) throws {
        let bytes = patternedBytes(byteCount)
        let path = try home.files.write(bytes, to: "source/data.bin")
        #expect(try home.sluice("put", path).exitCode == 0)
        #expect(try home.sluice("get", "data.bin", "-o", "copy").exitCode == 0)
        #expect(try home.files.read("copy") == bytes)
        #expect(try home.bytes("get", "data.bin") == bytes)
    }

    @Test func `what a pipe delivers comes back through a pipe`() throws {
        let result = try home.shell(
            """
            set -e -o pipefail
            head -c 3000000 /dev/urandom > data
            cat data | "$sluice" put - --as piped > log
            "$sluice" get piped | cmp - data
            "$sluice" get piped -o - | cmp - data
            """)
        #expect(result.exitCode == 0, "\(result.errorText)")
    }

    @Test func `a named pipe is read to its end`() throws {
        let result = try home.shell(
            """
            set -e; mkfifo fifo; printf 'through a fifo' > fifo & "$sluice" put fifo > log
            """)
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(try home.text("get", "fifo") == "through a fifo")
    }

    @Test func `a tree comes back below another directory`() throws {
        try home.files.write([1], to: "tree/a")
        try home.files.write([], to: "tree/deep/er/empty")
        try home.files.write(patternedBytes(70_000), to: "tree/deep/large")
        let put = try home.sluice("put", "-r", "tree", "--json")
        #expect(put.exitCode == 0, "\(put.errorText)")
        #expect(try object(put.outputText)["objectCount"] as? Int == 6)
        let list = try home.sluice("ls", "-r")
        #expect(
            list.outputText == """
                tree/
                tree/a
                tree/deep/
                tree/deep/er/
                tree/deep/er/empty
                tree/deep/large

                """)
        #expect(try home.sluice("get", "-r", "tree", "-o", "copy").exitCode == 0)
        #expect(home.files.files(below: "copy") == home.files.files(below: "tree"))
        #expect(
            try home.files.read("copy/deep/large") == home.files.read("tree/deep/large"))
    }

    @Test func `as JSON, objects are told one by one and trees as trees`() throws {
        try home.files.write([1], to: "tree/a")
        try home.files.write([2, 3], to: "tree/b")
        try home.files.write([4], to: "alone")
        #expect(try home.shell("mkfifo tree/pipe").exitCode == 0)
        func put(_ sources: String) throws -> [String: Any] {
            try object(try home.shell("\"$sluice\" put --json \(sources) 2> errors").outputText)
        }
        let tree = try put("-r tree")
        #expect(tree["objectCount"] as? Int == 3)
        #expect(tree["objects"] == nil)
        let trees = try #require(tree["trees"] as? [[String: Any]])
        #expect(trees.map { $0["path"] as? String } == ["tree"])
        #expect(trees.map { $0["objectCount"] as? Int } == [3])
        #expect(trees.map { $0["byteCount"] as? Int } == [3])
        #expect(trees.map { $0["failureCount"] as? Int } == [1])
        let both = try put("-r tree alone --all")
        #expect(both["objectCount"] as? Int == 4)
        #expect((both["objects"] as? [[String: Any]])?.map { $0["name"] as? String } == ["alone"])
        #expect((both["trees"] as? [Any])?.count == 1)
        let none = try put("alone --if-absent")
        #expect((none["objects"] as? [Any])?.isEmpty == true)
        #expect(none["trees"] == nil)
    }

    @Test func `names come from the path, the prefix or --as`() throws {
        try home.files.write([1], to: "dir/one")
        try home.files.write([2], to: "dir/two")
        #expect(try home.sluice("put", "dir/one", "dir/two", "--prefix", "p/q").exitCode == 0)
        #expect(try home.sluice("put", "dir/one", "--prefix", "p/").exitCode == 0)
        #expect(try home.sluice("put", "dir/one", "--as", "other").exitCode == 0)
        #expect(try home.sluice("put", "-r", "dir/", "--prefix", "t").exitCode == 0)
        #expect(try home.sluice("put", "-r", "dir", "--as", "renamed").exitCode == 0)
        let names = try home.text("ls", "-r").split(separator: "\n")
        #expect(
            names == [
                "other", "p/one", "p/q/one", "p/q/two", "renamed/", "renamed/one", "renamed/two",
                "t/dir/", "t/dir/one", "t/dir/two",
            ])
    }

    @Test func `a put replaces, and --if-absent does not`() throws {
        try home.put([1], as: "x")
        try home.put([2], as: "x")
        #expect(try home.bytes("get", "x") == [2])
        let refused = try home.sluice("put", "-", "--as", "x", "--if-absent", input: [3])
        #expect(refused.exitCode == 73)
        #expect(try home.bytes("get", "x") == [2])
        #expect(
            try home.sluice("put", "-", "--as", "y", "--if-absent", input: [3]).exitCode == 0)
    }

    @Test func `type and metadata are kept`() throws {
        let put = try home.sluice(
            "put", "-", "--as", "x", "--content-type", "text/plain", "--meta", "a=1", "--meta",
            "b=x=y", "--meta", "empty=", input: [1])
        #expect(put.exitCode == 0, "\(put.errorText)")
        let stat = try object(try home.text("stat", "x", "--json"))
        #expect(stat["contentType"] as? String == "text/plain")
        #expect(
            stat["metadata"] as? [String: String] == ["a": "1", "b": "x=y", "empty": ""])
    }

    @Test(arguments: [
        ("4096", 4096), ("64KiB", 65_536), ("64K", 65_536), ("1M", 1_048_576),
        ("16MiB", 16_777_216),
    ])
    func `a chunk size in bounds is taken`(text: String, byteCount: Int) throws {
        let put = try home.sluice(
            "put", "-", "--as", "x", "--chunk-size", text, input: patternedBytes(10_000))
        #expect(put.exitCode == 0, "\(put.errorText)")
        let stat = try object(try home.text("stat", "x", "--json"))
        #expect(stat["chunkByteCount"] as? Int == byteCount)
        #expect(try home.bytes("get", "x") == patternedBytes(10_000))
    }

    @Test(arguments: ["0", "2048", "5000", "32MiB", "64KB", "-1", "x", ""])
    func `a chunk size out of bounds is refused`(text: String) throws {
        let put = try home.sluice("put", "-", "--as", "x", "--chunk-size=\(text)", input: [1])
        #expect(put.exitCode == 64)
        #expect(try home.sluice("get", "x").exitCode == 66)
    }

    @Test(arguments: ["auto", "lz4", "none"])
    func `compression is chosen`(compression: String) throws {
        let bytes = [UInt8](repeating: 7, count: 500_000)
        let put = try home.sluice(
            "put", "-", "--as", "x", "--compress", compression, "--json", input: bytes)
        #expect(put.exitCode == 0, "\(put.errorText)")
        let stat = try object(try home.text("stat", "x", "--json"))
        let storedByteCount = try #require(stat["storedByteCount"] as? Int)
        #expect((storedByteCount < 100_000) == (compression != "none"))
        #expect(try home.bytes("get", "x") == bytes)
    }

    @Test func `a missing file is told before anything is stored`() throws {
        let path = try home.files.write([1], to: "there")
        let result = try home.sluice("put", path, "missing", "--json")
        #expect(result.exitCode == 66)
        #expect(try errorCode(result) == "notFound")
        #expect(!home.directory.exists("store"))
    }

    @Test func `a directory needs -r`() throws {
        try home.files.write([1], to: "tree/a")
        #expect(try home.sluice("put", "tree").exitCode == 64)
        #expect(!home.directory.exists("store"))
    }

    @Test func `what contradicts itself is a usage error`() throws {
        try home.files.write([1], to: "a")
        try home.files.write([1], to: "b")
        #expect(try home.sluice("put").exitCode == 64)
        #expect(try home.sluice("put", "-").exitCode == 64)
        #expect(try home.sluice("put", "a", "b", "--as", "c").exitCode == 64)
        #expect(try home.sluice("put", "a", "--as", "c", "--prefix", "d").exitCode == 64)
        #expect(try home.sluice("put", "a", "--compress", "zip").exitCode == 64)
        #expect(try home.sluice("put", "a", "--meta", "novalue").exitCode == 64)
        #expect(try home.sluice("put", "a", "--meta", "k=1", "--meta", "k=2").exitCode == 64)
        #expect(try home.sluice("put", "a", "--unknown").exitCode == 64)
        #expect(!home.directory.exists("store"))
    }

    @Test func `a bad name is refused`() throws {
        let long = String(repeating: "x", count: 4097)
        #expect(try home.sluice("put", "-", "--as", "").exitCode == 64)
        #expect(try home.sluice("put", "-", "--as", long).exitCode == 64)
        #expect(try home.shell(#""$sluice" put - --as $'\xff' < /dev/null"#).exitCode == 64)
        #expect(
            try home.sluice("put", "-", "--as", String(long.dropLast())).exitCode == 0)
        #expect(try home.sluice("put", "-", "--as", "\u{FFFD}").exitCode == 0)
    }

    @Test func `a tree's bad names are told, and the others are stored`() throws {
        let result = try home.shell(
            #"mkdir tree; echo 1 > tree/good; echo 2 > tree/$'\xff'; "$sluice" put -r tree"#)
        #expect(result.exitCode == 74, "\(result.errorText)")
        #expect(!result.errorText.isEmpty)
        #expect(try home.text("ls", "-r") == "tree/\ntree/good\n")
    }

    @Test func `a tree's pipes are told, and its symbolic links not followed`() throws {
        try home.files.write([1], to: "outside")
        try home.files.write([2], to: "tree/good")
        try home.files.link("tree/link", to: home.files.path("outside"))
        #expect(try home.shell("mkfifo tree/pipe").exitCode == 0)
        let result = try home.sluice("put", "-r", "tree")
        #expect(result.exitCode == 74)
        #expect(result.errorText.contains("'tree/pipe'"))
        #expect(result.outputText.contains("1 left out"))
        #expect(try home.text("ls", "-r") == "tree/\ntree/good\ntree/link\n")
        #expect(try home.text("get", "tree/link") == home.files.path("outside"))
    }

    @Test func `what is left out of one tree doesn't keep the next source out`() throws {
        let made = try home.shell("mkdir one two; mkfifo one/pipe; echo 1 > one/a; echo 2 > two/b")
        #expect(made.exitCode == 0)
        let result = try home.sluice("put", "-r", "one", "two", "--json")
        #expect(result.exitCode == 74)
        #expect(try errorCode(result) == "inputOutput")
        #expect(result.errorText.split(separator: "\n").count == 1)
        #expect(try home.text("ls", "-r") == "one/\none/a\ntwo/\ntwo/b\n")
    }
}
