internal import Foundation
internal import SluiceNative

/// The (key, nonce) pairs that processes sealed with, as `SealRecorder` leaves them: hashes of both.
struct SealRecords {
    /// Where the records of processes go: what `SLUICE_SEALS` is set to.
    let prefix: String

    /// The pairs of a file, and how many there should be.
    private static func pairs(path: String) throws -> [UInt128] {
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        let head = try handle.read(upToCount: 16) ?? Data()
        let count = word([UInt8](head), 0)
        let bytes = [UInt8](try handle.read(upToCount: Int(count) * 16) ?? Data())
        return (0..<bytes.count / 16).compactMap { index in
            let pair = UInt128(word(bytes, index * 16)) << 64 | UInt128(word(bytes, index * 16 + 8))
            // Who was killed between counting a record and writing it has not sealed.
            return pair == 0 ? nil : pair
        }
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        guard bytes.count >= offset + 8 else { return 0 }
        return (0..<8).reduce(0) { $0 | UInt64(bytes[offset + $1]) << (8 * UInt64($1)) }
    }

    private var paths: [String] {
        let url = URL(fileURLWithPath: prefix)
        let names =
            (try? FileManager.default.contentsOfDirectory(
                atPath: url.deletingLastPathComponent().path)) ?? []
        return names.filter { $0.hasPrefix(url.lastPathComponent) && $0.hasSuffix(".seals") }
            .sorted().map { "\(url.deletingLastPathComponent().path)/\($0)" }
    }

    /// How many pairs a process has recorded.
    func count(processID: Int32) throws -> Int {
        try Self.pairs(path: "\(prefix).\(processID).seals").count
    }

    /// Takes all records there are: moves their pairs to `all`, and removes the files.
    func take(into all: inout [UInt128]) throws {
        for path in paths {
            all += try Self.pairs(path: path)
            try FileSystem.remove(tree: path)
        }
    }

    /// The pairs that come more than once.
    static func repeated(_ all: inout [UInt128]) -> [UInt128] {
        all.sort()
        return zip(all, all.dropFirst()).filter { $0 == $1 }.map(\.0)
    }
}
