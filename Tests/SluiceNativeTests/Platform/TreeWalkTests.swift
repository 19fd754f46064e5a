import SluiceNative
import Testing

@Suite struct TreeWalkTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func walk() throws -> [TreeEntry] {
        let walk = try TreeWalk(scratch.path)
        var entries: [TreeEntry] = []
        while let entry = try walk.next() { entries.append(entry) }
        return entries.sorted { $0.pathBytes.lexicographicallyPrecedes($1.pathBytes) }
    }

    @Test func `finds every file once, by its relative path`() throws {
        try scratch.shell("mkdir -p a/b empty; touch top a/one a/b/two a/b/.three")
        let entries = try walk()
        #expect(entries.map(\.path) == ["a/b/.three", "a/b/two", "a/one", "empty", "top"])
        #expect(entries.map(\.kind) == [.regular, .regular, .regular, .directory, .regular])
    }

    @Test func `tells empty directories, the root too, and none that has something`() throws {
        let root = try #require(try walk().first)
        #expect(root.pathBytes == [] && root.kind == .directory && !root.isLeftOut)
        try scratch.shell("mkdir -p a/b/c d; ln -s nowhere d/link")
        #expect(try walk().map(\.path) == ["a/b/c", "d/link"])
    }

    @Test func `doesn't enter a directory that is to be left out, by whatever path`() throws {
        try scratch.shell("mkdir -p a/own/deep b; touch a/own/deep/file b/file; mv a/own b/moved")
        let own = try FileSystem.status(scratch("b/moved")).identity
        let walk = try TreeWalk(scratch.path, leavingOut: [own])
        var entries: [TreeEntry] = []
        while let entry = try walk.next() { entries.append(entry) }
        entries.sort { $0.pathBytes.lexicographicallyPrecedes($1.pathBytes) }
        #expect(entries.map(\.path) == ["a", "b/file", "b/moved"])
        #expect(entries.map(\.isLeftOut) == [false, false, true])
    }

    private func paths(_ directory: String, _ options: TreeWalk.Options) throws -> [String] {
        let walk = try TreeWalk(directory, options)
        var paths: [String] = []
        while let entry = try walk.next() {
            paths.append((entry.path ?? "?") + (entry.kind == .directory ? "/" : ""))
        }
        return paths
    }

    @Test func `reports every directory behind what is in it, if asked`() throws {
        try scratch.shell("mkdir -p a/b/c; touch a/b/c/file")
        let options = TreeWalk.Options(reportsDirectories: true)
        #expect(try paths(scratch.path, options) == ["a/b/c/file", "a/b/c/", "a/b/", "a/", "/"])
    }

    @Test func `passes over what it is told to, and what is in that`() throws {
        try scratch.shell("mkdir -p a/b c; touch a/b/x a/y c/x")
        let options = TreeWalk.Options(isPassedOver: { path, isDirectory in
            path == Array("a/b".utf8) && isDirectory || path == Array("c/x".utf8)
        })
        // A directory of which all is passed over is none that is empty.
        #expect(try paths(scratch.path, options).sorted() == ["a/y"])
    }

    @Test func `stays on its file system, if asked`() throws {
        // Where nothing is mounted this tells nothing.
        let root = try FileSystem.status("/dev").device
        let mounted = try Directory.open("/dev").names().compactMap(\.string).filter { name in
            guard let status = try? FileSystem.status("/dev/\(name)", followLinks: false) else {
                return false
            }
            return status.kind == .directory && status.device != root
        }
        let all = try paths(
            "/dev", TreeWalk.Options(reportsDirectories: true, staysOnFileSystem: true))
        for name in mounted {
            #expect(all.filter { $0.hasPrefix("\(name)/") } == ["\(name)/"])
        }
    }

    @Test func `an entry is removed where it was found, a directory only if it is empty`() throws {
        try scratch.shell(
            "mkdir -p a/b elsewhere; touch a/b/file elsewhere/b; ln -s ../elsewhere a/link")
        let walk = try TreeWalk(
            scratch("a"), TreeWalk.Options(reportsDirectories: true))
        var entries: [TreeEntry] = []
        while let entry = try walk.next() { entries.append(entry) }
        func remove(_ path: String) throws(SystemError) {
            for entry in entries where entry.path == path { try entry.remove() }
        }
        let error = #expect(throws: SystemError.self) { try remove("b") }
        #expect(error?.isNotEmpty == true)
        for path in ["b/file", "b", "link", ""] { try remove(path) }
        #expect(try Directory.open(scratch("a")).names().isEmpty)
        #expect(try FileSystem.exists(scratch("elsewhere/b")))
    }

    @Test func `reports links and pipes and follows none`() throws {
        try scratch.shell("mkdir real; touch real/file; ln -s real dir; ln -s . loop; mkfifo pipe")
        let entries = try walk()
        #expect(entries.map(\.path) == ["dir", "loop", "pipe", "real/file"])
        #expect(entries.map(\.kind) == [.symbolicLink, .symbolicLink, .pipe, .regular])
        let error = #expect(throws: SystemError.self) { try entries[0].openFile() }
        #expect(error?.isSymbolicLink == true)
    }

    @Test func `gives a path that isn't UTF-8 as its bytes`() throws {
        try scratch.shell(#"mkdir "$(printf '\377')"; echo -n x > "$(printf '\377')/file""#)
        let entry = try #require(try walk().first)
        #expect(entry.pathBytes == [0xFF] + Array("/file".utf8))
        #expect(entry.path == nil)
        #expect(try entry.openFile().contents() == Array("x".utf8))
    }

    @Test func `an entry opens the file where it was found`() throws {
        try scratch.shell("mkdir a elsewhere; echo -n 1 > a/file; echo -n 2 > elsewhere/file")
        let walk = try TreeWalk(scratch("a"))
        let entry = try #require(try walk.next())
        try scratch.shell("mv a moved; ln -s elsewhere a")
        #expect(try entry.openFile().contents() == Array("1".utf8))
    }

    @Test func `refuses a root that is no directory`() throws {
        try scratch.makeFile("file")
        let error = #expect(throws: SystemError.self) { try TreeWalk(scratch("file")) }
        #expect(error?.isNotDirectory == true)
    }

    @Test func `goes on behind a directory that vanishes`() throws {
        try scratch.shell("mkdir a b; touch a/file b/file")
        let walk = try TreeWalk(scratch.path)
        // The system gave both names at once, so the other is looked for where it was.
        let first = try #require(try walk.next()?.path)
        let other = first == "a/file" ? "b" : "a"
        try scratch.shell("rm -r \(other)")
        let error = #expect(throws: SystemError.self) { try walk.next() }
        #expect(error?.isNotFound == true)
        #expect(try walk.next() == nil)
    }
}
