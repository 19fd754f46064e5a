import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// What gets leave behind that are killed, in the directories that they write to.
@Suite struct PartialFilesTests {
    private let directory: TemporaryDirectory
    private let partial: PartialFiles

    init() throws {
        directory = try TemporaryDirectory()
        partial = PartialFiles(directory: try Directory.open(directory.path))
    }

    private func sweep() {
        partial.sweep(owner: UInt32(getuid()))
    }

    /// What a process leaves that is killed: the system drops its locks.
    private func leave(_ count: Int) throws {
        var files: [(File, String)] = []
        for _ in 0..<count { files.append(try partial.make()) }
        #expect(Set(files.map(\.1)).count == count)
    }

    @Test func `another name replaces what is there, and leads to no other file than was meant`()
        throws
    {
        try directory.write([1], to: "from/file")
        try directory.write([2], to: "there")
        try directory.link("from/link", to: "file")
        let source = try Directory.open(directory.path("from"))
        let file = try source.status("file").identity
        try leave(2)
        for planted in ["link", "other"] {
            try directory.write([3], to: "from/other")
            let error = #expect(throws: SystemError.self) {
                try partial.link(planted, in: source, file, to: "there", if: { _ in true })
            }
            #expect(error?.isExchanged == true)
            #expect(try directory.read("there") == [2])
        }
        sweep()
        #expect(directory.files() == ["from/file", "from/link", "from/other", "there"])
        // Its number may have been free again, and be another's.
        #expect(throws: SystemError.self) {
            try partial.link("file", in: source, file, to: "there", if: { $0.byteCount != 1 })
        }
        #expect(try directory.read("there") == [2])
        try partial.link("file", in: source, file, to: "there", if: { $0.byteCount == 1 })
        #expect(try partial.directory.status("there").identity == file)
        #expect(directory.files() == ["from/file", "from/link", "from/other", "there"])
        #expect(throws: SystemError.self) {
            try partial.link("none", in: source, file, to: "there", if: { _ in true })
        }
    }

    @Test func `what was left behind is removed, what is being written stays`() throws {
        let mine = try partial.make()
        try leave(3)
        #expect(directory.files().count == 4)
        sweep()
        #expect(directory.files() == [mine.name])
        let other = try partial.make()
        #expect(other.name != mine.name)
        sweep()
        #expect(directory.files() == [mine.name, other.name].sorted())
    }

    @Test func `more than are looked for by their numbers are removed, too`() throws {
        try leave(200)
        sweep()
        #expect(directory.files() == [])
        // With a gap before.
        try directory.write([1], to: ".sluice-get-63")
        sweep()
        #expect(directory.files() == [])
    }

    @Test func `a file without a name gets one that is left behind, or a free one`() throws {
        try leave(1)
        let file = try #require(try Directory.open(directory.path).createUnnamed())
        let name = try partial.link(file)
        #expect(directory.files() == [name])
        let other = try #require(try Directory.open(directory.path).createUnnamed())
        #expect(try partial.link(other) != name)
        sweep()
        #expect(directory.files().count == 2)
    }

    @Test func `what somebody plants under such a name stays, and nothing waits for it`() throws {
        try directory.write([7], to: "precious")
        try directory.link(".sluice-get-0", to: "precious")
        try makePipe(directory.path(".sluice-get-1"))
        try directory.write([1], to: ".sluice-get-2/x")
        let before = directory.files()
        sweep()
        #expect(directory.files() == before)
        #expect(try partial.make().name == ".sluice-get-3")
        let file = try #require(try Directory.open(directory.path).createUnnamed())
        #expect(try partial.link(file) == ".sluice-get-3")
        #expect(try directory.read("precious") == [7])
    }

    @Test(.enabled(if: getuid() == 0, "giving a file to somebody else takes root"))
    func `somebody else's file stays`() throws {
        let path = try directory.write([7], to: ".sluice-get-0")
        let process = try Process.run(
            URL(fileURLWithPath: "/bin/chown"), arguments: ["65534", path])
        process.waitUntilExit()
        sweep()
        #expect(directory.files() == [".sluice-get-0"])
    }

    @Test func `a get of an object or a tree removes what is in the directories it writes to`()
        throws
    {
        let store = try Store.inMemory(options: .fast())
        defer { try? store.close() }
        try store.put([1], as: "t/a")
        try store.put([2], as: "t/d/b")
        for name in ["", "d/", "e/"] {
            for number in [0, 5] { try directory.write([9], to: "\(name).sluice-get-\(number)") }
        }
        try store.get("t/a", toFileAt: directory.path("x"))
        #expect(
            directory.files() == [
                "d/.sluice-get-0", "d/.sluice-get-5", "e/.sluice-get-0", "e/.sluice-get-5", "x",
            ])
        #expect(try store.getTree("t", into: directory.path).failures.isEmpty)
        #expect(directory.files() == ["a", "d/b", "e/.sluice-get-0", "e/.sluice-get-5", "x"])
    }
}
