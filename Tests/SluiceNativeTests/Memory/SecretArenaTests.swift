import Testing

@testable import SluiceNative

struct SecretArenaTests {
    @Test(arguments: [
        (0, 64), (1, 64), (64, 64), (65, 128), (129, 256), (2048, 2048), (2049, 4096), (4096, 4096),
        (4097, 8192),
    ]) func `a block is the next power of two, or whole pages`(
        byteCount: Int, blockByteCount: Int
    ) {
        let block = SecretArena.allocate(byteCount: byteCount)
        defer { SecretArena.release(block) }
        #expect(block.byteCount == blockByteCount)
    }
}
