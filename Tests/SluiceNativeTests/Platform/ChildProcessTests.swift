internal import SluiceNative
internal import Testing

@Suite struct ChildProcessTests {
    private func text(of file: File) throws -> String {
        var bytes = [UInt8](repeating: 0, count: try file.status().byteCount)
        var span = bytes.mutableSpan
        _ = try file.read(into: &span, at: 0)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test(arguments: [0, 1, 255] as [Int32]) func `an exit code comes back`(code: Int32) throws {
        let process = try ChildProcess.start("/bin/sh", ["-c", "exit \(code)"])
        #expect(try process.wait() == code)
        #expect(try process.wait() == code)
        #expect(try process.exitCodeIfEnded() == code)
    }

    @Test func `a signal that ends it is told apart`() throws {
        let process = try ChildProcess.start("/bin/sh", ["-c", "kill -9 $$"])
        #expect(try process.wait() == 128 + 9)
    }

    @Test func `output and errors go where they are sent`() throws {
        let (output, errors) = try (
            File.createInMemory(name: "output"), File.createInMemory(name: "errors")
        )
        let process = try ChildProcess.start(
            "/bin/sh", ["-c", "pwd; echo \"$1\" >&2", "sh", "two words"], in: "/usr",
            output: output, errors: errors)
        #expect(try process.wait() == 0)
        #expect(try text(of: output) == "/usr\n")
        #expect(try text(of: errors) == "two words\n")
    }

    @Test func `a pipe carries its input, and one that runs has not ended`() throws {
        let pipe = try File.makePipe()
        let output = try File.createInMemory(name: "output")
        let process = try ChildProcess.start("/bin/cat", [], input: pipe.reader, output: output)
        #expect(try process.exitCodeIfEnded() == nil)
        try pipe.writer.write(Array("through".utf8).span)
        // A second cat: the first ends when nobody has the pipe's other end any more.
        let killed = try ChildProcess.start("/bin/kill", ["\(process.processID)"])
        #expect(try killed.wait() == 0)
        #expect(try process.wait() == 128 + 15)
    }

    @Test func `signals that a thread blocks are not blocked in it`() throws {
        let output = try File.createInMemory(name: "output")
        let thread = try NativeThread.start {
            let process = try? ChildProcess.start(
                "/bin/sh", ["-c", "grep -E '^Sig(Blk|Ign)' /proc/self/status"], output: output)
            _ = try? process?.wait()
        }
        thread.join()
        // The C library has two signals of its own, above the 31 that programs know, ignored.
        let sets = try text(of: output).split(whereSeparator: \.isWhitespace)
        #expect(sets.first == "SigBlk:" && sets.dropFirst(2).first == "SigIgn:")
        for digits in [sets.dropFirst().first, sets.last] {
            let set = try #require(digits.flatMap { UInt64($0, radix: 16) })
            #expect(set & 0x7FFF_FFFF == 0)
        }
    }

    @Test func `one that is asked to end does, and may be asked again`() throws {
        let process = try ChildProcess.start("/bin/sleep", ["600"], ownGroup: false)
        process.terminate()
        #expect(try process.wait() == 128 + 15)
        process.terminate()
        #expect(try process.wait() == 128 + 15)
    }

    @Test func `it has a process group of its own unless it is to stay in this one`() throws {
        for ownGroup in [true, false] {
            let output = try File.createInMemory(name: "output")
            let process = try ChildProcess.start(
                "/bin/sh", ["-c", "cut -d' ' -f1,5 /proc/$$/stat"], output: output,
                ownGroup: ownGroup)
            #expect(try process.wait() == 0)
            let numbers = try text(of: output).split(whereSeparator: \.isWhitespace)
            #expect((numbers.first == numbers.last) == ownGroup)
        }
    }

    @Test func `a program that isn't there is an error`() {
        #expect(throws: SystemError.self) { try ChildProcess.start("/bin/no such program", []) }
    }
}
