internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct CommandInputTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test(arguments: [0, 1, 65_536, 262_144, 3_000_000])
    func `what a command prints is stored, and its messages pass`(byteCount: Int) throws {
        let result = try home.sluice(
            "put", "--as", "x", "--from-command", "--", "sh", "-c",
            "echo message >&2; head -c \(byteCount) /dev/zero")
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(result.errorText == "message\n")
        #expect(try home.bytes("get", "x") == [UInt8](repeating: 0, count: byteCount))
    }

    @Test(arguments: [0, 1, 65_536, 262_144, 3_000_000], ["exit 1", "exit 255", "kill -9 $$"])
    func `nothing is stored of a command that fails`(byteCount: Int, ending: String) throws {
        try home.put([1], as: "x")
        let result = try home.sluice(
            "put", "--as", "x", "--from-command", "--json", "--", "sh", "-c",
            "head -c \(byteCount) /dev/zero; \(ending)")
        #expect(result.exitCode == 74)
        #expect(try errorCode(result) == "inputOutput")
        #expect(try home.bytes("get", "x") == [1])
    }

    @Test func `it reads standard input, and options behind -- are its own`() throws {
        let result = try home.shell(
            #"printf 'a\nb\n' | "$sluice" put --as x --from-command -- sort -r --"#)
        #expect(result.exitCode == 0, "\(result.errorText)")
        #expect(try home.text("get", "x") == "b\na\n")
    }

    @Test func `conditions hold as with files`() throws {
        try home.put([1], as: "x")
        let result = try home.sluice(
            "put", "--as", "x", "--if-absent", "--from-command", "--", "echo", "2")
        #expect(result.exitCode == 73)
        #expect(try home.bytes("get", "x") == [1])
    }

    @Test func `one that can't be started is told, and nothing is stored`() throws {
        try home.files.write([1], to: "plain")
        for (command, exitCode) in [
            ("nosuchprogram", 66), ("./nosuch", 66), ("./plain", 74), ("/", 74), ("", 66),
        ] as [(String, Int32)] {
            let result = try home.sluice("put", "--as", "x", "--from-command", "--", command)
            #expect(result.exitCode == exitCode, "\(command): \(result.errorText)")
        }
        #expect(try home.sluice("stat", "x").exitCode == 66)
    }

    @Test func `a command without a name, without --, or beside files is a usage error`() throws {
        try home.files.write([1], to: "file")
        for arguments in [
            "--from-command -- echo", "--as x --from-command echo", "--as x --from-command",
            "--as x --from-command --", "--as x file --from-command -- echo",
            "-r --as x --from-command -- echo", "--prefix x --from-command -- echo",
        ] {
            #expect(try home.shell("\"$sluice\" put \(arguments)").exitCode == 64, "\(arguments)")
        }
        #expect(!home.directory.exists("store"))
    }

    @Test func `an interrupted put ends the command`() throws {
        let running = try home.start(
            "put", "--as", "x", "--from-command", "--", "sh", "-c",
            "echo $$ > pid; exec sleep 600")
        #expect(eventually { home.files.exists("pid") })
        running.send(SIGTERM)
        #expect(try running.wait().exitCode == 143)
        let processID = String(decoding: try home.files.read("pid"), as: UTF8.self)
        #expect(
            eventually {
                (try? home.shell("kill -0 \(processID)").exitCode) != 0
            })
        #expect(try home.sluice("stat", "x").exitCode == 66)
    }
}
