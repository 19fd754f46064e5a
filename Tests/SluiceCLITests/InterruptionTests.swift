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

    @Test(arguments: [SIGHUP, SIGTERM])
    func `a terminal that goes, and a request to terminate, leave nothing behind`(
        signal: Int32
    ) throws {
        #expect(try home.shell("truncate -s 8G large").exitCode == 0)
        let running = try home.start("put", "large", "--as", "x", "--compress", "none")
        Thread.sleep(forTimeInterval: 1)
        running.send(signal)
        let result = try running.wait()
        #expect(result.exitCode == 128 + signal)
        #expect(result.errorText.isEmpty)
        #expect(home.directory.files(below: "store/staging").isEmpty)
        #expect(home.directory.files(below: "store/blobs").isEmpty)
        #expect(try home.bytes("get", "x") == [1])
    }

    @Test func `a hang-up that nohup ignores stays ignored`() throws {
        let result = try home.shell(
            """
            nohup "$sluice" put - --as y < <(sleep 2; echo late) > /dev/null 2>&1 &
            sleep 1; kill -HUP $!; wait $!
            """)
        #expect(result.exitCode == 0)
        #expect(try home.bytes("get", "y") == Array("late\n".utf8))
    }

    @Test func `a second signal ends a command at once`() throws {
        let running = try home.start("put", "-", "--as", "x", input: nil)
        Thread.sleep(forTimeInterval: 1)
        running.send(SIGTERM)
        running.send(SIGHUP)
        #expect([128 + SIGTERM, 128 + SIGHUP].contains(try running.wait().exitCode))
    }

    @Test func `a command that is stopped stops, and goes on`() throws {
        #expect(try home.shell("truncate -s 4G large").exitCode == 0)
        // With job control, for the system stops no orphan.
        let result = try home.shell(
            #"""
            bash -mc '"$sluice" put large --as z & sleep 1; kill -TSTP $!; sleep 1
            grep State /proc/$!/status; kill -CONT $!; wait $!; echo ended $?'
            """#)
        #expect(result.outputText.contains("T (stopped)"), "\(result.outputText)")
        #expect(result.outputText.contains("ended 0"))
        #expect(try home.sluice("stat", "z").exitCode == 0)
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
