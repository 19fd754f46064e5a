internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct BarrierCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
    }

    @Test func `without vaults there is nothing to confirm, and nothing is made`() throws {
        #expect(try home.sluice("barrier").exitCode == 66)
        #expect(home.directory.files().isEmpty)
    }

    // a command                  | the reader of its pipe | revoker
    // ---------------------------|------------------------|----------------------
    // reads more names than the  |                        |
    // pipe holds                 | takes one byte         |
    //                            |                        | revoke: confirmed
    //                            | takes what is there    |
    // ends with 77               |                        |
    @Test(arguments: ["ls", "ls -l", "ls -r --json", "rm -r --dry-run", "rm -r --dry-run --json"])
    func `no name is written once access is gone`(command: String) throws {
        try home.makePrivateScope()
        // 400 names of some 500 bytes.
        let parts = [String](repeating: String(repeating: "x", count: 240), count: 2)
        let prefix = parts.joined(separator: "/")
        let place = command == "ls" || command == "ls -l" ? prefix + "/t/" : prefix
        let result = try home.shell(
            """
            mkdir t && (cd t && for name in $(seq 400); do echo > $name; done)
            "$sluice" --scope private put -r t --prefix \(prefix) --durability none > log || exit 1
            mkfifo pipe
            ("$sluice" --scope private \(command) '\(place)' > pipe 2> errors; echo $? > code) &
            exec 6< pipe
            head -c 1 <&6 > log
            "$sluice" keyvault delete-policy --name default --key_id \(CommandHome.key) > log || exit 2
            head -c 1000000 <&6 | wc -c
            wait
            cat code errors
            """)
        let words = result.outputText.split(whereSeparator: \.isWhitespace)
        #expect(result.exitCode == 0, "\(result.errorText)")
        // What the pipe held.
        #expect(words.first.flatMap { Int($0) } ?? .max <= 65_536, "\(words.prefix(2))")
        #expect(words.dropFirst().first == "77", "\(words.dropFirst().prefix(20))")
    }

    // another process    | commands
    // -------------------|--------------------------------------
    // is inside a slot   |
    //                    | revoke: unconfirmed, though it stands
    //                    | barrier: unconfirmed, names it
    // is killed          |
    //                    | barrier: confirmed
    @Test func `a revocation stands though a process has not confirmed it, which is named`()
        throws
    {
        try home.makePrivateScope()
        try home.putPrivate([1], as: "x")
        let holder = try home.startHolder()
        try #require(home.directory.appears("vaults/inside"))
        let revocation = try home.sluice(
            "keyvault", "delete-policy", "--name", "default", "--key_id", CommandHome.key,
            "--wait", "0.05", "--json")
        #expect(revocation.exitCode == 75)
        #expect(try errorCode(revocation) == "notConfirmed")
        #expect(try home.getPrivate("x") == nil)
        let barrier = try home.sluice("barrier", "--wait", "0.05", "--json")
        #expect(barrier.exitCode == 75)
        #expect(try errorCode(barrier) == "notConfirmed")
        #expect(barrier.errorText.contains("\(holder.processID)"))
        let document = try object(barrier.outputText)
        #expect(document["isConfirmed"] as? Bool == false)
        #expect(
            document["unconfirmedProcessIDs"] as? [Int] == [Int(holder.processID)])
        let identity = try home.sluice("identity", "disable", "--wait", "0.05")
        #expect(identity.exitCode == 75)
        holder.send(SIGKILL)
        _ = try holder.wait()
        let confirmed = try object(try home.text("barrier", "--wait", "60", "--json"))
        #expect(confirmed["isConfirmed"] as? Bool == true)
        #expect(try home.text("barrier").contains("confirmed"))
    }

    @Test func `a home that was copied whole is refused until it is adopted`() throws {
        try home.put([1], as: "x")
        let result = try home.shell(
            """
            cp -a "$SLUICE_HOME" copy
            $sluice get x --home copy -o out; echo $?
            $sluice barrier --home copy; echo $?
            $sluice barrier --home copy --adopt; echo $?
            $sluice get x --home copy -o out; echo $?
            $sluice barrier --home copy --adopt; echo $?
            $sluice barrier; echo $?
            """)
        let codes = result.outputText.split(separator: "\n").compactMap { Int($0) }
        #expect(codes == [69, 69, 0, 0, 0, 0])
        #expect(result.errorText.contains("sluice barrier --adopt"))
        #expect(try home.bytes("get", "x") == [1])
    }

    @Test func `a time to wait is a number that is not negative`() throws {
        #expect(try home.sluice("barrier", "--wait=-1").exitCode == 64)
        #expect(try home.sluice("barrier", "--wait", "soon").exitCode == 64)
    }
}

extension TemporaryDirectory {
    /// Whether a file is there within a minute.
    fileprivate func appears(_ name: String) -> Bool {
        let limit = Date(timeIntervalSinceNow: 60)
        while !exists(name), Date() < limit { Thread.sleep(forTimeInterval: 0.01) }
        return exists(name)
    }
}
