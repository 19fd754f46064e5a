import Sluice
import Testing

@Suite struct StoreRoundTripTests {
    @Test(arguments: [0, 1, 4095, 4096, 4097, 65_520, 65_536, 262_143, 262_144, 262_145, 3_000_000])
    func `what was put is got back`(byteCount: Int) throws {
        for store in [try Store.temporary(), try Store.inMemory()] {
            let bytes = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            for compression in Compression.allCases {
                var options = PutOptions()
                options.compression = compression
                options.metadata = ["a": "b", "c": "d"]
                options.contentType = "text/plain"
                let name = try ObjectName("dir/\(compression)")
                let put = try store.put(bytes, as: name, options: options)
                #expect(try store.get(name) == bytes)
                #expect(try store.info(name) == put)
            }
            #expect(try store.verify().findings == [])
            #expect(try store.verifyWithoutKeys().findings == [])
            try store.close()
        }
    }
}
