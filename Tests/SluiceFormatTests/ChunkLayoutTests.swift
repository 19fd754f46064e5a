import SluiceFormat
import Testing

@Suite struct ChunkLayoutTests {
    private static let sizes = [4096, 262_144, 16_777_216]

    @Test(arguments: sizes, [0, 1, 2, 7])
    func `the chunks of an object cover it once, in order`(size: Int, count: Int) throws {
        let chunkSize = try #require(ChunkSize(byteCount: size))
        for byteCount in [count * size - 1, count * size, count * size + 1] where byteCount >= 0 {
            let layout = try #require(ChunkLayout(byteCount: byteCount, chunkSize: chunkSize))
            var plain = 0
            var sealed = 0
            for index in 0..<layout.chunkCount {
                #expect(layout.offset(ofChunk: index) == plain)
                #expect(layout.sealedOffset(ofChunk: index) == sealed)
                #expect(
                    layout.sealedByteCount(ofChunk: index) == layout.byteCount(ofChunk: index) + 16)
                if index != layout.finalIndex { #expect(layout.byteCount(ofChunk: index) == size) }
                plain += layout.byteCount(ofChunk: index)
                sealed += layout.sealedByteCount(ofChunk: index)
            }
            #expect(plain == byteCount)
            #expect(sealed == layout.rawStoredByteCount)
            // Only an empty object has an empty chunk.
            #expect((layout.byteCount(ofChunk: layout.finalIndex) == 0) == (byteCount == 0))
        }
    }

    @Test func `an empty object is one empty final chunk`() throws {
        let layout = try #require(ChunkLayout(byteCount: 0, chunkSize: .standard))
        #expect(layout.chunkCount == 1)
        #expect(layout.finalIndex == 0)
        #expect(layout.rawStoredByteCount == 16)
        #expect(layout.chunks(covering: 0..<0).isEmpty)
    }

    @Test func `an object has at most 2 to the 32 chunks, and 2 to the 53 bytes`() throws {
        let small = try #require(ChunkSize(byteCount: 4096))
        let large = try #require(ChunkSize(byteCount: 16 << 20))
        let full = try #require(ChunkLayout(byteCount: 4096 << 32, chunkSize: small))
        #expect(full.chunkCount == 1 << 32)
        #expect(ChunkLayout(byteCount: (4096 << 32) + 1, chunkSize: small) == nil)
        #expect(ChunkLayout(byteCount: 1 << 53, chunkSize: large)?.chunkCount == 1 << 29)
        #expect(ChunkLayout(byteCount: (1 << 53) + 1, chunkSize: large) == nil)
        #expect(ChunkLayout(byteCount: .max, chunkSize: large) == nil)
        #expect(ChunkLayout(byteCount: -1, chunkSize: large) == nil)
        // Where the one limit takes over from the other.
        let even = try #require(ChunkSize(byteCount: 2 << 20))
        let largest = [(small, 1 << 32), (even, 1 << 32), (large, 1 << 29)]
        for (chunkSize, count) in largest {
            #expect(ChunkLayout.maximumChunkCount(chunkSize) == count)
            let byteCount = count * chunkSize.byteCount
            let layout = try #require(ChunkLayout(byteCount: byteCount, chunkSize: chunkSize))
            #expect(layout.chunkCount == count)
            #expect(layout.byteCount(ofChunk: layout.finalIndex) == chunkSize.byteCount)
            // The blob's last byte is one that an offset can name.
            #expect(
                layout.sealedOffset(ofChunk: layout.finalIndex)
                    + layout.sealedByteCount(ofChunk: layout.finalIndex)
                    == layout.rawStoredByteCount)
            #expect(layout.rawStoredByteCount < 1 << 54)
            #expect(ChunkLayout(byteCount: byteCount + 1, chunkSize: chunkSize) == nil)
        }
    }

    @Test func `a range is covered by exactly the chunks that hold a byte of it`() throws {
        let chunkSize = try #require(ChunkSize(byteCount: 4096))
        let byteCount = 3 * 4096 + 5
        let layout = try #require(ChunkLayout(byteCount: byteCount, chunkSize: chunkSize))
        let edges = [0, 1, 4095, 4096, 4097, 8191, 8192, 8193, 12_287, 12_288, 12_289, byteCount]
        for lower in edges {
            for upper in edges where upper >= lower {
                let expected = (0..<layout.chunkCount).filter { index in
                    let start = layout.offset(ofChunk: index)
                    return (start..<start + layout.byteCount(ofChunk: index))
                        .overlaps(lower..<upper)
                }
                #expect(Array(layout.chunks(covering: lower..<upper)) == expected)
            }
        }
    }

    @Test func `a chunk size is a power of two from 4 KiB to 16 MiB`() {
        for exponent in 12...24 {
            #expect(ChunkSize(byteCount: 1 << exponent)?.exponent == UInt8(exponent))
            #expect(ChunkSize(byteCount: (1 << exponent) + 1) == nil)
            #expect(ChunkSize(byteCount: (1 << exponent) - 1) == nil)
        }
        for refused in [Int.min, -4096, -1, 0, 1, 2048, 32 << 20, Int.max, 1 << 62] {
            #expect(ChunkSize(byteCount: refused) == nil)
        }
        #expect(ChunkSize(exponent: 11) == nil)
        #expect(ChunkSize(exponent: 25) == nil)
        #expect(ChunkSize.standard.byteCount == 262_144)
    }
}
