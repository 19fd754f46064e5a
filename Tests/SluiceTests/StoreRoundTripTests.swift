import Sluice
import SluiceNative
import TestSupport
import Testing

@testable import SluiceEngine

@Suite struct StoreRoundTripTests {
    private static let memory = Result { try Store.inMemory() }

    private func expectRoundTrip(_ bytes: [UInt8], _ options: PutOptions, _ store: Store) throws {
        var options = options
        options.metadata = ["a": "b", "é": "", "c": "\u{0}"]
        options.properties.contentType = "text/plain"
        let name = try ObjectName("dir/\(options.compression)/\(bytes.count)")
        let put = try store.put(bytes, as: name, options: options)
        #expect(try store.get(name) == bytes)
        let info = try store.info(name)
        #expect(info == put)
        #expect(info.byteCount == bytes.count)
        #expect(info.metadata == options.metadata)
        #expect(info.properties.contentType == "text/plain")
        #expect(info.chunkByteCount == options.chunkByteCount)
        #expect(try store.verify([name]).findings == [])
        #expect(try store.verify([name]).byteCount == bytes.count)
    }

    @Test(
        arguments: [
            0, 1, 4095, 4096, 4097, 8191, 8192, 65_263, 65_264, 65_265, 65_536, 131_073, 400_000,
        ], Compression.allCases)
    func `what was put is got back`(byteCount: Int, compression: Compression) throws {
        let store = try Self.memory.get()
        try expectRoundTrip(patternedBytes(byteCount), .with(compression), store)
        try expectRoundTrip(textBytes(byteCount), .with(compression), store)
    }

    @Test(arguments: [262_143, 262_144, 262_145, 600_000])
    func `what was put in default chunks is got back`(byteCount: Int) throws {
        let store = try Self.memory.get()
        for compression in Compression.allCases {
            let options = PutOptions.with(chunkByteCount: 262_144, compression)
            try expectRoundTrip(patternedBytes(byteCount), options, store)
            try expectRoundTrip(textBytes(byteCount), options, store)
        }
    }

    @Test func `what was put durably on disk is got back, also when opened again`() throws {
        let home = try TestHome()
        let objects: [(ObjectName, [UInt8], Compression)] = [
            ("empty", [], .auto), ("small", patternedBytes(5000), .auto),
            ("small text", textBytes(50_000), .auto), ("raw", patternedBytes(300_001), .none),
            ("text", textBytes(300_001), .lz4),
        ]
        try home.withStore(StoreOptions()) { store throws in
            for (name, bytes, compression) in objects {
                try store.put(bytes, as: name, options: .with(compression))
            }
        }
        #expect(home.files("staging") == [])
        #expect(home.files("blobs").count == 2)
        try home.withStore(StoreOptions()) { store throws in
            for (name, bytes, _) in objects { #expect(try store.get(name) == bytes) }
            #expect(try store.verify().findings == [])
            #expect(try store.verify().objectCount == objects.count)
            #expect(try store.verifyWithoutKeys().findings == [])
        }
    }

    @Test func `text is stored in fewer bytes, and random bytes in hardly more`() throws {
        let store = try Self.memory.get()
        let text = try store.put(textBytes(1_000_000), as: "shrinks")
        #expect(text.isCompressed && text.storedByteCount < 500_000)
        let random = try store.put(patternedBytes(1_000_000), as: "stays")
        #expect(!random.isCompressed && random.storedByteCount == 1_000_000 + 4 * 16)
        let plain = try store.put(textBytes(1_000_000), as: "kept", options: .with(.none))
        #expect(!plain.isCompressed && plain.storedByteCount == 1_000_000 + 245 * 16)
    }

    @Test func `compressible and random parts may alternate in an object`() throws {
        let store = try Self.memory.get()
        var bytes: [UInt8] = []
        for part in 0..<40 {
            bytes += part % 3 == 0 ? patternedBytes(9000, seed: UInt64(part)) : textBytes(7000)
        }
        try store.put(bytes, as: "mixed", options: .with(.lz4))
        #expect(try store.get("mixed") == bytes)
    }

    @Test func `an overwrite replaces bytes, document and tag`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        var tags: Set<EntityTag> = []
        for byteCount in [10, 100_000, 0, 200_000, 10, 10] {
            let bytes = patternedBytes(byteCount)
            tags.insert(try store.put(bytes, as: "o", options: .with()).entityTag)
            #expect(try store.get("o") == bytes)
            #expect(try store.info("o").metadata == [:])
        }
        #expect(tags.count == 6)
        #expect(try store.list().entries.count == 1)
        let census = try store.scope(.default).census
        #expect(census.map(\.objectCount) == [1])
        #expect(census.map(\.byteCount) == [10])
    }

