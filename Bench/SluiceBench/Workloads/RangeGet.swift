internal import BenchKit
internal import Sluice
internal import SluiceNative
internal import Synchronization

/// Gets ranges of 4 KiB from a larger object; each lies within one chunk.
final class RangeGet: Workload {
    let name = "get-4KiB-range"
    let summary: String
    let unit = WorkUnit.operations
    private let byteCount: Int
    private let conditions: Conditions
    private let store: OpenStore
    private static let objectName = "object"
    private static let rangeByteCount = 4096

    init(_ conditions: Conditions) {
        self.conditions = conditions
        byteCount = conditions.profile.objectByteCount
        store = OpenStore(at: conditions.path(name))
        summary = """
            Get 4 KiB anywhere in an object of \(Figures.size(byteCount)), one caller, keys in the \
            cache: a chunk of \(Figures.size(DataPlaneProbe.chunkByteCount)) is opened for it.
            """
    }

    func setUp() throws {
        let bytes = DataPattern.random.bytes(count: byteCount, seed: conditions.seed)
        try store.make(.none).put(bytes, as: ObjectName(Self.objectName))
    }

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let store = try store.get()
        let name = try ObjectName(Self.objectName)
        var random = caller.random()
        return { [byteCount] in
            let count = byteCount / Self.rangeByteCount
            let offset = random.nextIndex(below: count) * Self.rangeByteCount
            let range = ByteRange.offsets(offset..<offset + Self.rangeByteCount)
            return try store.get(name, range: range).count == Self.rangeByteCount ? 1 : 0
        }
    }

    func tearDown() throws {
        try store.remove()
    }
}

/// Opens one chunk with the bare cipher, again and again, on one thread.
final class BareChunkOpen: Workload {
    let name = "EVP, one chunk"
    let summary = "Open a chunk of the same size with the bare cipher, one thread."
    let unit = WorkUnit.operations

    func makeOperation(for caller: Caller) throws -> TimedOperation {
        let byteCount = DataPlaneProbe.chunkByteCount
        var cipher = try AES256GCM(CryptoLibrary.load(requireFIPS: false))
        try cipher.setKey(DataPattern.random.bytes(count: 32, seed: 1).span)
        let nonce = Nonce96(repeating: 0)
        let plain = DataPattern.random.bytes(count: byteCount, seed: 2)
        let sealedByteCount = byteCount + AES256GCM.tagByteCount
        let sealed = try [UInt8](filling: sealedByteCount) { output throws(CryptoError) in
            try cipher.seal(plain.span, nonce: nonce, authenticating: Span(), into: &output)
        }
        let opener = Mutex(cipher)
        var target = [UInt8](repeating: 0, count: byteCount)
        return {
            var output = target.mutableSpan
            try opener.withLock { cipher throws(CryptoError) in
                try cipher.open(sealed.span, nonce: nonce, authenticating: Span(), into: &output)
            }
            return 1
        }
    }
}
