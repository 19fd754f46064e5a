import SluiceFormat
import Testing

@Suite struct ChunkNonceTests {
    private func bytes(_ nonce: [12 of UInt8]) -> [UInt8] { nonce.indices.map { nonce[$0] } }

    @Test func `a nonce is three zeros, the index big-endian, and the flags`() {
        #expect(
            bytes(ChunkNonce.chunk(index: 0x0102_0304_0506_0708, isFinal: true, isLZ4: true))
                == [0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 3])
        #expect(
            bytes(ChunkNonce.chunk(index: 0, isFinal: false, isLZ4: false))
                == [UInt8](repeating: 0, count: 12))
        #expect(
            bytes(ChunkNonce.tablePage(index: 256, isFinal: true))
                == [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1])
    }

    @Test func `no two places of an object share a nonce`() {
        var seen: Set<[UInt8]> = []
        var count = 0
        for index in [0, 1, 2, 255, 256, 257, 65_535, 65_536, 1 << 24, (1 << 32) - 1] {
            for isFinal in [false, true] {
                for isLZ4 in [false, true] {
                    seen.insert(
                        bytes(ChunkNonce.chunk(index: index, isFinal: isFinal, isLZ4: isLZ4)))
                    count += 1
                }
            }
        }
        #expect(seen.count == count)
    }
}
