internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct RewrapCommandTests {
    let home: CommandHome
    let old: String
    let new: String

    init() throws {
        home = try CommandHome()
        try home.makePrivateScope()
        for index in 0..<4 { try home.putPrivate([UInt8(index)], as: "d\(index % 2)/\(index)") }
        old = try #require(try home.census().keys.first)
        new = try home.rotate()
    }

    private func rewrap(_ arguments: String = "") throws -> [String: Int] {
        let result = try home.shell("\"$sluice\" rewrap --scope private --json \(arguments)")
        #expect(result.exitCode == 0, "\(result.errorText)")
        return try object(result.outputText).compactMapValues { $0 as? Int }
    }

    private func objectCount(_ key: String) throws -> Int? {
        try home.census()[key]?["objectCount"] as? Int
    }

    @Test func `all come under the version in use, and none is left`() throws {
        let report = try rewrap()
        #expect(report["objectCount"] == 4)
        #expect(report["keyCount"] == 4)
        #expect(report["byteCount"] == 4)
        #expect(report["remainingObjectCount"] == 0)
        #expect(try objectCount(old) == 0)
        #expect(try objectCount(new) == 4)
        #expect(try rewrap()["objectCount"] == 0)
        #expect(try home.getPrivate("d1/3") == [3])
    }

    @Test func `limits and prefixes leave the rest, and say how much`() throws {
        #expect(try rewrap("--limit 0")["remainingObjectCount"] == 4)
        #expect(try rewrap("--limit 1 --rate 50")["remainingObjectCount"] == 3)
        #expect(try rewrap("--prefix d1/")["remainingObjectCount"] == 1)
        #expect(try objectCount(old) == 1)
        #expect(try home.text("rewrap", "--scope", "private", "--limit", "0").contains("1 object"))
    }

    @Test func `a version is named by itself or as an identifier`() throws {
        let version = String(try #require(old.split(separator: "/").last))
        #expect(try rewrap("--from \(version.uppercased()) --limit 1")["objectCount"] == 1)
        let newest = try home.rotate()
        // What is under another version than the one named stays.
        #expect(try rewrap("--from \(new)")["objectCount"] == 1)
        #expect(try objectCount(newest) == 1)
        #expect(try rewrap("--from \(old)")["remainingObjectCount"] == 0)
        #expect(
            try home.sluice("rewrap", "--scope", "private", "--from", newest).exitCode == 64)
    }

    @Test func `a version that is disabled keeps what is under it`() throws {
        _ = try home.text(
            "keyvault", "key", "set-attributes", "--id", old, "--enabled", "false")
        let result = try home.sluice("rewrap", "--scope", "private", "--json")
        #expect(result.exitCode == 77)
        #expect(try errorCode(result) == "accessDenied")
        _ = try home.text("keyvault", "key", "set-attributes", "--id", old, "--enabled", "true")
        #expect(try rewrap()["remainingObjectCount"] == 0)
    }

    @Test(arguments: [
        "--from 1", "--from \(CommandHome.key)", "--rate 0", "--rate=-1", "--rate nan",
        "--limit=-1",
    ])
    func `what is no version, rate or limit is a usage error`(arguments: String) throws {
        #expect(try home.shell("\"$sluice\" rewrap \(arguments)").exitCode == 64)
    }

    @Test func `a sweep that is interrupted goes on where it ended`() throws {
        let running = try home.start(
            "rewrap", "--scope", "private", "--rate", "0.02", "--json")
        // The first has its turn at once, the second long after the signal.
        let limit = Date(timeIntervalSinceNow: 60)
        while try home.text("keyvault", "log", "--json").split(separator: "\n").allSatisfy({
            !$0.contains("\"wrapKey\"") || !$0.contains(new)
        }), Date() < limit {
            Thread.sleep(forTimeInterval: 0.05)
        }
        #expect(running.isRunning)
        running.interrupt()
        #expect(try running.wait().exitCode == 130)
        #expect(try rewrap()["remainingObjectCount"] == 0)
        #expect(try objectCount(new) == 4)
    }
}