    @Test func `what isn't there is not found`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        // Before the default scope exists, and after.
        for _ in 0..<2 {
            #expect(failure { try store.get("x") } == .notFound)
            #expect(failure { try store.info("x") } == .notFound)
            #expect(failure { try store.remove("x") } == .notFound)
            #expect(failure { try store.rename("x", to: "y") } == .notFound)
            #expect(failure { try store.copy("x", to: "y") } == .notFound)
            #expect(try store.verify(["x"]).findings.map(\.refusal?.code) == [.notFound])
            #expect(failure { try store.get("x", in: "nowhere") } == .notFound)
            #expect(failure { try store.put([], as: "x", in: "nowhere") } == .notFound)
            #expect(try store.list().entries == [])
            try store.put([1], as: "there")
            try store.remove("there")
            #expect(failure { try store.get("there") } == .notFound)
        }
    }

    @Test func `options out of bounds are refused, and nothing is stored`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        for chunkByteCount in [-1, 0, 1, 2048, 4095, 4097, 12_288, 32 << 20, .max, .min] {
            let options = PutOptions.with(chunkByteCount: chunkByteCount)
            #expect(failure { try store.put([1], as: "o", options: options) } == .invalidArgument)
        }
        let changes: [(inout PutOptions) -> Void] = [
            { $0.properties.contentType = String(repeating: "x", count: 1025) },
            { $0.properties.contentLanguage = String(repeating: "é", count: 513) },
            { $0.properties.contentMD5 = [1] }, { $0.properties.tags = ["": "x"] },
            { $0.properties.tags = ["t": String(repeating: "x", count: 257)] },
            { $0.properties.tags = [String(repeating: "t", count: 129): ""] },
            {
                $0.properties.tags = Dictionary(
                    uniqueKeysWithValues: (0..<11).map { ("\($0)", "") })
            },
            { $0.metadata = ["": "x"] },
            { $0.metadata = ["k": String(repeating: "x", count: 8192)] },
        ]
        for change in changes {
            var options = PutOptions()
            change(&options)
            #expect(failure { try store.put([1], as: "o", options: options) } == .invalidArgument)
        }
        #expect(try store.list().entries == [])
        var largest = PutOptions()
        largest.properties = ObjectProperties(
            contentType: String(repeating: "x", count: 1024), contentEncoding: "é",
            contentLanguage: "b", contentDisposition: "c", cacheControl: "d",
            contentMD5: [UInt8](repeating: 7, count: 16), tier: .archive,
            tags: [String(repeating: "t", count: 128): String(repeating: "x", count: 256)])
        largest.metadata = ["k": String(repeating: "x", count: 8191)]
        #expect(try store.put([1], as: "o", options: largest) == store.info("o"))
    }

    @Test func `every call on a closed store says so, and closing again does nothing`() throws {
        let store = try Store.inMemory()
        try store.put([1], as: "o")
        try store.close()
        try store.close()
        #expect(failure { try store.get("o") } == .closed)
        #expect(failure { try store.put([1], as: "o") } == .closed)
        #expect(failure { try store.put([1], as: "o", in: "s") } == .closed)
        #expect(failure { try store.info("o") } == .closed)
        #expect(failure { try store.list() } == .closed)
        #expect(failure { try store.remove("o") } == .closed)
        #expect(failure { try store.rename("o", to: "p") } == .closed)
        #expect(failure { try store.copy("o", to: "p") } == .closed)
        #expect(failure { try store.verify() } == .closed)
        #expect(failure { try store.verifyWithoutKeys() } == .closed)
        #expect(failure { try store.scopes() } == .closed)
        #expect(failure { try store.status() } == .closed)
        #expect(failure { try store.createScope("s") } == .closed)
        #expect(failure { try store.backup(to: "/nonexistent/x") } == .closed)
    }

    @Test func `a temporary store is gone when it is closed`() throws {
        let store = try Store.temporary(options: .fast())
        let bytes = patternedBytes(100_000)
        try store.put(bytes, as: "o")
        #expect(try store.get("o") == bytes)
        let path = try #require(store.context.files?.catalogPath)
        #expect(try FileSystem.exists(path))
        try store.close()
        #expect(try !FileSystem.exists(path))
    }

    @Test func `two stores in memory share nothing`() throws {
        let stores = [try Store.inMemory(), try Store.inMemory()]
        for (index, store) in stores.enumerated() {
            try store.put([UInt8(index)], as: "o")
            try store.put(patternedBytes(100_000, seed: UInt64(index)), as: "large")
        }
        for (index, store) in stores.enumerated() {
            #expect(try store.get("o") == [UInt8(index)])
            #expect(try store.get("large") == patternedBytes(100_000, seed: UInt64(index)))
            try store.close()
        }
    }
}
