import SluiceNative
import Testing

/// Serialized, because the arena's counts are the process's.
@Suite(.serialized) struct SecretBytesTests {
    static let byteCounts = [0, 1, 63, 64, 65, 128, 1168, 4095, 4096, 4097, 8192, 100_000]

    @Test(arguments: byteCounts) func `a new secret is zeros`(byteCount: Int) {
        // Dirties a block of the same size, which is likely to be had again.
        var first = SecretBytes(byteCount: byteCount)
        first.withMutableBytes { bytes in fill(&bytes, with: 0xa5) }
        _ = consume first
        let second = SecretBytes(byteCount: byteCount)
        #expect(second.byteCount == byteCount)
        #expect(contents(second).allSatisfy { $0 == 0 })
        #expect(contents(second).count == byteCount)
    }

    @Test(arguments: byteCounts) func `a secret keeps what is written to it`(byteCount: Int) {
        let original = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let secret = SecretBytes(copying: original.span)
        #expect(contents(secret) == original)
    }

    @Test func `a copy doesn't share its bytes`() {
        let original: [UInt8] = [1, 2, 3]
        var secret = SecretBytes(copying: original.span)
        let copy = secret.copy()
        secret.withMutableBytes { $0[0] = 9 }
        #expect(contents(secret) == [9, 2, 3])
        #expect(contents(copy) == [1, 2, 3])
    }

    @Test func `neighbouring secrets don't overlap`() {
        var many: [SharedSecret] = []
        for index in 0..<2000 {
            let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 1 + index % 300)
            many.append(SharedSecret(SecretBytes(copying: bytes.span)))
        }
        for (index, secret) in many.enumerated() {
            let isWhole = secret.bytes.withBytes { bytes in
                bytes.count == 1 + index % 300
                    && bytes.indices.allSatisfy { bytes[$0] == UInt8(truncatingIfNeeded: index) }
            }
            #expect(isWhole)
        }
    }

    @Test func `errors pass through with their type`() {
        struct Refusal: Error {}
        var secret = SecretBytes(byteCount: 1)
        #expect(throws: Refusal.self) {
            try secret.withBytes { (_) throws(Refusal) in throw Refusal() }
        }
        #expect(throws: Refusal.self) {
            try secret.withMutableBytes { (_) throws(Refusal) in throw Refusal() }
        }
    }

    @Test func `a secret of its own mapping is counted while it lives`() {
        // Far more than other tests hold at the same time.
        let byteCount = 64 << 20
        let before = total(SecretArena.usage)
        let secret = SecretBytes(byteCount: byteCount)
        #expect(total(SecretArena.usage) - before >= byteCount / 2)
        #expect(secret.byteCount == byteCount)
        _ = consume secret
        #expect(total(SecretArena.usage) - before < byteCount / 2)
    }

    private func total(_ usage: SecretArena.Usage) -> Int {
        usage.lockedByteCount + usage.unlockedByteCount
    }
}

func contents(_ secret: borrowing SecretBytes) -> [UInt8] {
    secret.withBytes { bytes in bytes.indices.map { bytes[$0] } }
}

func fill(_ bytes: inout MutableSpan<UInt8>, with value: UInt8) {
    for index in bytes.indices { bytes[index] = value }
}
