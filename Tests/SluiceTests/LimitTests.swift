import Sluice
import SluiceFormat
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

/// What the article Limits says, at its edges. Those of the arithmetic are in `ChunkLayoutTests`, those of
/// readers at once in `BarrierGateTests`.
@Suite struct LimitTests {
    private func options(
        contentType: Int = 0, metadata: [String: String] = [:]
    ) -> PutOptions {
        var options = PutOptions()
        options.properties.contentType = String(repeating: "t", count: contentType)
        options.metadata = metadata
        return options
    }

    @Test func `a name has 1 to 4,096 bytes`() throws {
        let store = try Store.inMemory()
        let longest = try ObjectName(String(repeating: "é", count: 2048))
        try store.put([1], as: longest)
        #expect(try store.get(longest) == [1])
        #expect(try store.list().entries.map(\.name) == [longest])
        #expect(
            failure { try ObjectName(String(repeating: "é", count: 2048) + "x") } == .invalidName)
        #expect(failure { try ObjectName(utf8: []) } == .invalidName)
    }

    @Test func `content type and metadata go up to their limits together`() throws {
        let store = try Store.inMemory()
        let longest = try ObjectName(String(repeating: "n", count: 4096))
        // As many pairs as there can be: each takes one byte at least, its key.
        var pairs: [String: String] = [:]
        for scalar in 0..<128 { pairs[String(UnicodeScalar(UInt8(scalar)))] = "" }
        pairs["value"] = String(repeating: "v", count: 8192 - 128 - 5)
        let most = options(contentType: 1024, metadata: pairs)
        try store.put([1], as: longest, options: most)
        let info = try store.info(longest)
        #expect(info.metadata == pairs)
        #expect(info.properties.contentType.utf8.count == 1024)
        #expect(
            failure { try store.put([1], as: "o", options: options(contentType: 1025)) }
                == .invalidArgument)
        pairs["value"]?.append("v")
        #expect(
            failure { try store.put([1], as: "o", options: options(metadata: pairs)) }
                == .invalidArgument)
        #expect(failure { try store.info("o") } == .notFound)
    }

    @Test func `a scope's name has at most 63 bytes`() throws {
        let store = try Store.inMemory()
        let longest = try ScopeName(String(repeating: "s", count: 63))
        _ = try store.createScope(longest)
        #expect(try store.scope(longest).name == longest)
        #expect(failure { try ScopeName(String(repeating: "s", count: 64)) } == .invalidName)
    }

    @Test(arguments: [4096, 2 << 20, 16 << 20])
    func `an object has as many chunks and bytes as an object can, and not one more`(
        chunkByteCount: Int
    ) throws {
        var options = PutOptions()
        options.chunkByteCount = chunkByteCount
        let plan = try PutPlan("o", options)
        let most = min(1 << 53, chunkByteCount << 32)
        #expect(try plan.layout(byteCount: most).byteCount == most)
        #expect(failure { try plan.layout(byteCount: most + 1) } == .invalidArgument)
    }

    @Test func `a stream that goes on beyond the last chunk is refused`() throws {
        let chunkSize = try #require(ChunkSize(byteCount: 4096))
        for byteCount in [3 * 4096 - 1, 3 * 4096, 3 * 4096 + 1] {
            let stream = StreamSource(
                head: try WorkBuffer(byteCount: 0), rest: ClosureSource(patternedBytes(byteCount)),
                chunkSize: chunkSize,
                chunkLimit: 3)
            let library = try CryptoLibrary.load(requireFIPS: false)
            let result = failure {
                try Workers(count: 1, library: library).withWorker { worker throws(StoreError) in
                    worker.input = try Worker.buffer(4096)
                    while try stream.withNextChunk(&worker.input, { _, _ throws(StoreError) in }) {}
                }
            }
            #expect(result == (byteCount > 3 * 4096 ? .invalidArgument : nil))
        }
    }

    @Test func `a key has as many versions as it was rotated, and a store all their objects`()
        throws
    {
        let store = try Store.inMemory()
        _ = try store.vaults.acting(as: .owner).createVault(name: "many")
        let key = try store.vaults.acting(as: .owner).createKey(vault: "many", name: "k").key.kid
        _ = try store.vaults.acting(as: .owner).setAccessPolicy(vault: "many", for: store.identity)
        _ = try store.createScope("many", key: key.versionless)
        // One key over and over, for making them takes long: versions differ by name alone.
        let pem = try Checkout.read("Data/vectors/example/key-1.pem")
        for index in 0..<60 {
            if index > 0 {
                _ = try store.vaults.acting(as: .owner).importKey(
                    vault: "many", name: "k", pem: pem.span)
            }
            try store.put([UInt8(index)], as: ObjectName("\(index)"), in: "many")
        }
        #expect(try store.scope("many").census.count == 60)
        for index in 0..<60 {
            #expect(try store.get(ObjectName("\(index)"), in: "many") == [UInt8(index)])
        }
        #expect(try store.rewrap(in: "many").remainingObjectCount == 0)
    }
}
