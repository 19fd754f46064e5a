import SluiceNative
import Testing

struct CryptoCountersTests {
    /// In a process of its own, where nothing else counts.
    @Test func `every operation is counted once`() async {
        await #expect(processExitsWith: .success) {
            let library = try CryptoLibrary.load(requireFIPS: false)
            let pem = Array(RSAFixtures.pkcs8.utf8)
            guard case .rsa(let key) = try PrivateKey(pem: pem.span, library: library) else {
                preconditionFailure()
            }
            var cipher = try AES256GCM(library)
            let (bytes, one, nothing) = ([UInt8](repeating: 1, count: 32), [UInt8(1)], [UInt8]())
            try cipher.setKey(bytes.span)
            var buffer = [UInt8](repeating: 0, count: 40)
            var span = buffer.mutableSpan
            let nonce = Nonce96(repeating: 1)
            let before = CryptoCounters.snapshot()
            let wrapped = try key.publicKey.wrap(one.span)
            for _ in 0..<2 { _ = try key.unwrap(wrapped.span) }
            _ = try? key.unwrap(one.span)
            try cipher.sealInPlace(&span, nonce: nonce, authenticating: nothing.span)
            try cipher.openInPlace(&span, nonce: nonce, authenticating: nothing.span)
            try? cipher.openInPlace(&span, nonce: nonce, authenticating: one.span)
            let after = CryptoCounters.snapshot()
            precondition(after.rsaPublicCount - before.rsaPublicCount == 1)
            precondition(after.rsaPrivateCount - before.rsaPrivateCount == 3)
            precondition(after.sealCount - before.sealCount == 1)
            precondition(after.openCount - before.openCount == 2)
        }
    }
}
