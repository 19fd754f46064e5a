import Dispatch
import SluiceNative
import Testing

@Suite struct SharedMemoryTests {
    let scratch: Scratch
    let file: File

    init() throws {
        scratch = try Scratch()
        file = try scratch.directory.openOrCreateFile("words")
        try file.write([UInt8](repeating: 0, count: 4096).span, at: 0)
    }

    @Test func `two mappings of a file are one memory, and the file has it too`() throws {
        let first = try SharedMemory(file, byteCount: 4096)
        let second = try SharedMemory(
            try scratch.directory.openFile("words", .readWrite), byteCount: 4096)
        first.store64(0x0102_0304_0506_0708, at: 4088)
        #expect(second.load64(at: 4088) == 0x0102_0304_0506_0708)
        #expect(second.load32(at: 4088) == 0x0506_0708)
        var bytes = [UInt8](repeating: 0, count: 8)
        var span = bytes.mutableSpan
        _ = try file.read(into: &span, at: 4088)
        #expect(bytes == [8, 7, 6, 5, 4, 3, 2, 1])
    }

    @Test func `a word is exchanged only for the value that it is expected to have`() throws {
        let memory = try SharedMemory(file, byteCount: 4096)
        #expect(memory.exchange64(0, for: 7, at: 64))
        #expect(!memory.exchange64(0, for: 8, at: 64))
        #expect(memory.load64(at: 64) == 7)
        memory.storeReleasing64(0, at: 64)
        #expect(memory.load64(at: 64) == 0)
    }

    @Test func `a counter loses no increment, and begins again after its highest value`() throws {
        let memory = try SharedMemory(file, byteCount: 4096)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<10_000 { memory.increment32(at: 0) }
        }
        #expect(memory.load32(at: 0) == 40_000)
        memory.store32(.max, at: 0)
        memory.increment32(at: 0)
        #expect(memory.load32(at: 0) == 0)
        #expect(memory.load32(at: 4) == 0)
    }

    @Test func `a file that is too short is refused`() throws {
        try file.truncate(to: 4095)
        #expect { try SharedMemory(file, byteCount: 4096) } throws: {
            ($0 as? SystemError)?.isInvalid == true
        }
    }

    @Test func `an offset outside or between words traps`() async {
        await #expect(processExitsWith: .failure) { try Self.load64(at: 4089) }
        await #expect(processExitsWith: .failure) { try Self.load64(at: 4096) }
        await #expect(processExitsWith: .failure) { try Self.load64(at: -8) }
        await #expect(processExitsWith: .failure) { try Self.load64(at: 4) }
    }

    private static func load64(at offset: Int) throws {
        let file = try File.createInMemory(name: "test")
        try file.write([UInt8](repeating: 0, count: 4096).span, at: 0)
        _ = try SharedMemory(file, byteCount: 4096).load64(at: offset)
    }

    @Test func `a waiting thread is woken by another mapping of the file`() throws {
        let waiting = try SharedMemory(file, byteCount: 4096)
        let waking = try SharedMemory(
            try scratch.directory.openFile("words", .readWrite), byteCount: 4096)
        let thread = try NativeThread.start {
            while waiting.load32(at: 128) == 0 {
                waiting.wait(at: 128, while: 0, nanoseconds: 3_600_000_000_000)
            }
        }
        NativeThread.sleep(nanoseconds: 5_000_000)
        waking.increment32(at: 128)
        waking.wakeAll(at: 128)
        thread.join()
    }

    @Test func `a wait ends at once if the word is another, and by itself if nobody comes`() throws
    {
        let memory = try SharedMemory(file, byteCount: 4096)
        memory.wait(at: 128, while: 1, nanoseconds: 3_600_000_000_000)
        let start = MonotonicClock.nowNanoseconds
        memory.wait(at: 128, while: 0, nanoseconds: 2_000_000)
        #expect(MonotonicClock.nowNanoseconds - start >= 2_000_000)
    }

    @Test func `a file in memory that was opened again has locks of its own`() throws {
        let file = try File.createInMemory(name: "test")
        let other = try file.reopened()
        try file.write([1, 2, 3], at: 0)
        #expect(try other.status().inode == file.status().inode)
        #expect(try file.tryLock(offset: 0, byteCount: 1, exclusive: true))
        #expect(try !other.tryLock(offset: 0, byteCount: 1, exclusive: false))
    }
}

extension File {
    fileprivate func write(_ bytes: [UInt8], at offset: Int) throws {
        try write(bytes.span, at: offset)
    }
}
