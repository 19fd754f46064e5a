internal import Foundation
internal import TestSupport
internal import Testing

@Suite struct SetCommandTests {
    let home: CommandHome

    init() throws {
        home = try CommandHome()
        try home.put([1], as: "x")
    }

    private func stat() throws -> [String: Any] { try object(try home.text("stat", "x", "--json")) }

    @Test func `what is named is changed, and the rest stays`() throws {
        let before = try stat()
        let set = try home.sluice(
            "set", "x", "--content-type", "text/plain", "--meta", "a=1", "--meta", "b=2", "--tag",
            "t=u", "--tier", "cool", "--cache-control", "no-store", "--content-language", "en")
        #expect(set.exitCode == 0, "\(set.errorText)")
        #expect(set.outputText == "changed x\n")
        #expect(
            try home.sluice(
                "set", "x", "--content-type", "", "--no-meta", "a", "--meta", "c=3", "--no-tag",
                "t", "--tag", "v=w"
            ).exitCode == 0)
        let after = try stat()
        #expect(after["contentType"] as? String == "")
        #expect(after["metadata"] as? [String: String] == ["b": "2", "c": "3"])
        #expect(after["tags"] as? [String: String] == ["v": "w"])
        #expect(after["tier"] as? String == "cool")
        #expect(after["cacheControl"] as? String == "no-store")
        #expect(after["contentLanguage"] as? String == "en")
        #expect(after["contentEncoding"] == nil)
        #expect(after["id"] as? String == before["id"] as? String)
        #expect(after["entityTag"] as? String != before["entityTag"] as? String)
        #expect(try home.bytes("get", "x") == [1])
        let text = try home.text("stat", "x")
        for line in ["language", "caches", "tier", "v=w", "c=3"] { #expect(text.contains(line)) }
    }

    @Test func `a tag that it doesn't have changes nothing`() throws {
        let tag = try #require(try stat()["entityTag"] as? String)
        let set = try home.sluice("set", "x", "--meta", "a=1", "--if-match", tag)
        #expect(set.exitCode == 0)
        let refused = try home.sluice("set", "x", "--meta", "a=2", "--if-match", tag)
        #expect(refused.exitCode == 73)
        #expect(try stat()["metadata"] as? [String: String] == ["a": "1"])
    }

    @Test(arguments: [
        [], ["--meta", "a"], ["--tier", "warm"], ["--meta", "a=1", "--meta", "a=2"],
        ["--tag", "a=1", "--tag", "a=1"], ["--meta", "a=1", "--no-meta", "a"],
        ["--content-type", String(repeating: "t", count: 1025)],
    ])
    func `what says nothing, or too much, is refused`(options: [String]) throws {
        let before = try stat()["entityTag"] as? String
        #expect(try home.sluice(["set", "x"] + options).exitCode == 64)
        #expect(try stat()["entityTag"] as? String == before)
    }

    @Test func `an object that isn't there is told`() throws {
        #expect(try home.sluice("set", "no", "--meta", "a=1").exitCode == 66)
    }

    @Test func `put says it all, too`() throws {
        let put = try home.sluice(
            "put", "-", "--as", "y", "--content-encoding", "gzip", "--content-disposition",
            "attachment", "--tier", "archive", "--tag", "a=b", input: [1])
        #expect(put.exitCode == 0, "\(put.errorText)")
        let stat = try object(try home.text("stat", "y", "--json"))
        #expect(stat["contentEncoding"] as? String == "gzip")
        #expect(stat["contentDisposition"] as? String == "attachment")
        #expect(stat["tier"] as? String == "archive")
        #expect(stat["tags"] as? [String: String] == ["a": "b"])
    }
}
