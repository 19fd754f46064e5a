internal import BenchKit
internal import SluiceNative
internal import Synchronization

/// RSA-2048 operations and nothing else: unwraps or wraps a key of 256 bits with RSA-OAEP-256, or both.
final class BareWrapping: Workload {
    /// Which key is used.
    enum Kind: String, Sendable {
        case `private`, `public`, both = "private and public"
    }

    let name: String
    let summary: String
    let unit = WorkUnit.operations
    private let kind: Kind
    private let prepared = Mutex<Prepared?>(nil)
    private static let wrappedKeyCount = 64

    private struct Prepared: Sendable {
        let key: RSAPrivateKey
        let wrappedKeys: [[UInt8]]
    }

    init(_ kind: Kind, name: String? = nil) {
        self.kind = kind
        self.name = name ?? "RSA-2048 \(kind.rawValue) operations"
        let what =
            switch kind {
            case .private: "Unwrap"
            case .public: "Wrap"
            case .both: "Unwrap and wrap"
            }
        summary = "\(what) a key of 32 bytes with RSA-OAEP-256, a thread for each processor."
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
        guard kind != .public else {
            let secret = DataPattern.random.bytes(count: 32, seed: caller.runSeed)
            return { try prepared.key.publicKey.wrap(secret.span).isEmpty ? 0 : 1 }
        }
        var index = caller.index
        return { [kind] in
            let wrapped = prepared.wrappedKeys[index % prepared.wrappedKeys.count]
            let secret = try prepared.key.unwrap(wrapped.span)
            index += 1
            guard kind == .both else { return secret.byteCount == 32 ? 1 : 0 }
            return try secret.withBytes { try prepared.key.publicKey.wrap($0).isEmpty ? 0 : 1 }
        }
    }

    func tearDown() {
        prepared.withLock { $0 = nil }
    }
}
