import Dispatch
import SluiceNative
import Synchronization
import Testing

@Suite struct DirectoryTests {
    let scratch: Scratch
    var directory: Directory { scratch.directory }

    init() throws { scratch = try Scratch() }

    @Test(arguments: ["", ".", "..", "/", "/etc", "a/b", "../x", "a/", "a\0b"])
    func `refuses a name that could lead elsewhere`(name: String) throws {
        try directory.makeDirectory("a")
        try scratch.makeFile("x")
        let attempts: [() throws -> Void] = [
            { _ = try directory.openFile(name) },
            { _ = try directory.openOrCreateFile(name) },
            { _ = try directory.openDirectory(name) },
            { try directory.makeDirectory(name) },
            { _ = try directory.createExclusively(name) },
            { _ = try directory.status(name) },
            { try directory.unlink(name) },
            { try directory.removeDirectory(name) },
            { try directory.link("x", to: name) },
            { try directory.rename("x", to: name) },
            { try directory.rename(name, to: "y") },
            { try directory.replace(name, with: "x") },
            { try directory.replace("x", with: name) },
            { try directory.openFile("x").link(into: directory, name: name) },
        ]
        for attempt in attempts {
            let error = #expect(throws: SystemError.self) { try attempt() }
            #expect(error?.isInvalid == true)
        }
        #expect(try directory.names().sorted() == [FileName("a"), FileName("x")])
    }

