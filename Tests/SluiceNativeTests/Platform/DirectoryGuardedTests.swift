import Foundation
import SluiceNative
import Testing

@Suite struct DirectoryGuardedTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Whether the directory that `name` leads to is `there`.
    private func leads(_ name: String, to there: String) throws -> Bool {
        try Directory.openGuarded(scratch(name)).status().inode
            == FileSystem.status(scratch(there)).inode
    }

    private func refusal(_ name: String) -> SystemError? {
        do {
            _ = try Directory.openGuarded(scratch(name))
            return nil
        } catch {
            return error
        }
    }

    @Test func `one's own links are followed, wherever they stand`() throws {
        try scratch.shell(
            """
            mkdir -p a/b/c; ln -s a/b link; ln -s "$PWD/a" absolute; ln -s ../../link a/b/up
            ln -s link again; ln -s b/./c/.. a/dots
            """)
        #expect(try leads("link", to: "a/b"))
        #expect(try leads("link/c", to: "a/b/c"))
        #expect(try leads("absolute/b", to: "a/b"))
        #expect(try leads("a/b/up/c", to: "a/b/c"))
        #expect(try leads("again/", to: "a/b"))
        #expect(try leads("a//./b/../dots/c", to: "a/b/c"))
    }

    @Test func `what is no directory, not there or a loop is refused`() throws {
        try scratch.makeFile("file")
        try scratch.shell("ln -s loop loop; ln -s nowhere dangling")
        #expect(refusal("file")?.isNotDirectory == true)
        #expect(refusal("file/x")?.isNotDirectory == true)
        #expect(refusal("nothing")?.isNotFound == true)
        #expect(refusal("dangling")?.isNotFound == true)
        #expect(refusal("loop")?.isSymbolicLink == true)
        #expect(throws: SystemError.self) { try Directory.openGuarded("") }
    }

    @Test(.enabled(if: getuid() == 0, "giving a link to somebody else takes root"))
    func `somebody else's link is followed only in a directory of his`() throws {
        try scratch.shell(
            """
            mkdir -p dir/in shared his; ln -s ../dir shared/link; ln -s ../dir his/link
            ln -s shared/link own; ln -s ../dir/in shared/x
            chown -h 65534 shared/link his/link his shared/x
            """)
        #expect(refusal("shared/link")?.isSymbolicLink == true)
        #expect(refusal("shared/link/in")?.isSymbolicLink == true)
        #expect(refusal("own/in")?.isSymbolicLink == true)
        #expect(try leads("his/link/in", to: "dir/in"))
        #expect(throws: SystemError.self) {
            try FileSystem.makeDirectories(scratch("shared/link/new/er"))
        }
        #expect(try !FileSystem.exists(scratch("dir/new")))
    }
}
