internal import Foundation
import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct StoreSourceFileTests {
    @Test(arguments: [0, 1, 5000, 65_264, 65_265, 300_001])
    func `a file's content is put`(byteCount: Int) throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let bytes = patternedBytes(byteCount)
            let path = try home.directory.write(bytes, to: "source")
            let info = try store.put(fileAt: path, as: "o", options: .with())
            #expect(info.byteCount == byteCount)
            #expect(try store.get("o") == bytes)
        }
    }

    @Test func `what is no file is refused with its reason`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let d = home.directory
            #expect(failure { try store.put(fileAt: d.path("no"), as: "o") } == .notFound)
            #expect(failure { try store.put(fileAt: d.path("no/no"), as: "o") } == .notFound)
            #expect(failure { try store.put(fileAt: "", as: "o") } == .notFound)
            #expect(failure { try store.put(fileAt: d.path, as: "o") } == .invalidArgument)
            try d.write([1], to: "file")
            #expect(failure { try store.put(fileAt: d.path("file/x"), as: "o") } == .inputOutput)
            #expect(try store.list().entries == [])
        }
    }

    @Test func `an empty device is an empty object`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        #expect(try store.put(fileAt: "/dev/null", as: "o").byteCount == 0)
        #expect(try store.get("o") == [])
    }

    /// Opens a file as a source, changes it, and returns what reading it then says.
    private func failureOfSource(
        _ byteCount: Int, _ change: (FileHandle, _ path: String) throws -> Void
    ) throws -> StoreError.Code? {
        let directory = try TemporaryDirectory()
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let path = try directory.write(patternedBytes(byteCount), to: "source")
        let source = try OpenFile(path)
        let handle = try #require(FileHandle(forUpdatingAtPath: path))
        // The kernel's clock for files ticks every few milliseconds.
        Thread.sleep(forTimeInterval: 0.02)
        try change(handle, path)
        let plan = try PutPlan("o", .with())
        let scopes = PutScopes(try store.registry.scopeForPut(.default))
        let code = failure {
            try store.objectWriter.put(
                source, plan, in: scopes, progress: nil, cancellation: Cancellation())
        }
        #expect(try store.list().entries == [])
        return code
    }

    @Test(arguments: [1, 5000, 65_265, 200_000])
    func `a file that shrinks while it is read is not stored`(byteCount: Int) throws {
        for rest in Set([0, byteCount / 2, byteCount - 1]) {
            let code = try failureOfSource(byteCount) { handle, _ in
                try handle.truncate(atOffset: UInt64(rest))
            }
            #expect(code == .sourceChanged)
        }
    }

    @Test(arguments: [0, 1, 5000, 65_265, 200_000])
    func `a file that grows while it is read is not stored`(byteCount: Int) throws {
        let code = try failureOfSource(byteCount) { handle, _ in
            try handle.seekToEnd()
            try handle.write(contentsOf: Data([1]))
        }
        #expect(code == .sourceChanged)
    }

    @Test(arguments: [1, 5000, 200_000])
    func `a file that is written to while it is read is not stored`(byteCount: Int) throws {
        let code = try failureOfSource(byteCount) { handle, _ in
            try handle.write(contentsOf: Data([1]))
        }
        #expect(code == .sourceChanged)
    }

    @Test(arguments: [1, 5000, 200_000])
    func `a file whose time of writing was set back is not stored`(byteCount: Int) throws {
        let code = try failureOfSource(byteCount) { handle, path in
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            try handle.write(contentsOf: Data([1]))
            try FileManager.default.setAttributes(
                [.modificationDate: try #require(attributes[.modificationDate])], ofItemAtPath: path
            )
        }
        #expect(code == .sourceChanged)
    }

    @Test(arguments: [0, 1, 200_000])
    func `a path that another file has taken over is not stored`(byteCount: Int) throws {
        let code = try failureOfSource(byteCount) { _, path in
            // Above it, so that the file itself stays as it was.
            let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
            try FileManager.default.moveItem(atPath: directory, toPath: directory + ".moved")
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: false)
            try Data(repeating: 7, count: byteCount).write(to: URL(fileURLWithPath: path))
        }
        #expect(code == .sourceChanged)
    }

    @Test(arguments: [
        "/proc/sys/kernel/random/boot_id", "/sys/kernel/mm/transparent_hugepage/enabled",
    ])
    func `a file that says it has another size than it has is put as it is read`(
        path: String
    ) throws {
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        try #require(try FileSystem.status(path).byteCount != bytes.count)
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        #expect(try store.put(fileAt: path, as: "o", options: .with()).byteCount == bytes.count)
        #expect(try store.get("o") == bytes)
    }

    @Test func `a time beyond 2262 is one like any other`() throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        let path = try home.directory.write([1], to: "source")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 12_000_000_000)], ofItemAtPath: path)
        try #require(try FileSystem.status(path).modified.seconds > 9_223_372_036)
        #expect(try store.put(fileAt: path, as: "o").byteCount == 1)
    }

    @Test func `a file that a thread keeps changing is put whole or not at all`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let path = try home.directory.write(
                [UInt8](repeating: 0, count: 500_000), to: "source")
            let isDone = Box(false)
            let outcomes = Box<[StoreError.Code?]>([])
            try together(2) { index in
                if index == 0 {
                    defer { isDone.update { $0 = true } }
                    for _ in 0..<20 {
                        let code = failure {
                            try store.put(fileAt: path, as: "o", options: .with())
                        }
                        outcomes.update { $0.append(code) }
                    }
                } else {
                    let handle = try #require(FileHandle(forUpdatingAtPath: path))
                    var value: UInt8 = 1
                    while !isDone.value {
                        try handle.seek(toOffset: 0)
                        let bytes = Data(repeating: value, count: 300_000 + Int(value) * 1000)
                        try handle.truncate(atOffset: UInt64(bytes.count))
                        try handle.write(contentsOf: bytes)
                        value = value &+ 1
                    }
                }
            }
            #expect(outcomes.value.allSatisfy { $0 == nil || $0 == .sourceChanged })
            #expect(outcomes.value.contains(.sourceChanged))
            #expect(home.files("staging") == [])
            #expect(try store.verify().findings == [])
            #expect(eventually { home.files("blobs").count <= 1 })
        }
    }

    @Test func `a named pipe is read to its end`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let bytes = patternedBytes(200_000)
            let pipe = home.directory.path("pipe")
            try makePipe(pipe)
            try together(2) { index in
                if index == 0 {
                    try store.put(fileAt: pipe, as: "o", options: .with())
                } else {
                    try Data(bytes).write(to: URL(fileURLWithPath: pipe))
                }
            }
            #expect(try store.get("o") == bytes)
        }
    }
}
