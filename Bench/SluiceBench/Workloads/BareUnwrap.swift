internal import BenchKit
internal import SluiceNative
internal import Synchronization

/// RSA-2048 private operations and nothing else: unwraps a key of 256 bits with RSA-OAEP-256.
final class BareUnwrap: Workload {
    let name = "RSA-2048 private operations"
    let summary = "Unwrap a key of 32 bytes with RSA-OAEP-256, a thread for each processor."
    let unit = WorkUnit.operations
    private let prepared = Mutex<Prepared?>(nil)
    private static let wrappedKeyCount = 64

    private struct Prepared: Sendable {
        let key: RSAPrivateKey
        let wrappedKeys: [[UInt8]]
    }

    func setUp() throws {
        let library = try CryptoLibrary.load(requireFIPS: false)
        let key = try RSAPrivateKey.generate(library)
        let wrappedKeys = try (0..<Self.wrappedKeyCount).map { index in
            let secret = DataPattern.random.bytes(count: 32, seed: UInt64(index))
            return try key.publicKey.wrap(secret.span)
        }
        prepared.withLock { $0 = Prepared(key: key, wrappedKeys: wrappedKeys) }
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        guard let prepared = prepared.withLock({ $0 }) else { throw BenchError.notSetUp }
        var index = caller.index
        return {
            let wrapped = prepared.wrappedKeys[index % prepared.wrappedKeys.count]
            let secret = try prepared.key.unwrap(wrapped.span)
            index += 1
            return secret.byteCount == 32 ? 1 : 0
        }
    }

    func tearDown() {
        prepared.withLock { $0 = nil }
    }
}
