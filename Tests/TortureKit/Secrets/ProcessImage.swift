internal import Foundation
internal import SluiceNative

/// The memory of another process, which stands still.
///
/// What a core dump has is told apart without making one: the system marks what it leaves out (`dd` among
/// the flags in `smaps`).
struct ProcessImage {
    struct Findings {
        /// In what a core dump would have.
        var dumped: [Secret.Kind: Int] = [:]
        /// In what it leaves out.
        var undumped: [Secret.Kind: Int] = [:]
        /// Bytes that were looked at: zero pages aren't.
        var byteCount = 0
    }

    private struct Mapping {
        let range: Range<Int>
        var isDumped = true
        var isResident = true
    }

    private static let pageByteCount = 4096
    private static let zeros = Data(count: pageByteCount)

    let processID: Int32

    /// Looks for secrets in everything that the process can write to.
    func find(_ search: SecretSearch) throws -> Findings {
        var findings = Findings()
        let memory = try File.open("/proc/\(processID)/mem")
        for mapping in try mappings() where mapping.isResident {
            for page in try pages(of: mapping, memory) {
                findings.byteCount += page.count
                if mapping.isDumped {
                    search.find(in: page, into: &findings.dumped)
                } else {
                    search.find(in: page, into: &findings.undumped)
                }
            }
        }
        return findings
    }

    /// What the system makes up when it is read has no size.
    private static func read(_ file: File, at offset: Int, byteCount: Int) throws -> Data {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var span = bytes.mutableSpan
        let count = try file.read(into: &span, at: offset)
        return Data(bytes.prefix(count))
    }

    /// Runs of pages that aren't zeros.
    private func pages(of mapping: Mapping, _ memory: File) throws -> [[UInt8]] {
        try Self.filledPages(
            of: Self.read(memory, at: mapping.range.lowerBound, byteCount: mapping.range.count))
    }

    /// Runs of pages that aren't zeros: most of memory is.
    static func filledPages(of bytes: Data) -> [[UInt8]] {
        var runs: [[UInt8]] = []
        var run: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pageByteCount) {
            let page = bytes[start..<min(start + pageByteCount, bytes.count)]
            if page == zeros {
                if !run.isEmpty { runs.append(run) }
                run = []
            } else {
                run += page
            }
        }
        return run.isEmpty ? runs : runs + [run]
    }

    /// Writable mappings, as `smaps` lists them: a line of the range and the rights, then lines of details.
    private func mappings() throws -> [Mapping] {
        let file = try File.open("/proc/\(processID)/smaps")
        let text = String(
            decoding: try Self.read(file, at: 0, byteCount: 4 << 20), as: UTF8.self)
        var mappings: [Mapping] = []
        var isWanted = false
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let first = words.first else { continue }
            if first == "Rss:", isWanted {
                mappings[mappings.count - 1].isResident = words[1] != "0"
            } else if first == "VmFlags:", isWanted {
                mappings[mappings.count - 1].isDumped = !words.contains("dd")
            } else if !first.hasSuffix(":"), words.count >= 5 {
                let ends = first.split(separator: "-").compactMap { Int($0, radix: 16) }
                isWanted = ends.count == 2 && words[1].hasPrefix("rw")
                if isWanted { mappings.append(Mapping(range: ends[0]..<ends[1])) }
            }
        }
        return mappings
    }
}
