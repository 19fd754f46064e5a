internal import Foundation
internal import Sluice
internal import TestSupport
internal import Testing

@Suite struct GetCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test(arguments: [
        ("0-0", 0..<1), ("3-4", 3..<5), ("0-9", 0..<10), ("5-999", 5..<10), ("9-", 9..<10),
        ("0-", 0..<10), ("-1", 9..<10), ("-10", 0..<10), ("-11", 0..<10),
    ])
    func `a range gives its bytes`(range: String, offsets: Range<Int>) throws {
        let bytes = [UInt8](0..<10)
        try home.put(bytes, as: "x")
        #expect(try home.bytes("get", "x", "--range", range) == Array(bytes[offsets]))
        #expect(try home.sluice("get", "x", "--range=\(range)", "-o", "part").exitCode == 0)
        #expect(try home.files.read("part") == Array(bytes[offsets]))
    }

    @Test func `a range of a large object gives its bytes`() throws {
        let bytes = patternedBytes(1_000_000)
        try home.put(bytes, as: "x")
        let part = try home.bytes("get", "x", "--range", "262140-524300")
        #expect(part == Array(bytes[262_140...524_300]))
    }

    @Test(arguments: ["10-", "10-10", "999-", "4-3", "-0", "-", "", "a-b", "1", "+1-2", "1--2"])
    func `a range outside the object is refused`(range: String) throws {
        try home.put([UInt8](0..<10), as: "x")
        let result = try home.sluice("get", "x", "--range=\(range)", "-o", "part")
        #expect(result.exitCode == 64)
        #expect(!home.files.exists("part"))
    }

    @Test func `what isn't there leaves no file`() throws {
        try home.put([1], as: "x")
        let result = try home.sluice("get", "y", "-o", "out", "--json")
        #expect(result.exitCode == 66)
        #expect(try errorCode(result) == "notFound")
        #expect(!home.files.exists("out"))
        #expect(try home.sluice("get", "y").exitCode == 66)
        #expect(try home.sluice("get", "-r", "y", "-o", "out").exitCode == 66)
    }

    @Test func `reading makes no store`() throws {
        #expect(try home.sluice("get", "x").exitCode == 66)
        #expect(try home.sluice("ls").exitCode == 66)
        #expect(!home.directory.exists("store"))
        #expect(!home.directory.exists("vaults"))
    }

    @Test func `what standard output is gets the bytes, and nothing else`() throws {
        try home.put([1, 2, 3], as: "x")
        let result = try home.shell(
            """
            ln -s /dev/stdout link
            for output in /dev/stdout /dev/fd/1 /proc/self/fd/1 link; do
                "$sluice" get x -o $output > out || exit 1
                [ -L link ] && cmp <(printf '\\1\\2\\3') out || exit 2
                "$sluice" get x -o $output | cmp <(printf '\\1\\2\\3') - || exit 3
            done
            exec 7> out; "$sluice" get x -o /dev/fd/7 && cmp <(printf '\\1\\2\\3') out
            """)
        #expect(result.exitCode == 0, "\(result.outputText)\(result.errorText)")
    }

    @Test func `a file is replaced only by a whole one`() throws {
        try home.put(patternedBytes(400_000), as: "x")
        try home.files.write([7], to: "out")
        try home.damageBlobs()
        #expect(try home.sluice("get", "x", "-o", "out").exitCode == 65)
        #expect(try home.files.read("out") == [7])
        #expect(try home.sluice("get", "x", "-o", "new").exitCode == 65)
        #expect(home.files.files() == ["out"])
    }

    @Test func `a directory that isn't there can't be written to`() throws {
        try home.put([1], as: "x")
        let result = try home.sluice("get", "x", "-o", "no/such/file")
        #expect(result.exitCode == 73)
    }

    @Test func `a target that can't be written to is told with the remedy`() throws {
        try home.put([1], as: "x")
        try home.files.write([], to: "there/file")
        let directory = try home.sluice("get", "x", "-o", "there")
        #expect(directory.exitCode == 73)
        #expect(directory.errorText.contains("add the name"), "\(directory.errorText)")
        let inside = try home.sluice("get", "x", "-o", "there/")
        #expect(inside.exitCode == 64)
        #expect(inside.errorText.contains("add the name"), "\(inside.errorText)")
        let missing = try home.sluice("get", "x", "-o", "nowhere/x")
        #expect(missing.exitCode == 73)
        #expect(missing.errorText.contains("`mkdir -p nowhere/`"), "\(missing.errorText)")
        #expect(home.files.files() == ["there/file"])
        // A link to a directory is replaced, as others are.
        try home.files.link("link", to: "there")
        #expect(try home.sluice("get", "x", "-o", "link").exitCode == 0)
        #expect(try home.files.read("link") == [1])
    }

    @Test func `a tree in place of an object is told, and the other way round`() throws {
        try home.put([1], as: "small")
        try home.put([1], as: "tree/a")
        for target in [["-o", "out"], []] {
            for name in ["tree", "tree/"] {
                let result = try home.shell(
                    "\"$sluice\" get \(name) \(target.joined(separator: " "))")
                #expect(result.exitCode == 66)
                #expect(result.errorText.contains("-r"), "\(result.errorText)")
            }
        }
        let object = try home.sluice("get", "-r", "small", "-o", "out", "--json")
        #expect(object.exitCode == 66)
        #expect(try errorCode(object) == "notFound")
        #expect(object.errorText.contains("-r"), "\(object.errorText)")
        let nothing = try home.sluice("get", "tre", "-o", "out")
        #expect(nothing.exitCode == 66)
        #expect(!nothing.errorText.contains("-r"), "\(nothing.errorText)")
        #expect(home.files.files().isEmpty)
    }

    @Test func `bytes are not written to a terminal`() throws {
        try home.put(Array("secret".utf8), as: "x")
        let result = try home.shell(#"script -qec '"$sluice" get x' /dev/null"#)
        #expect(result.exitCode == 64)
        #expect(!result.outputText.contains("secret"))
    }

    @Test func `a closed pipe ends the command in silence`() throws {
        try home.put(patternedBytes(4_000_000), as: "x")
        let result = try home.shell(
            #""$sluice" get x | head -c 1 > first; exit ${PIPESTATUS[0]}"#)
        #expect(result.exitCode == 74)
        #expect(result.errorText.isEmpty)
    }

    @Test func `a full device is an error`() throws {
        try home.put([1], as: "x")
        let result = try home.shell(#""$sluice" get x > /dev/full"#)
        #expect(result.exitCode == 74)
        #expect(!result.errorText.isEmpty)
    }

    @Test func `trees need a directory and no range`() throws {
        try home.put([1], as: "t/x")
        #expect(try home.sluice("get", "-r", "t").exitCode == 64)
        #expect(try home.sluice("get", "-r", "t", "-o", "-").exitCode == 64)
        #expect(try home.sluice("get", "-r", "t", "-o", "d", "--range", "0-0").exitCode == 64)
    }

    @Test(arguments: ["../escaped", "/escaped", "a/../../escaped", "a//b", "a/./b", "a/"])
    func `a name that isn't a path in the directory is refused`(name: String) throws {
        try home.put([2], as: "good")
        // The command refuses such a name, and a program may use it.
        let store = try Store.open(StoreLocation(home: home.directory.path))
        try store.put([1], as: ObjectName(name))
        try store.close()
        let result = try home.sluice("get", "-r", "", "-o", "inner/out")
        #expect(result.exitCode == 74, "\(result.errorText)")
        #expect(home.files.files() == ["inner/out/good"])
    }

    @Test func `a tree isn't written through a symbolic link`() throws {
        try home.put([1], as: "t/d/x")
        try home.files.write([7], to: "elsewhere/x")
        try home.files.write([], to: "out/keep")
        try home.files.link("out/d", to: home.files.path("elsewhere"))
        let result = try home.sluice("get", "-r", "t", "-o", "out")
        #expect(result.exitCode != 0)
        #expect(try home.files.read("elsewhere/x") == [7])
    }

    @Test func `a name that is an object and a prefix is told`() throws {
        try home.put([1], as: "t/a")
        try home.put([2], as: "t/a/b")
        try home.put([3], as: "t/c")
        let result = try home.sluice("get", "-r", "t", "-o", "out")
        #expect(result.exitCode != 0)
        #expect(!result.errorText.isEmpty)
        #expect(try home.files.read("out/c") == [3])
    }
}

extension CommandHome {
    /// Flips a bit in the middle of every blob.
    func damageBlobs() throws {
        for name in directory.files(below: "store/blobs") {
            var bytes = try directory.read("store/blobs/\(name)")
            bytes[bytes.count / 2] ^= 1
            try directory.write(bytes, to: "store/blobs/\(name)")
        }
    }
}
