internal import Foundation
internal import TestSupport
internal import Testing

/// One at a time: each writes as fast as it can.
@Suite(.serialized) struct InterruptionTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.put([1], as: "x")
    }

    @Test func `Ctrl-C while waiting for input leaves nothing behind`() throws {
        let running = try home.start("put", "-", "--as", "x", input: nil)
        Thread.sleep(forTimeInterval: 1)
        #expect(running.isRunning)
        running.interrupt()
        #expect(try running.wait().exitCode == 130)
        #expect(home.directory.files(below: "store/staging").isEmpty)
        #expect(try home.bytes("get", "x") == [1])
    }

    @Test func `Ctrl-C in the middle of a put leaves nothing behind`() throws {
        #expect(try home.shell("truncate -s 8G large").exitCode == 0)
        let running = try home.start("put", "large", "--as", "x", "--compress", "none")
        Thread.sleep(forTimeInterval: 1)
        #expect(running.isRunning)
        running.interrupt()
        let result = try running.wait()
        #expect(result.exitCode == 130)
        #expect(result.errorText.isEmpty)
        #expect(home.directory.files(below: "store/staging").isEmpty)
        #expect(home.directory.files(below: "store/blobs").isEmpty)
        #expect(try home.bytes("get", "x") == [1])
    }

    @Test func `Ctrl-C in the middle of a tree ends it`() throws {
        #expect(
            try home.shell("mkdir t; for i in 1 2 3; do truncate -s 4G t/$i; done").exitCode == 0)
        let running = try home.start("put", "-r", "t", "--compress", "none")
        Thread.sleep(forTimeInterval: 1)
        running.interrupt()
        let result = try running.wait()
        #expect(result.exitCode == 130)
        #expect(result.errorText.isEmpty)
        #expect(try home.text("ls", "-r") == "x\n")
        #expect(home.directory.files(below: "store/staging").isEmpty)
    }

    @Test func `a terminal sees progress after a second, and it is wiped`() throws {
        #expect(try home.shell("truncate -s 8G large").exitCode == 0)
        let result = try home.shell(
            #"script -qec 'timeout --foreground -s INT 2 "$sluice" put large' /dev/null"#)
        #expect(result.outputText.contains(" of 8.0 GiB"))
        #expect(result.outputText.contains("/s"))
        #expect(result.outputText.contains("\r\u{1B}[K"))
        #expect(home.directory.files(below: "store/staging").isEmpty)
    }
}
