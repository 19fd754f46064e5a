import SluiceNative
import Testing

@Suite struct FileTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func `open refuses what isn't there`() {
        let error = #expect(throws: SystemError.self) { try File.open(scratch("missing")) }
        #expect(error?.isNotFound == true)
        #expect(error?.path == scratch("missing"))
    }

    @Test func `open refuses a path with a NUL byte instead of cutting it there`() throws {
        try scratch.makeFile("name")
        let error = #expect(throws: SystemError.self) { try File.open(scratch("name\0.txt")) }
        #expect(error?.isInvalid == true)
    }

    @Test func `open follows a symbolic link unless told not to`() throws {
        try scratch.makeFile("target", [7])
        try scratch.shell("ln -s target link")
        #expect(try File.open(scratch("link")).contents() == [7])
        let error = #expect(throws: SystemError.self) {
            try File.open(scratch("link"), followLinks: false)
        }
        #expect(error?.isSymbolicLink == true)
    }

    @Test func `open for reading refuses to write`() throws {
        try scratch.makeFile("file", [1, 2, 3])
        let file = try File.open(scratch("file"), .read)
        #expect(throws: SystemError.self) { try file.write([9].span, at: 0) }
        #expect(try file.contents() == [1, 2, 3])
    }

    @Test func `createExclusively gives a private file`() throws {
        let status = try File.createExclusively(scratch("file")).status()
        #expect(status.mode == 0o600)
        #expect(status.kind == .regular)
        #expect(status.byteCount == 0)
        #expect(status.ownerID == Environment.userID)
    }

    @Test func `createExclusively gives a mode that no umask has touched`() throws {
        // A test's umask is almost never 0, so 0666 would lose bits to it.
        #expect(try File.createExclusively(scratch("file"), mode: 0o666).status().mode == 0o666)
    }

    @Test func `createExclusively refuses a name that is taken`() throws {
        try scratch.makeFile("file", [1])
        let error = #expect(throws: SystemError.self) {
            try File.createExclusively(scratch("file"))
        }
        #expect(error?.isExists == true)
        #expect(try File.open(scratch("file")).contents() == [1])
    }

    @Test func `createExclusively refuses a dangling symbolic link`() throws {
        try scratch.shell("ln -s elsewhere link")
        let error = #expect(throws: SystemError.self) {
            try File.createExclusively(scratch("link"))
        }
        #expect(error?.isExists == true)
        #expect(try !FileSystem.exists(scratch("elsewhere")))
    }

    @Test func `status tells when the contents changed`() throws {
        let before = WallClock.nowMilliseconds
        let status = try scratch.makeFile("file", [1]).status()
        // The kernel stamps files with a clock that is up to a tick behind.
        for time in [status.modified, status.changed] {
            let milliseconds = time.seconds * 1000 + time.nanoseconds / 1_000_000
            #expect(milliseconds >= before - 20)
            #expect(milliseconds <= WallClock.nowMilliseconds)
        }
    }

    @Test func `a file isn't a terminal`() throws {
        #expect(try !scratch.makeFile("file").isTerminal)
    }
}

@Suite struct FileNamingTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Nil on a file system that knows no unnamed files.
    private func unnamed(_ contents: [UInt8]) throws -> File? {
        let file = try File.createUnnamed(inDirectory: scratch.path)
        try file?.write(contents.span)
        return file
    }

    @Test func `an unnamed file appears only when linked, complete and private`() throws {
        guard let file = try unnamed([1, 2, 3]) else { return }
        #expect(try scratch.directory.names().isEmpty)
        try file.link(into: scratch.directory, name: "blob")
        #expect(try scratch.directory.openFile("blob").contents() == [1, 2, 3])
        #expect(try scratch.directory.status("blob").mode == 0o600)
    }

    @Test func `an unnamed file that is closed leaves nothing`() throws {
        _ = try unnamed([1, 2, 3])
        #expect(try scratch.directory.names().isEmpty)
    }

    @Test func `link refuses a name that is taken`() throws {
        try scratch.makeFile("old", [1])
        let file = try scratch.makeFile("new", [2])
        let error = #expect(throws: SystemError.self) {
            try file.link(into: scratch.directory, name: "old")
        }
        #expect(error?.isExists == true)
        #expect(try scratch.directory.openFile("old").contents() == [1])
    }

    @Test func `link names the open file, not what bears its first name now`() throws {
        let file = try scratch.makeFile("staged", [1])
        try scratch.directory.rename("staged", to: "kept")
        try scratch.makeFile("staged", [2])
        try file.link(into: scratch.directory, name: "linked")
        #expect(try scratch.directory.openFile("linked").contents() == [1])
        #expect(
            try scratch.directory.status("linked").inode == scratch.directory.status("kept").inode)
    }

    @Test func `link refuses a file whose last name is gone`() throws {
        let file = try scratch.makeFile("file")
        try scratch.directory.unlink("file")
        let error = #expect(throws: SystemError.self) {
            try file.link(into: scratch.directory, name: "again")
        }
        #expect(error?.isNotFound == true)
    }
}
