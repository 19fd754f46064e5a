internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct PinCommandTests {
    let home: CommandHome
    let bytes = patternedBytes(400_000)

    init() throws {
        home = try CommandHome()
        try home.makePrivateScope()
        try home.putPrivate(bytes, as: "model")
    }

    private func pin(_ name: String) throws -> String {
        let pin = try object(try home.text("pin", name, "--scope", "private", "--json"))
        #expect((pin["object"] as? [String: Any])?["name"] as? String == name)
        return try #require(pin["id"] as? String)
    }

    @Test func `a pin serves through a removal and a revocation until it is ended`() throws {
        let id = try pin("model")
        #expect(try home.sluice("rm", "model", "--scope", "private").exitCode == 0)
        try home.revoke()
        #expect(try home.bytes("get", "--pin", id) == bytes)
        #expect(try home.bytes("get", "--pin", id, "--range", "7-9") == Array(bytes[7...9]))
        #expect(try home.sluice("get", "--pin", id, "-o", "out", "--range=-3").exitCode == 0)
        #expect(try home.files.read("out") == Array(bytes.suffix(3)))
        let listed = try objects(try home.text("pins", "--json"))
        #expect(listed.compactMap { $0["id"] as? String } == [id])
        #expect(listed.first?["scope"] as? String == "private")
        #expect(try home.text("pins").contains("model"))
        #expect(try object(try home.text("status", "--json"))["pinCount"] as? Int == 1)
        #expect(try home.sluice("unpin", id.uppercased()).exitCode == 0)
        #expect(try home.sluice("get", "--pin", id).exitCode == 66)
        #expect(try objects(try home.text("pins", "--json")).isEmpty)
        #expect(try home.sluice("unpin", id).exitCode == 66)
    }

    @Test func `what can't be read can't be pinned`() throws {
        try home.revoke()
        #expect(try home.sluice("pin", "model", "--scope", "private").exitCode == 77)
        #expect(try home.sluice("pin", "none").exitCode == 66)
        #expect(try objects(try home.text("pins", "--json")).isEmpty)
    }

    @Test func `a get is of a name or of a pin`() throws {
        let id = try pin("model")
        #expect(try home.sluice("get", "model", "--pin", id).exitCode == 64)
        #expect(try home.sluice("get", "-r", "--pin", id, "-o", "d").exitCode == 64)
        #expect(try home.sluice("get", "--pin", "short").exitCode == 64)
        #expect(try home.sluice("unpin", "short").exitCode == 64)
    }
}
