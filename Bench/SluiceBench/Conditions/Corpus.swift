internal import BenchKit
internal import FoundationEssentials
internal import SluiceNative

/// The generated data that cells read, as `Data/corpus.json` lists it.
struct Corpus: Sendable {
    /// One file of the corpus.
    struct Entry: Codable, Sendable {
        /// The file's name in the cache.
        var name: String
        /// How its bytes are made.
        var pattern: DataPattern
        /// What they are made from.
        var seed: UInt64
        /// How many there are.
        var byteCount: Int
        /// Their XXH64, 16 hex digits.
        var xxh64: String
    }

    /// The manifest as the file has it.
    private struct Manifest: Codable {
        var version: Int
        var files: [Entry]
    }

    /// The files.
    let entries: [Entry]

    /// A corpus of these files.
    init(entries: [Entry]) {
        self.entries = entries
    }

    /// Reads a manifest; without a path, the one of the checkout that the command is in, or that it
    /// was started in.
    init(manifestAt given: String?) throws {
        guard let path = given ?? Checkout.path(of: "Data/corpus.json") else {
            throw BenchError.noManifest
        }
        let data = try Data(InputFile.bytes(at: path))
        let manifest: Manifest
        do {
            manifest = try JSONDecoder().decode(Manifest.self, from: data)
        } catch {
            throw BenchError.badManifest(path: path, reason: "it isn't JSON with the fields of one")
        }
        guard manifest.version == 1 else {
            throw BenchError.badManifest(path: path, reason: "it has version \(manifest.version)")
        }
        for entry in manifest.files {
            guard entry.byteCount >= 0, !entry.name.utf8.contains(UInt8(ascii: "/")),
                !["", ".", ".."].contains(entry.name)
            else {
                throw BenchError.badManifest(
                    path: path, reason: "'\(entry.name)' is no name of a file, or has no size")
            }
        }
        entries = manifest.files
    }

    /// The file of this pattern and size; one that the manifest lacks is an error.
    func entry(_ pattern: DataPattern, byteCount: Int) throws -> Entry {
        guard
            let entry = entries.first(where: { $0.pattern == pattern && $0.byteCount == byteCount })
        else {
            throw BenchError.badManifest(
                path: "corpus.json", reason: "it has no \(pattern) of \(byteCount) bytes")
        }
        return entry
    }
}
