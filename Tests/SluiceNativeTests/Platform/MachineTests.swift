import Foundation
import SluiceNative
import Testing

@Suite struct IOCountersTests {
    @Test func `count calls and bytes of reads, writes and syncs`() throws {
        // Other tests run at the same time and add to the counts, so these are lower bounds.
        let scratch = try Scratch()
        let byteCount = 3_000_000
        let before = IOCounters.snapshot()
        let file = try scratch.makeFile("file", pattern(byteCount))
        try file.sync()
        try scratch.directory.sync()
        var buffer = [UInt8](repeating: 0, count: byteCount)
        var span = buffer.mutableSpan
        _ = try file.read(into: &span, at: 0)
        let added = IOCounters.snapshot() - before
        #expect(added.writeCallCount >= 1)
        #expect(added.writeByteCount >= byteCount)
        #expect(added.readCallCount >= 1)
        #expect(added.readByteCount >= byteCount)
        #expect(added.syncCallCount >= 2)
    }
}

@Suite struct ClockTests {
    @Test func `the monotonic clock goes forward with time`() {
        let start = MonotonicClock.nowNanoseconds
        Thread.sleep(forTimeInterval: 0.02)
        let elapsedNanoseconds = MonotonicClock.nowNanoseconds - start
        #expect(elapsedNanoseconds >= 20_000_000)
        #expect(elapsedNanoseconds < 20_000_000_000)
    }

    @Test func `the wall clock agrees with the calendar`() {
        let milliseconds = Int(Date().timeIntervalSince1970 * 1000)
        #expect(abs(WallClock.nowMilliseconds - milliseconds) < 5000)
    }
}

@Suite struct EnvironmentTests {
    @Test func `gives variables as they are`() throws {
        for (name, value) in ProcessInfo.processInfo.environment {
            #expect(try Environment.variable(name) == value)
        }
        #expect(try Environment.variable("SLUICE_NO_SUCH_VARIABLE") == nil)
    }

    @Test func `knows process and home`() throws {
        #expect(Environment.processID == ProcessInfo.processInfo.processIdentifier)
        let home = try #require(try Environment.home())
        #expect(home.hasPrefix("/"))
    }
}

@Suite struct ProgramTests {
    @Test func `a program is found on the PATH, and a path is taken as it is`() throws {
        let path = try #require(try Environment.program(named: "sh"))
        #expect(path.hasSuffix("/sh"))
        #expect(try Environment.program(named: "./not there") == "./not there")
        #expect(try Environment.program(named: "no such program") == nil)
        // There is one on no PATH: a directory is no program.
        #expect(try Environment.program(named: ".") == nil)
    }
}

@Suite struct ProcessorTests {
    @Test func `knows its number and what it can do`() {
        #expect(Processor.count == ProcessInfo.processInfo.activeProcessorCount)
        #expect(!Processor.flags.isEmpty)
        #expect(Processor.flags.allSatisfy { !$0.contains(" ") && !$0.isEmpty })
    }
}

@Suite struct ProcessUsageTests {
    @Test func `processor time and peak memory grow with use`() {
        let before = ProcessUsage.current()
        let byteCount = max(64 << 20, before.peakResidentByteCount)
        let bytes = [UInt8](repeating: 1, count: byteCount)
        #expect(bytes.last == 1)
        let after = ProcessUsage.current()
        #expect(after.cpuNanoseconds > before.cpuNanoseconds)
        #expect(after.peakResidentByteCount >= byteCount)
        #expect(after.openFileLimitCount.map { $0 > 3 } ?? true)
    }
}

@Suite struct TerminalTests {
    @Test func `a file has no width`() throws {
        #expect(try Terminal.width(of: Scratch().makeFile("file")) == nil)
    }
}
