import Testing

@testable import BenchKit

@Suite struct DataPatternTests {
    static let page = DataPattern.pageByteCount

    @Test(arguments: DataPattern.allCases)
    func `a part made alone is the same as in the whole`(pattern: DataPattern) {
        let whole = pattern.bytes(count: 3 * Self.page, seed: 1)
        var part = [UInt8](repeating: 0xAA, count: Self.page)
        var span = part.mutableSpan
        pattern.fill(&span, seed: 1, offset: 2 * Self.page)
        #expect(part == Array(whole[(2 * Self.page)...]))
    }

    @Test(
        arguments: DataPattern.allCases,
        [0, 1, 7, 8, 9, page - 1, page, page + 1, 2 * page])
    func `a short file is the beginning of a long one`(pattern: DataPattern, byteCount: Int) {
        let long = pattern.bytes(count: 2 * Self.page, seed: 2)
        #expect(pattern.bytes(count: byteCount, seed: 2) == Array(long[..<byteCount]))
    }

    @Test func `seeds, pages and patterns differ, except for zeros`() {
        let patterns: [DataPattern] = [.random, .text]
        let parts = patterns.flatMap { pattern in
            [UInt64](1...2).flatMap { seed in
                let bytes = pattern.bytes(count: 2 * Self.page, seed: seed)
                return [Array(bytes[..<Self.page]), Array(bytes[Self.page...])]
            }
        }
        #expect(Set(parts).count == 8)
        #expect(DataPattern.zeros.bytes(count: 100, seed: 3) == [UInt8](repeating: 0, count: 100))
    }

    // The checksums come from an independent generator, written in Python, and Python's xxhash.
    @Test(
        arguments: [
            (.random, 0x9CD2_B624_F117_AD62), (.text, 0x983C_FADF_D1A9_495B),
            (.zeros, 0xE609_7BCE_5713_1C75), (.mixed, 0x3C8F_8B94_6F76_A1D4),
        ] as [(DataPattern, UInt64)])
    func `the data never change`(pattern: DataPattern, checksum: UInt64) {
        let bytes = pattern.bytes(count: 5 * Self.page + 13, seed: 42)
        #expect(XXH64.digest(of: bytes.span) == checksum)
    }

    @Test func `text shrinks about twofold, random data not at all`() {
        func share(_ pattern: DataPattern) -> Double {
            Double(lz4LikeByteCount(pattern.bytes(count: Self.page, seed: 1))) / Double(Self.page)
        }
        #expect((0.45...0.58).contains(share(.text)))
        #expect(share(.random) > 0.99)
        #expect(share(.zeros) < 0.01)
    }

    @Test func `mixed data is pages of the others, about as many of each`() {
        let pageCount = 60
        func pages(_ pattern: DataPattern) -> [[UInt8]] {
            let bytes = pattern.bytes(count: pageCount * Self.page, seed: 7)
            return (0..<pageCount).map { Array(bytes[$0 * Self.page..<($0 + 1) * Self.page]) }
        }
        let mixed = pages(.mixed)
        let counts = [DataPattern.random, .text, .zeros].map { pattern in
            zip(mixed, pages(pattern)).count { $0 == $1 }
        }
        #expect(counts.reduce(0, +) == pageCount)
        #expect(counts.allSatisfy { (10...30).contains($0) })
    }

    @Test func `text is words of letters and spaces`() {
        let letters = Set("abcdefghijklmnop ".utf8)
        let text = DataPattern.text.bytes(count: 8000, seed: 1)
        #expect(text.allSatisfy(letters.contains))
        #expect(text.count { $0 == 0x20 } == 1000)
    }

    /// How long an LZ4 block would be, by a greedy parser with one candidate for each four bytes.
    private func lz4LikeByteCount(_ bytes: [UInt8]) -> Int {
        var lastPositions: [UInt32: Int] = [:]
        var size = 0
        var literalStart = 0
        var position = 0
        func extraByteCount(_ length: Int, above limit: Int) -> Int {
            length < limit ? 0 : 1 + (length - limit) / 255
        }
        func literals(_ count: Int) -> Int { 1 + extraByteCount(count, above: 15) + count }
        while position + 4 <= bytes.count {
            var key: UInt32 = 0
            for index in position..<position + 4 { key = key << 8 | UInt32(bytes[index]) }
            guard let candidate = lastPositions.updateValue(position, forKey: key) else {
                position += 1
                continue
            }
            var length = 4
            while position + length < bytes.count,
                bytes[candidate + length] == bytes[position + length]
            {
                length += 1
            }
            size += literals(position - literalStart) + 2 + extraByteCount(length, above: 19)
            position += length
            literalStart = position
        }
        return size + literals(bytes.count - literalStart)
    }
}

@Suite struct XXH64Tests {
    static let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 * 7) }

    // xxhash.xxh64(bytes(i * 7 % 256 for i in range(n))).intdigest(), from Python's xxhash
    @Test(
        arguments: [
            (0, 0xEF46_DB37_51D8_E999), (1, 0xE934_A84A_DB05_2768), (3, 0x9FF7_0A63_5A62_09AB),
            (4, 0xAE5A_CDC0_0A55_AC41), (7, 0xD734_A6B2_6F3D_A63E), (8, 0x8711_6B33_65B9_24EB),
            (31, 0x0F18_7C62_B1E7_22B7), (32, 0x91B0_CB09_31A8_C629), (33, 0x931B_043C_F8D6_5B94),
            (63, 0x2191_10BF_13E2_FA26), (64, 0xBF30_52E3_4457_75D0), (100, 0x8E22_72C0_8247_D5DB),
        ] as [(Int, UInt64)])
    func `checksums agree with xxHash`(byteCount: Int, checksum: UInt64) {
        #expect(XXH64.digest(of: Self.bytes.span.extracting(first: byteCount)) == checksum)
    }

    @Test func `parts give the checksum of the whole`() {
        var checksum = XXH64()
        checksum.update(Self.bytes.span.extracting(0..<32))
        checksum.update(Self.bytes.span.extracting(0..<0))
        checksum.update(Self.bytes.span.extracting(32..<96))
        checksum.update(Self.bytes.span.extracting(96..<100))
        #expect(checksum.digest == XXH64.digest(of: Self.bytes.span))
    }
}
