internal import Foundation
import Sluice
import TestSupport
import Testing

@Suite struct StoreTargetFileTests {
    private static let bytes = patternedBytes(100_000)
    private static let store = Result {
        let store = try Store.inMemory()
        try store.put(bytes, as: "o", options: .with())
        try store.put([], as: "empty")
        return store
    }

    @Test func `a get makes the file, or replaces it, and leaves nothing else`() throws {
        let store = try Self.store.get()
        let directory = try TemporaryDirectory()
        for _ in 0..<2 {
            try store.get("o", toFileAt: directory.path("f"))
            #expect(try directory.read("f") == Self.bytes)
            #expect(directory.files() == ["f"])
        }
        try store.get("empty", toFileAt: directory.path("f"))
        #expect(try directory.read("f") == [])
        #expect(directory.files() == ["f"])
        let mode = try FileManager.default.attributesOfItem(atPath: directory.path("f"))[
            .posixPermissions]
        #expect(mode as? Int == 0o600)
    }

    @Test(arguments: ["é", "ééééé", "𝄞𝄞", "e\u{301}e\u{301}", "日本.txt", "\u{301}x"])
    func `a target may have any name, in any directory`(name: String) throws {
        let store = try Self.store.get()
        let root = try TemporaryDirectory()
        // To a string, a slash and a combining accent are one character, which is no slash.
        for directory in ["sub", "sub/é", "sub/\u{301}y"] {
            try FileManager.default.createDirectory(
                atPath: root.path(directory), withIntermediateDirectories: true)
            // Should the name be cut in the wrong place, the file would land here.
            try root.write([], to: "keep")
            let before = root.files().count
            try store.get("o", toFileAt: root.path("\(directory)/\(name)"))
            #expect(try root.read("\(directory)/\(name)") == Self.bytes)
            #expect(root.files().count == before + 1)
            try FileManager.default.removeItem(atPath: root.path("\(directory)/\(name)"))
        }
    }

    @Test func `a get that can't be is refused, and nothing changes`() throws {
        let store = try Self.store.get()
        let directory = try TemporaryDirectory()
        try directory.write([5], to: "dir/file")
        let d = directory
        #expect(failure { try store.get("o", toFileAt: d.path("dir")) } == .cannotCreate)
        #expect(failure { try store.get("o", toFileAt: d.path("no/f")) } == .cannotCreate)
        #expect(failure { try store.get("o", toFileAt: d.path("dir/file/f")) } == .cannotCreate)
        for path in ["", "/", d.path("dir/"), d.path("."), d.path(".."), "."] {
            #expect(failure { try store.get("o", toFileAt: path) } == .invalidArgument, "\(path)")
        }
        #expect(failure { try store.get("none", toFileAt: d.path("dir/file")) } == .notFound)
        #expect(
            failure { try store.get("o", range: .from(100_000), toFileAt: d.path("dir/file")) }
                == .invalidRange)
        #expect(d.files() == ["dir/file"])
        #expect(try d.read("dir/file") == [5])
    }

    @Test func `an unwritable directory is refused`() throws {
        let store = try Self.store.get()
        let directory = try TemporaryDirectory()
        func setMode(_ mode: Int) throws {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: directory.path)
        }
        try setMode(0o500)
        defer { try? setMode(0o700) }
        // Root may write anywhere.
        guard !FileManager.default.isWritableFile(atPath: directory.path) else { return }
        #expect(failure { try store.get("o", toFileAt: directory.path("f")) } == .cannotCreate)
    }

    @Test func `a device and a pipe are written to, not replaced`() throws {
        let store = try Self.store.get()
        try store.get("o", toFileAt: "/dev/null")
        let type = try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type]
        #expect(type as? FileAttributeType == .typeCharacterSpecial)
        #expect(failure { try store.get("o", toFileAt: "/dev/full") } == .noSpace)
        let directory = try TemporaryDirectory()
        let pipe = directory.path("pipe")
        try makePipe(pipe)
        // The get waits for a reader, who comes late.
        let cat = Process()
        cat.executableURL = URL(fileURLWithPath: "/bin/sh")
        cat.arguments = ["-c", "sleep 0.2; cat '\(pipe)' > '\(directory.path("got"))'"]
        try cat.run()
        try store.get("o", range: .last(10), toFileAt: pipe)
        cat.waitUntilExit()
        #expect(try directory.read("got") == Self.bytes.suffix(10))
    }

    @Test func `a symbolic link is replaced by the file, its target untouched`() throws {
        let store = try Self.store.get()
        let directory = try TemporaryDirectory()
        try directory.write([5], to: "target")
        try directory.link("link", to: "target")
        try directory.link("dangling", to: "nowhere")
        try store.get("o", toFileAt: directory.path("link"))
        try store.get("o", toFileAt: directory.path("dangling"))
        #expect(try directory.read("link") == Self.bytes)
        #expect(try directory.read("target") == [5])
        #expect(!directory.exists("nowhere"))
    }

    @Test func `a reader of the target sees the old file or the new one`() throws {
        let store = try Self.store.get()
        let directory = try TemporaryDirectory()
        let old = [UInt8](repeating: 5, count: 70_000)
        let path = try directory.write(old, to: "f")
        let isDone = Box(false)
        try together(2) { index in
            if index == 0 {
                defer { isDone.update { $0 = true } }
                for _ in 0..<30 { try store.get("o", toFileAt: path) }
            } else {
                while !isDone.value {
                    let bytes = try directory.read("f")
                    #expect(bytes == old || bytes == Self.bytes)
                }
            }
        }
        #expect(directory.files() == ["f"])
    }
}
