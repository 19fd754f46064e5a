import Sluice
import TestSupport
import Testing

@Suite struct StoreStreamTests {
    private static let memory = Result { try Store.inMemory() }

    @Test(
        arguments: [
            0, 1, 4095, 4096, 4097, 65_519, 65_520, 65_521, 65_535, 65_536, 65_537, 69_631, 69_632,
            69_633, 300_000,
        ], [7, 4096, Int.max])
    func `a stream of any length is put whole`(byteCount: Int, pieceByteCount: Int) throws {
        guard pieceByteCount > 7 || byteCount < 100_000 else { return }
        let store = try Self.memory.get()
        for compression in [Compression.none, .lz4] {
            let bytes = compression == .lz4 ? textBytes(byteCount) : patternedBytes(byteCount)
            let name = try ObjectName("\(compression) \(byteCount) \(pieceByteCount)")
            let info = try store.put(
                from: ClosureSource(bytes, pieceByteCount: pieceByteCount), as: name,
                options: .with(compression))
            #expect(info.byteCount == byteCount)
            #expect(try store.get(name) == bytes)
            #expect(try store.verify([name]).findings == [])
        }
    }

    @Test(arguments: [131_071, 131_072, 131_073, 262_144, 262_145])
    func `a stream in chunks larger than its head is put whole`(byteCount: Int) throws {
        let store = try Self.memory.get()
        let bytes = patternedBytes(byteCount)
        let options = PutOptions.with(chunkByteCount: 131_072)
        let name = try ObjectName("large chunks \(byteCount)")
        try store.put(from: ClosureSource(bytes), as: name, options: options)
        #expect(try store.get(name) == bytes)
    }

    private struct Broken: Error {}

    @Test(arguments: [0, 10, 65_536, 65_537, 200_000])
    func `a stream that fails stores nothing`(byteCount: Int) throws {
        let home = try TestHome()
        try home.withStore { store throws in
            try store.put([1], as: "s")
            let rest = ClosureSource(patternedBytes(byteCount))
            let source = ClosureSource { buffer in
                let count = try rest.read(into: &buffer)
                if count == 0 { throw Broken() }
                return count
            }
            let error = thrown { try store.put(from: source, as: "s", options: .with()) }
            #expect(error?.code == .inputOutput)
            #expect(error?.cause is Broken)
            #expect(try store.get("s") == [1])
            #expect(home.files("blobs") + home.files("staging") == [])
        }
    }

    @Test func `a stream that failed is not read again`() throws {
        let home = try TestHome()
        let store = try home.open(.fast(workerCount: 4))
        defer { try? store.close() }
        let rest = ClosureSource(patternedBytes(300_000))
        let failures = Box(0)
        let source = ClosureSource { buffer in
            let count = try rest.read(into: &buffer)
            if count == 0 {
                failures.update { $0 += 1 }
                throw Broken()
            }
            return count
        }
        #expect(failure { try store.put(from: source, as: "s", options: .with()) } == .inputOutput)
        #expect(failures.value == 1)
    }

    @Test(arguments: [-1, 1, 1_000_000])
    func `a stream that claims more than it was asked for is refused`(excess: Int) throws {
        let home = try TestHome()
        let store = try home.open()
        defer { try? store.close() }
        for goodByteCount in [0, 100_000] {
            let rest = ClosureSource(patternedBytes(goodByteCount))
            let source = ClosureSource { buffer in
                let count = try rest.read(into: &buffer)
                if count > 0 { return count }
                return excess < 0 ? excess : buffer.count + excess
            }
            #expect(
                failure { try store.put(from: source, as: "s", options: .with()) } == .inputOutput)
        }
        #expect(try store.list().entries == [])
    }

    @Test(arguments: [1, 2, 3, 5])
    func `a sink gets every byte in order from any number of workers`(workerCount: Int) throws {
        let home = try TestHome()
        let store = try home.open(.fast(workerCount: workerCount))
        defer { try? store.close() }
        for chunkCount in [17, 18, 19, 20, 21, 30, 31] {
            for compression in [Compression.none, .lz4] {
                let bytes = textBytes(chunkCount * 4096 - 3)
                try store.put(bytes, as: "s", options: .with(compression))
                let sink = KeepingSink()
                try store.get("s", to: sink)
                #expect(sink.bytes == bytes)
            }
        }
    }

    @Test(arguments: [1, 2, 3])
    func `a sink that fails ends the get, and has only authentic bytes`(workerCount: Int) throws {
        let home = try TestHome()
        let store = try home.open(.fast(workerCount: workerCount))
        defer { try? store.close() }
        let bytes = patternedBytes(100_000)
        try store.put(bytes, as: "s", options: .with())
        for limit in [0, 1, 4096, 20_000, 99_999] {
            let sink = KeepingSink(failingAfter: limit)
            let error = thrown { try store.get("s", to: sink) }
            #expect(error?.code == .inputOutput)
            #expect(error?.cause is KeepingSink.Full)
            #expect(sink.bytes == Array(bytes[..<(limit / 4096 * 4096)]))
        }
        #expect(try store.get("s") == bytes)
    }

    @Test func `progress grows to the whole`() throws {
        let home = try TestHome()
        try home.withStore { store throws in
            let bytes = patternedBytes(100_000)
            let path = try home.directory.write(bytes, to: "source")
            let calls = Box<[(Int, Int?)]>([])
            let handler: ProgressHandler = { done, total in
                calls.update { $0.append((done, total)) }
            }
            func expectCalls(total: Int?) {
                let done = calls.value.map(\.0)
                #expect(done.last == 100_000)
                #expect(done == done.sorted() && Set(done).count == done.count)
                #expect(calls.value.allSatisfy { $0.1 == total })
                calls.update { $0 = [] }
            }
            try store.put(fileAt: path, as: "f", options: .with(), progress: handler)
            expectCalls(total: 100_000)
            try store.put(
                from: ClosureSource(bytes), as: "s", options: .with(), progress: handler)
            expectCalls(total: nil)
            try store.get("f", toFileAt: home.directory.path("target"), progress: handler)
            expectCalls(total: 100_000)
            try store.get("f", to: KeepingSink(), progress: handler)
            expectCalls(total: 100_000)
            _ = try store.verify(in: .default, progress: handler)
            #expect(calls.value.last?.0 == 200_000)
        }
    }
}
