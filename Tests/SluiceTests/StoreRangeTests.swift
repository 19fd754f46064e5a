import Sluice
import TestSupport
import Testing

@Suite struct StoreRangeTests {
    private static let byteCount = 4096 * 20 + 17
    private static let raw = patternedBytes(byteCount)
    private static let text = textBytes(byteCount)
    private static let store = Result {
        let store = try Store.inMemory()
        try store.put(raw, as: "raw", options: .with())
        try store.put(text, as: "lz4", options: .with(.lz4))
        try store.put(Array(raw[..<9000]), as: "small raw", options: .with())
        try store.put(Array(text[..<9000]), as: "small lz4", options: .with(.lz4))
        try store.put([], as: "empty", options: .with())
        try store.put([7], as: "one", options: .with())
        return store
    }

    private static let objects: [(ObjectName, [UInt8])] = [
        ("raw", raw), ("lz4", text), ("small raw", Array(raw[..<9000])),
        ("small lz4", Array(text[..<9000])), ("one", [7]),
    ]

    /// Offsets around each chunk's edge of interest.
    private static func edges(_ byteCount: Int) -> [Int] {
        let edges = [0, 4096, 8192, 4096 * 19, 4096 * 20, byteCount]
        return Set(edges.flatMap { [$0 - 1, $0, $0 + 1] })
            .filter { (0...byteCount).contains($0) }.sorted()
    }

    @Test(arguments: 0..<5)
    func `every range around a chunk's edge is what it says`(place: Int) throws {
        let store = try Self.store.get()
        let (name, bytes) = Self.objects[place]
        for lower in Self.edges(bytes.count) where lower < bytes.count {
            #expect(try store.get(name, range: .from(lower)) == Array(bytes[lower...]))
            for upper in Self.edges(bytes.count) where upper > lower {
                let got = try store.get(name, range: .offsets(lower..<upper))
                #expect(got == Array(bytes[lower..<upper]), "\(lower)..<\(upper)")
            }
            #expect(
                try store.get(name, range: .offsets(lower..<bytes.count + 1))
                    == Array(bytes[lower...]))
            #expect(try store.get(name, range: .offsets(lower..<Int.max)) == Array(bytes[lower...]))
        }
        for count in Self.edges(bytes.count) + [bytes.count + 1, .max] where count > 0 {
            #expect(try store.get(name, range: .last(count)) == bytes.suffix(count))
        }
        #expect(try store.get(name, range: .all) == bytes)
    }

    @Test(arguments: 0..<5)
    func `a sink and a file get the same ranges`(place: Int) throws {
        let store = try Self.store.get()
        let directory = try TemporaryDirectory()
        let (name, bytes) = Self.objects[place]
        let middle = bytes.count / 2
        let ranges = [
            0..<bytes.count, 0..<1, middle..<bytes.count, max(0, middle - 5000)..<middle + 1,
        ]
        for range in ranges {
            let sink = KeepingSink()
            let info = try store.get(name, range: .offsets(range), to: sink)
            #expect(sink.bytes == Array(bytes[range]))
            #expect(info.byteCount == bytes.count)
            try store.get(name, range: .offsets(range), toFileAt: directory.path("f"))
            #expect(try directory.read("f") == Array(bytes[range]))
        }
    }

    @Test(arguments: 0..<5)
    func `a range outside the object is refused`(place: Int) throws {
        let store = try Self.store.get()
        let (name, bytes) = Self.objects[place]
        let n = bytes.count
        let refused: [ByteRange] = [
            .offsets(n..<n + 1), .offsets(n..<n), .offsets(0..<0), .offsets(-1..<1),
            .offsets(.min ..< .max), .offsets(n + 1..<Int.max), .from(n), .from(n + 1), .from(-1),
            .from(.max), .from(.min), .last(0), .last(-1), .last(.min),
        ]
        for range in refused {
            #expect(failure { try store.get(name, range: range) } == .invalidRange, "\(range)")
        }
    }

    @Test func `an empty object has no range but all`() throws {
        let store = try Self.store.get()
        #expect(try store.get("empty") == [])
        for range in [ByteRange.from(0), .last(1), .offsets(0..<1), .offsets(0..<0)] {
            #expect(failure { try store.get("empty", range: range) } == .invalidRange)
        }
    }

    @Test func `random ranges of random chunkings are what they say`() throws {
        let store = try Store.inMemory()
        defer { try? store.close() }
        var random = Randomness(seed: 11)
        for round in 0..<12 {
            let byteCount = 66_000 + random.below(200_000)
            let isText = round.isMultiple(of: 2)
            let bytes = isText ? textBytes(byteCount, seed: round) : patternedBytes(byteCount)
            let options = PutOptions.with(
                chunkByteCount: 4096 << random.below(5), isText ? .lz4 : .none)
            try store.put(bytes, as: "o", options: options)
            for _ in 0..<20 {
                let lower = random.below(byteCount)
                let upper = lower + 1 + random.below(byteCount - lower)
                let got = try store.get("o", range: .offsets(lower..<upper))
                #expect(got == Array(bytes[lower..<upper]))
            }
        }
    }
}