    @Test func `never follows a symbolic link below its root`() throws {
        try scratch.shell("mkdir real; touch real/file; ln -s real dir; ln -s real/file file")
        let fileError = #expect(throws: SystemError.self) { try directory.openFile("file") }
        #expect(fileError?.isSymbolicLink == true)
        let directoryError = #expect(throws: SystemError.self) {
            try directory.openDirectory("dir")
        }
        #expect(directoryError?.isNotDirectory == true)
        #expect(throws: SystemError.self) { try directory.openOrMakeDirectory("dir") }
        #expect(throws: SystemError.self) { try directory.openOrCreateFile("file") }
        #expect(try directory.status("dir").kind == .symbolicLink)
        #expect(try directory.status("file").kind == .symbolicLink)
    }

    @Test func `its root may be a symbolic link`() throws {
        try scratch.shell("mkdir real; ln -s real link")
        let linked = try Directory.open(scratch("link"))
        #expect(try linked.status().inode == directory.status("real").inode)
    }

    @Test func `open refuses a file`() throws {
        try scratch.makeFile("file")
        let error = #expect(throws: SystemError.self) { try Directory.open(scratch("file")) }
        #expect(error?.isNotDirectory == true)
    }

    @Test func `opening a pipe that someone put there doesn't wait`() throws {
        try scratch.shell("mkfifo pipe")
        #expect(try directory.openFile("pipe").status().kind == .pipe)
    }

    @Test func `stays the same directory when it is renamed`() throws {
        let child = try directory.openOrMakeDirectory("child")
        try directory.rename("child", to: "moved")
        _ = try child.createExclusively("file")
        #expect(try FileSystem.exists(scratch("moved/file")))
    }

    @Test func `makes directories with exactly their permissions`() throws {
        try directory.makeDirectory("private")
        try directory.makeDirectory("open", mode: 0o777)
        #expect(try directory.status("private").mode & 0o777 == 0o700)
        #expect(try directory.status("open").mode & 0o777 == 0o777)
        let error = #expect(throws: SystemError.self) { try directory.makeDirectory("open") }
        #expect(error?.isExists == true)
    }

    @Test func `many at once that open or make get the same one`() throws {
        let inodes = Mutex<Set<UInt64>>([])
        for round in 0..<20 {
            DispatchQueue.concurrentPerform(iterations: 8) { index in
                do {
                    let file = try directory.openOrCreateFile("file \(round)")
                    try file.write([UInt8(index)].span, at: index)
                    let child = try directory.openOrMakeDirectory("directory \(round)")
                    let found = [try file.status().inode, try child.status().inode]
                    inodes.withLock { $0.formUnion(found) }
                } catch {
                    Issue.record(error)
                }
            }
            let contents = try directory.openFile("file \(round)").contents()
            #expect(contents == [0, 1, 2, 3, 4, 5, 6, 7])
        }
        #expect(inodes.withLock { $0.count } == 40)
    }

    @Test func `rename moves to another directory and never replaces`() throws {
        let other = try directory.openOrMakeDirectory("other")
        try scratch.makeFile("a", [1])
        try scratch.makeFile("b", [2])
        let error = #expect(throws: SystemError.self) { try directory.rename("a", to: "b") }
        #expect(error?.isExists == true)
        #expect(try directory.openFile("b").contents() == [2])
        try directory.rename("a", to: "c", in: other)
        #expect(try other.openFile("c").contents() == [1])
        #expect(try !FileSystem.exists(scratch("a")))
    }

    @Test func `replace puts the new file in the old one's place`() throws {
        let other = try directory.openOrMakeDirectory("other")
        try scratch.makeFile("a", [1])
        try scratch.makeFile("b", [2])
        let old = try directory.openFile("a")
        try directory.replace("a", with: "b")
        #expect(try directory.openFile("a").contents() == [2])
        #expect(try old.contents() == [1])
        #expect(try !FileSystem.exists(scratch("b")))
        try other.replace("a", with: "a", from: directory)
        #expect(try other.openFile("a").contents() == [2])
        #expect(try !FileSystem.exists(scratch("a")))
    }

    @Test func `link gives a second name and never replaces`() throws {
        let other = try directory.openOrMakeDirectory("other")
        try scratch.makeFile("a", [1])
        try directory.link("a", to: "b", in: other)
        #expect(try other.status("b").inode == directory.status("a").inode)
        let error = #expect(throws: SystemError.self) {
            try directory.link("a", to: "b", in: other)
        }
        #expect(error?.isExists == true)
    }

    @Test func `unlink and removeDirectory remove only their own kind`() throws {
        try scratch.makeFile("file")
        let child = try directory.openOrMakeDirectory("child")
        _ = try child.createExclusively("inside")
        #expect(throws: SystemError.self) { try directory.unlink("child") }
        let fileError = #expect(throws: SystemError.self) { try directory.removeDirectory("file") }
        #expect(fileError?.isNotDirectory == true)
        let error = #expect(throws: SystemError.self) { try directory.removeDirectory("child") }
        #expect(error?.isNotEmpty == true)
        try child.unlink("inside")
        try directory.removeDirectory("child")
        try directory.unlink("file")
        #expect(try directory.names().isEmpty)
        let missing = #expect(throws: SystemError.self) { try directory.unlink("file") }
        #expect(missing?.isNotFound == true)
    }

    @Test func `names are all there, each time they are asked for`() throws {
        let expected = Set(try (0..<1000).map { try FileName("file \($0)") })
        for name in expected { _ = try directory.createExclusively(#require(name.string)) }
        for _ in 0..<2 {
            let names = try directory.names()
            #expect(names.count == 1000)
            #expect(Set(names) == expected)
        }
    }

    @Test func `names that aren't UTF-8 come as their bytes`() throws {
        try scratch.shell(#"touch "$(printf 'caf\351')" "$(printf 'caf\303\251')""#)
        let names = try directory.names().sorted()
        #expect(names.map(\.bytes) == [[0x63, 0x61, 0x66, 0xC3, 0xA9], [0x63, 0x61, 0x66, 0xE9]])
        #expect(names.map(\.string) == ["caf\u{E9}", nil])
    }

    @Test func `a name of 255 bytes is kept whole`() throws {
        let name = String(repeating: "n", count: 255)
        _ = try directory.createExclusively(name)
        #expect(try directory.names() == [FileName(name)])
        #expect(throws: SystemError.self) { try directory.createExclusively(name + "n") }
    }

    @Test func `names that look alike but differ in bytes are different`() throws {
        // An e with an acute accent, in one code point and in two: equal as Swift strings.
        let (one, two) = (try FileName("\u{E9}"), try FileName("e\u{301}"))
        #expect(one.string == two.string)
        #expect(one != two)
        #expect(two < one)
    }
}
