import TestSupport
import Testing

@testable import SluiceNative

@Suite struct OpenedFilesTests {
    private let path: String

    init() throws { path = try FileSystem.temporaryDirectory(prefix: "sluice-opened-test-") }

    private func make(_ name: String, in directory: String) throws {
        try File.createExclusively("\(directory)/\(name)").write([1, 2, 3].span, at: 0)
    }

    /// A directory with a file in it, both open, and a copy of the file.
    private func opened() throws -> (directory: Directory, files: OpenedFiles) {
        try FileSystem.makeDirectories("\(path)/d")
        try make("a", in: "\(path)/d")
        try make("copy", in: "\(path)/d")
        let directory = try Directory.open("\(path)/d")
        var files = try OpenedFiles(in: directory)
        try files.add("a")
        return (directory, files)
    }

    @Test func `a file that is written to is the same, one that is renamed over it is not`() throws
    {
        let (directory, files) = try opened()
        defer { try? FileSystem.remove(tree: path) }
        try directory.openFile("a", .readWrite).write([7].span, at: 100)
        #expect(try files.firstReplaced(orMissing: true) == nil)
        try directory.replace("a", with: "copy")
        #expect(try files.firstReplaced(orMissing: false) == "\(path)/d/a")
        #expect(try files.firstReplaced(orMissing: true) == "\(path)/d/a")
    }

    @Test func `a file that is missing is told apart from one that was exchanged`() throws {
        let (directory, files) = try opened()
        defer { try? FileSystem.remove(tree: path) }
        try directory.unlink("a")
        #expect(try files.firstReplaced(orMissing: false) == nil)
        #expect(try files.firstReplaced(orMissing: true) == "\(path)/d/a")
    }

    @Test func `a directory that another has taken the place of is noticed`() throws {
        let (_, files) = try opened()
        defer { try? FileSystem.remove(tree: path) }
        let parent = try Directory.open(path)
        try parent.rename("d", to: "old")
        #expect(try files.firstReplaced(orMissing: false) == nil)
        #expect(try files.firstReplaced(orMissing: true) == "\(path)/d")
        try FileSystem.makeDirectories("\(path)/d")
        #expect(try files.firstReplaced(orMissing: false) == "\(path)/d")
    }

    @Test func `what a name led to when it was opened is what counts`() throws {
        let (directory, _) = try opened()
        defer { try? FileSystem.remove(tree: path) }
        let file = try directory.openFile("a")
        try directory.replace("a", with: "copy")
        var files = try OpenedFiles(in: directory)
        try files.add("a", file.status())
        #expect(try files.firstReplaced(orMissing: false) == "\(path)/d/a")
        #expect(throws: SystemError.self) { try files.add("none") }
    }
}

@Suite(.serialized) struct UnsharedFileTests {
    @Test func `any number of files is kept from children`() throws {
        let path = try FileSystem.temporaryDirectory(prefix: "sluice-unshared-test-")
        defer { try? FileSystem.remove(tree: path) }
        let first = try File.createExclusively("\(path)/file")
        // As many entries as two tables have: the number is never used, for there is no such descriptor.
        let entries = (0..<2500).compactMap { _ in ForkGuard.protect(1 << 20) }
        defer { for entry in entries { ForkGuard.unprotect(entry) } }
        #expect(Set(entries).count == 2500)
        var locked: UnsharedFile? = UnsharedFile(try File.open("\(path)/file", .readWrite))
        #expect(try locked?.file.tryLock(offset: 0, byteCount: 1, exclusive: true) == true)
        let child = ForkGuard.forkChild {
            _ = try? File.createExclusively("\(path)/forked")
            for _ in 0..<20_000 where (try? FileSystem.exists("\(path)/forked")) == true {
                NativeThread.sleep(nanoseconds: 1_000_000)
            }
        }
        while !(try FileSystem.exists("\(path)/forked")) {
            NativeThread.sleep(nanoseconds: 1_000_000)
        }
        // While a dead child is left uncollected, the thread that waits for exit tests finds no other.
        defer {
            try? FileSystem.remove(tree: path)
            _ = try? child.wait()
        }
        withExtendedLifetime(locked) {}
        // Closed, not unlocked: a child that had it would hold the lock.
        locked = nil
        #expect(try first.tryLock(offset: 0, byteCount: 1, exclusive: true))
    }
}
