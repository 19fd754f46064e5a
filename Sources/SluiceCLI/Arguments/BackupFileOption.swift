internal import ArgumentParser
internal import Sluice
internal import SluiceNative

/// The file that a backup of a key or a vault is written to, or read from.
struct BackupFileOption: ParsableArguments {
    @Option(
        name: [.customShort("f"), .long],
        help: ArgumentHelp("The file of the backup.", valueName: "file"), completion: .file())
    var file: String

    func validate() throws {
        guard !file.isEmpty else { throw ValidationError("--file is empty: name a file") }
    }

    /// Refuses a file that exists, before there is anything to write.
    func requireFree() throws {
        if try FileSystem.exists(file) { throw isTaken }
    }

    /// Makes the file, for its owner only: whole and on the disk, or not at all.
    func write(_ bytes: [UInt8]) throws {
        let parts = file.utf8.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let name = parts.last.map { String(Substring($0)) } ?? file
        let directory = String(
            decoding: file.utf8.dropLast(name.utf8.count), as: UTF8.self)
        let place = try Directory.openGuarded(directory.isEmpty ? "." : directory)
        guard try place.createWhole(name, bytes.span) else { throw isTaken }
    }

    /// Reads the file; a pipe will do.
    func read() throws -> [UInt8] {
        let opened = try File.open(file)
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            var span = part.mutableSpan
            let count = try opened.read(into: &span)
            bytes += part.prefix(count)
            guard count == part.count else { return bytes }
            guard bytes.count < Self.byteCountLimit else {
                throw Failure(
                    .invalidArgument, "'\(file)' is too long for a backup of keys",
                    about: .file(file), remedies: [.other("name a file that holds one")])
            }
        }
    }

    private var isTaken: Failure {
        Failure(
            .alreadyExists, "'\(file)' exists already, and a backup replaces nothing",
            about: .file(file), remedies: [.other("name a file that doesn't exist yet")])
    }

    private static let byteCountLimit = 1 << 30
}

/// A file that was written, as `--json` prints it.
struct FileDocument: Encodable {
    let file: String
}
