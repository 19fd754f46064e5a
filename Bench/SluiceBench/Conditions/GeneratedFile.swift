internal import BenchKit
internal import SluiceNative

/// Files that are made from a seed, and their checksums.
enum GeneratedFile {
    /// Bytes that are made, or read, at once.
    private static let partByteCount = 16 * DataPattern.pageByteCount

    /// Makes a file that wasn't there, on the disk when it is done.
    static func write(
        _ pattern: DataPattern, seed: UInt64, byteCount: Int, at path: String
    ) throws {
        let file = try File.createExclusively(path)
        var buffer = [UInt8](repeating: 0, count: min(partByteCount, max(1, byteCount)))
        for offset in stride(from: 0, to: byteCount, by: partByteCount) {
            let count = min(partByteCount, byteCount - offset)
            var span = buffer.mutableSpan
            pattern.fill(&span, seed: seed, offset: offset)
            try file.write(buffer.span.extracting(0..<count), at: offset)
        }
        // What is written behind a measurement's back disturbs it.
        try file.sync()
    }

    /// The XXH64 of a file, 16 hex digits.
    static func checksum(of path: String) throws -> String {
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
