import Foundation
import SluiceNative
import Testing

/// A directory that a test has to itself, removed with everything in it when the test is done.
final class Scratch: Sendable {
    let path: String
    let directory: Directory

    init() throws {
        path = try FileSystem.temporaryDirectory(prefix: "sluice-test-")
        directory = try Directory.open(path)
    }

    deinit {
        do {
            try FileSystem.remove(tree: path)
        } catch {
            Issue.record(error)
        }
    }

    /// The path of an entry.
    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }

    /// Makes a file with these contents.
    @discardableResult
    func makeFile(_ name: String, _ contents: [UInt8] = []) throws -> File {
        let file = try directory.createExclusively(name)
        try file.write(contents.span)
        return file
    }

    /// Has a shell do in this directory what the library itself doesn't do.
    func shell(_ script: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.currentDirectoryURL = URL(filePath: path)
        process.arguments = ["-c", script]
        try process.run()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
    }
}

/// Bytes that differ from their neighbours, so that shifted ones are noticed.
func pattern(_ byteCount: Int) -> [UInt8] {
    (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
}

extension File {
    /// All of its bytes, up to a mebibyte and a bit.
    func contents() throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0xEE, count: 1 << 21)
        var span = buffer.mutableSpan
        let count = try read(into: &span, at: 0)
        return Array(buffer[..<count])
    }
}
