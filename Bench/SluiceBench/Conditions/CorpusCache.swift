internal import BenchKit
internal import SluiceNative

/// The corpus on the disk: files are generated when first asked for, and kept for the next run.
/// Thread-safe, for one process at a time in a directory.
struct CorpusCache: Sendable {
    private let corpus: Corpus
    private let directory: String

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
            if try GeneratedFile.checksum(of: path) == entry.xxh64 { return path }
            try FileSystem.remove(tree: path)
        }
        let partialPath = "\(path).partial"
        if try FileSystem.exists(partialPath) { try FileSystem.remove(tree: partialPath) }
        try GeneratedFile.write(
            entry.pattern, seed: entry.seed, byteCount: entry.byteCount, at: partialPath)
        let checksum = try GeneratedFile.checksum(of: partialPath)
        guard checksum == entry.xxh64 else {
            try FileSystem.remove(tree: partialPath)
            throw BenchError.checksumDiffers(name: entry.name, found: checksum)
        }
        try Directory.open(directory).rename("\(entry.name).partial", to: entry.name)
        return path
    }
}
