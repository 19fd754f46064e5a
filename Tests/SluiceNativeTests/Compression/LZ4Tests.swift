import SluiceNative
import Testing

struct LZ4Tests {
    static let byteCounts = [0, 1, 12, 13, 64, 4095, 4096, 65_535, 65_536, 65_537, 1 << 20]

    @Test(arguments: byteCounts) func `decompressing gives the source back`(byteCount: Int) throws {
        let source = text(byteCount)
        #expect(try decompress(compress(source), to: byteCount) == source)
    }

    @Test func `random bytes come back too, when there is room for them`() throws {
        var generator = SystemRandomNumberGenerator()
        let source = (0..<10_000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        #expect(try decompress(compress(source), to: source.count) == source)
    }

    @Test func `what doesn't fit is nil, and the compressor remains usable`() throws {
        var compressor = LZ4Compressor()
        let source = text(4096)
        let needed = compress(source).count
        #expect(needed < 1000)
        for (capacity, expected) in [(needed - 1, nil), (0, nil), (needed, needed)] {
            var output = [UInt8](repeating: 0, count: capacity)
            var span = output.mutableSpan
            let byteCount = compressor.compress(source.span, into: &span)
            #expect(byteCount == expected)
        }
    }

    @Test func `blocks don't depend on one another`() {
        var compressor = LZ4Compressor()
        let source = text(5000)
        var results: [[UInt8]] = []
        for _ in 0..<3 {
            var output = [UInt8](repeating: 0, count: 6000)
            var span = output.mutableSpan
            let byteCount = compressor.compress(source.span, into: &span)
            results.append(Array(output.prefix(byteCount ?? 0)))
        }
        #expect(results[0] == compress(source))
        #expect(results[1] == results[0] && results[2] == results[0])
    }

    @Test func `a block of another length is malformed`() {
        let block = compress(text(100))
        #expect(throws: LZ4Error.malformed) { try decompress(block, to: 99) }
        #expect(throws: LZ4Error.malformed) { try decompress(block, to: 101) }
        #expect(throws: LZ4Error.malformed) { try decompress(block, to: 0) }
    }

    @Test func `a truncated block is malformed`() {
        let block = compress(text(1000))
        for byteCount in 0..<block.count {
            #expect(throws: LZ4Error.malformed) {
                try decompress(Array(block.prefix(byteCount)), to: 1000)
            }
        }
    }

    @Test func `arbitrary bytes never write outside the output`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let block = (0..<Int.random(in: 0..<80)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            var output = [UInt8](repeating: 0xee, count: 256)
            var span = output.mutableSpan
            var part = span._mutatingExtracting(64..<192)
            _ = try? LZ4.decompress(block.span, into: &part)
            #expect(output.prefix(64).allSatisfy { $0 == 0xee })
            #expect(output.suffix(64).allSatisfy { $0 == 0xee })
        }
    }

    @Test func `a known block decompresses`() throws {
        // One literal, a match of 14 at offset 1, and five literals, by the LZ4 block format.
        #expect(
            try decompress(hex("1a 61 0100 50 6263646566"), to: 20)
                == Array("aaaaaaaaaaaaaaabcdef".utf8))
    }

    @Test func `the version is three numbers`() {
        let numbers = LZ4.version.split(separator: ".").compactMap { Int($0) }
        #expect(numbers.count == 3)
        #expect(numbers.first == 1)
    }

    // MARK: Details

    /// Compressible bytes.
    private func text(_ byteCount: Int) -> [UInt8] {
        (0..<byteCount).map { UInt8(truncatingIfNeeded: ($0 % 100) * ($0 / 5000 + 1)) }
    }

    private func compress(_ source: [UInt8]) -> [UInt8] {
        var compressor = LZ4Compressor()
        var output = [UInt8](repeating: 0, count: source.count + source.count / 255 + 16)
        var span = output.mutableSpan
        guard let byteCount = compressor.compress(source.span, into: &span) else {
            Issue.record("the source doesn't fit")
            return []
        }
        return Array(output.prefix(byteCount))
    }

    private func decompress(_ block: [UInt8], to byteCount: Int) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: byteCount)
        var span = output.mutableSpan
        try LZ4.decompress(block.span, into: &span)
        return output
    }
}
