import SluiceNative
import Testing

@Suite struct FileSystemTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `temporary directories are private and new`() throws {
        let other = try Scratch()
        #expect(other.path != scratch.path)
        let status = try FileSystem.status(scratch.path)
        #expect(status.kind == .directory)
        #expect(status.mode & 0o777 == 0o700)
    }

    @Test func `exists tells a dangling link from nothing`() throws {
        try scratch.shell("ln -s nowhere link; touch file")
        #expect(try FileSystem.exists(scratch("link")))
        #expect(try FileSystem.exists(scratch("file")))
        #expect(try !FileSystem.exists(scratch("nowhere")))
        #expect(try !FileSystem.exists(scratch("file/below")))
    }

    @Test func `status follows a link if asked to`() throws {
        try scratch.shell("mkdir real; ln -s real link")
        #expect(try FileSystem.status(scratch("link")).kind == .directory)
        #expect(try FileSystem.status(scratch("link"), followLinks: false).kind == .symbolicLink)
    }

    @Test func `realPath resolves links and dots`() throws {
        try scratch.shell("mkdir -p real/deep; ln -s real link")
        let root = try FileSystem.realPath(scratch.path)
        #expect(try FileSystem.realPath(scratch("link/./deep/..")) == root + "/real")
        let error = #expect(throws: SystemError.self) {
            try FileSystem.realPath(scratch("missing"))
        }
        #expect(error?.isNotFound == true)
    }

    @Test func `realPath refuses a path that isn't UTF-8`() throws {
        try scratch.shell(#"mkdir "$(printf 'caf\351')"; ln -s "$(printf 'caf\351')" link"#)
        #expect(throws: SystemError.self) { try FileSystem.realPath(scratch("link")) }
    }

    @Test(arguments: ["a", "a/b/c", "a//b/", "a/./b", "a/../b"])
    func `makeDirectories makes all that are missing`(path: String) throws {
        try FileSystem.makeDirectories(scratch(path))
        #expect(try FileSystem.status(scratch(path)).kind == .directory)
        #expect(try scratch.directory.status("a").mode & 0o777 == 0o700)
        try FileSystem.makeDirectories(scratch(path))
    }

    @Test func `makeDirectories gives its mode to new ones only`() throws {
        try scratch.directory.makeDirectory("a")
        try FileSystem.makeDirectories(scratch("a/b/c"), mode: 0o777)
        #expect(try FileSystem.status(scratch("a")).mode & 0o777 == 0o700)
        #expect(try FileSystem.status(scratch("a/b")).mode & 0o777 == 0o777)
        #expect(try FileSystem.status(scratch("a/b/c")).mode & 0o777 == 0o777)
    }

    @Test func `makeDirectories refuses a file in the way`() throws {
        try scratch.makeFile("file")
        for path in ["file", "file/below"] {
            let error = #expect(throws: SystemError.self) {
                try FileSystem.makeDirectories(scratch(path))
            }
            #expect(error?.isNotDirectory == true)
        }
    }

    @Test func `makeDirectories takes a link to a directory for one`() throws {
        try scratch.shell("mkdir real; ln -s real link")
        try FileSystem.makeDirectories(scratch("link/below"))
        #expect(try FileSystem.exists(scratch("real/below")))
    }

    @Test func `remove takes a whole tree and nothing beside it`() throws {
        try scratch.shell(
            """
            mkdir -p outside tree/a/b tree/empty; touch outside/kept tree/a/b/file tree/.hidden
            ln -s ../outside tree/link; mkfifo tree/pipe
            touch "tree/a/$(printf 'caf\\351')"; mkdir "tree/$(printf '\\377')"
            """)
        try FileSystem.remove(tree: scratch("tree"))
        #expect(try !FileSystem.exists(scratch("tree")))
        #expect(try FileSystem.exists(scratch("outside/kept")))
    }

    @Test(arguments: ["link", "link/"])
    func `remove takes a link, not what it leads to`(path: String) throws {
        try scratch.shell("mkdir real; touch real/kept; ln -s real link")
        try FileSystem.remove(tree: scratch(path))
        #expect(try !FileSystem.exists(scratch("link")))
        #expect(try FileSystem.exists(scratch("real/kept")))
    }

    @Test func `remove takes a file, and refuses nothing at all`() throws {
        try scratch.makeFile("file")
        try FileSystem.remove(tree: scratch("file"))
        let error = #expect(throws: SystemError.self) {
            try FileSystem.remove(tree: scratch("file"))
        }
        #expect(error?.isNotFound == true)
    }

    @Test func `kind knows proc and the size of things`() throws {
        let kind = try FileSystem.kind(scratch.path)
        #expect(!kind.name.isEmpty)
        #expect(kind.blockByteCount >= 512)
        #expect(kind.freeByteCount > 0)
        #expect(kind.totalByteCount >= kind.freeByteCount)
        #expect(
            try FileSystem.supportsUnnamedFiles(scratch.path)
                == (scratch.directory.createUnnamed() != nil))
        let proc = try FileSystem.kind("/proc")
        #expect(proc.name == "proc")
        #expect(proc.reach == .unknown)
        #expect(kind.reach == .local)
        #expect(!FileSystem.supportsUnnamedFiles("/proc"))
    }
}
