/// Reproducible test data: the same seed gives the same bytes on every machine.
///
/// Data is made in pages of 64 KiB that depend only on the seed and the page's index, so that any
/// part of a file can be made alone and by any thread.
public enum DataPattern: String, Codable, Sendable, CaseIterable {
    /// Nothing that could be compressed.
    case random
    /// Lower-case words and spaces, of which LZ4 1.9.4 leaves about half: 53 % in blocks of 64 KiB,
    /// 68 % in blocks of 4 KiB.
    case text
    /// Nothing but zero bytes.
    case zeros
    /// Pages of the other three in random order, as often each.
    case mixed

    /// The size of a page: 65,536 bytes.
    public static let pageByteCount = 65_536

    /// Fills `span` with what stands at `offset` bytes of the file that belongs to `seed`.
    ///
    /// `offset` is a multiple of `pageByteCount`.
    public func fill(_ span: inout MutableSpan<UInt8>, seed: UInt64, offset: Int = 0) {
        precondition(offset >= 0 && offset % Self.pageByteCount == 0, "pages are made whole")
        var start = 0
        var pageIndex = offset / Self.pageByteCount
        while start < span.count {
            let end = min(start + Self.pageByteCount, span.count)
            fillPage(&span, start..<end, seed: seed, pageIndex: pageIndex)
            start = end
            pageIndex += 1
        }
    }

    /// `byteCount` new bytes from the beginning of the file that belongs to `seed`.
    public func bytes(count byteCount: Int, seed: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: byteCount)
        var span = bytes.mutableSpan
        fill(&span, seed: seed)
        return bytes
    }

    // MARK: - Pages

    private func fillPage(
        _ span: inout MutableSpan<UInt8>, _ page: Range<Int>, seed: UInt64, pageIndex: Int
    ) {
        var random = Xoshiro256(seed: seed, stream: UInt64(pageIndex))
        switch self {
        case .random:
            Self.fill(&span, page, &random) { $0 }
        case .text:
            let words = Self.words
            Self.fill(&span, page, &random) { Self.textWord(from: $0, words.span) }
        case .zeros:
            for index in page { span[index] = 0 }
        case .mixed:
            let parts: [DataPattern] = [.random, .text, .zeros]
            let part = parts[random.nextIndex(below: parts.count)]
            part.fillPage(&span, page, seed: seed, pageIndex: pageIndex)
        }
    }

    /// Stores little-endian words made from random ones; a last one that doesn't fit is cut.
    @inline(__always)
    private static func fill(
        _ span: inout MutableSpan<UInt8>, _ page: Range<Int>, _ random: inout Xoshiro256,
        _ word: (UInt64) -> UInt64
    ) {
        for start in stride(from: page.lowerBound, to: page.upperBound - 7, by: 8) {
            let word = word(random.next())
            // The highest index first: one bounds check then covers all eight, and the compiler
            // joins the stores into one, which is three times as fast.
            span[start + 7] = UInt8(truncatingIfNeeded: word >> 56)
            span[start] = UInt8(truncatingIfNeeded: word)
            span[start + 1] = UInt8(truncatingIfNeeded: word >> 8)
            span[start + 2] = UInt8(truncatingIfNeeded: word >> 16)
            span[start + 3] = UInt8(truncatingIfNeeded: word >> 24)
            span[start + 4] = UInt8(truncatingIfNeeded: word >> 32)
            span[start + 5] = UInt8(truncatingIfNeeded: word >> 40)
            span[start + 6] = UInt8(truncatingIfNeeded: word >> 48)
        }
        let raggedCount = page.count % 8
        if raggedCount > 0 {
            let word = word(random.next())
            for index in 0..<raggedCount {
                let byte = UInt8(truncatingIfNeeded: word >> (8 * index))
                span[page.upperBound - raggedCount + index] = byte
            }
        }
    }

    // MARK: - Text

    /// The vocabulary: the first 128 words are common, the others rare.
    ///
    /// LZ4 spends 3 bytes on a match of 8 and nearly 9 on a word that it hasn't seen lately, so the
    /// share of rare words sets the ratio.
    private static let words: [UInt64] = {
        var random = Xoshiro256(seed: 0x7465_7874)
        return (0..<4096).map { _ in randomWord(from: random.next()) }
    }()

    @inline(__always)
    private static func textWord(from bits: UInt64, _ words: Span<UInt64>) -> UInt64 {
        // Rare for 4 values of 16, common for 12: a carry, because a branch would be mispredicted.
        let isCommon = ((bits & 0xF) &+ 12) >> 4
        return words[Int(bits >> 4 & 4095 &>> (isCommon &* 5))]
    }

    /// Seven letters from `a` to `p` and a space somewhere: eight bytes.
    private static func randomWord(from bits: UInt64) -> UInt64 {
        let space = Int(bits & 7)
        return (0..<8).reduce(0) { word, index in
            let letter = index == space ? 0x20 : 0x61 + (bits >> (8 + 4 * index) & 15)
            return word | letter << (8 * index)
        }
    }
}
