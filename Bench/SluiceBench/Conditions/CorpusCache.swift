internal import BenchKit
internal import SluiceNative

/// The corpus on the disk: files are generated when first asked for, and kept for the next run.
/// Thread-safe, for one process at a time in a directory.
struct CorpusCache: Sendable {
    private let corpus: Corpus
    private let directory: String

    /// Bytes that are made, or read, at once.
    private static let partByteCount = 16 * DataPattern.pageByteCount

    /// A cache in `directory`, which is made when it is needed.
    init(_ corpus: Corpus, directory: String) {
        self.corpus = corpus
        self.directory = directory
    }

    /// The path of a file of the corpus, which is then in the page cache as far as there is room.
    ///
    /// One whose checksum isn't the manifest's is generated anew; if that doesn't help,
    /// `BenchError.checksumDiffers` is thrown.
    func path(_ pattern: DataPattern, byteCount: Int) throws -> String {
        let entry = try corpus.entry(pattern, byteCount: byteCount)
        try FileSystem.makeDirectories(directory)
        let path = "\(directory)/\(entry.name)"
        if try FileSystem.exists(path) {
            if try Self.checksum(of: path) == entry.xxh64 { return path }
            try FileSystem.remove(tree: path)
        }
        let partialPath = "\(path).partial"
        if try FileSystem.exists(partialPath) { try FileSystem.remove(tree: partialPath) }
        try Self.generate(entry, at: partialPath)
        let checksum = try Self.checksum(of: partialPath)
        guard checksum == entry.xxh64 else {
            try FileSystem.remove(tree: partialPath)
            throw BenchError.checksumDiffers(name: entry.name, found: checksum)
        }
        try Directory.open(directory).rename("\(entry.name).partial", to: entry.name)
        return path
    }

    private static func generate(_ entry: Corpus.Entry, at path: String) throws {
        let file = try File.createExclusively(path)
        var buffer = [UInt8](repeating: 0, count: partByteCount)
        for offset in stride(from: 0, to: entry.byteCount, by: partByteCount) {
            let byteCount = min(partByteCount, entry.byteCount - offset)
            var span = buffer.mutableSpan
            entry.pattern.fill(&span, seed: entry.seed, offset: offset)
            try file.write(buffer.span.extracting(0..<byteCount), at: offset)
        }
        // What is written behind a measurement's back disturbs it.
        try file.sync()
    }

    private static func checksum(of path: String) throws -> String {
        let file = try File.open(path)
        var checksum = XXH64()
        var buffer = [UInt8](repeating: 0, count: partByteCount)
        var offset = 0
        while true {
            var span = buffer.mutableSpan
            let byteCount = try file.read(into: &span, at: offset)
            if byteCount == 0 { break }
            checksum.update(buffer.span.extracting(0..<byteCount))
            offset += byteCount
        }
        let digits = String(checksum.digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
