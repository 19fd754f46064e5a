internal import SluiceREST
internal import Testing

@Suite struct JSONTests {
    private func read(_ text: String) throws -> JSON { try JSONReader.read(Array(text.utf8)) }

    @Test func `what is written is what was read`() throws {
        let text = #"{"a":[1,-2,2.5,true,false,null,"é\"\\\n\u0001"],"b":{"c":{}},"d":[]}"#
        #expect(String(decoding: try read(text).encoded, as: UTF8.self) == text)
    }

    @Test func `members keep their order, and are found in any case, an exact one first`() throws {
        var value = try read(#"{"keyName":1,"keyname":2,"A":3}"#)
        #expect(value["keyname"] == 2)
        #expect(value["KEYNAME"] == 1)
        #expect(value["b"] == nil)
        value["a"] = 4
        #expect(value.object?.members.map(\.name) == ["keyName", "keyname", "A"])
        value["A"] = nil
        #expect(value.object?.members.count == 2)
    }

    @Test func `what az sends for a template is read`() throws {
        let text = """
            {"properties": {"mode": "Incremental", template:{ // a comment
              $schema: 'x', /* another */ "text": "two
            lines", "list": [1, 2,], }}}
            """
        let template = try read(text)["properties"]?["template"]
        #expect(template?["$schema"] == "x")
        #expect(template?["text"] == "two\nlines")
        #expect(template?["list"]?.array?.count == 2)
    }

    @Test(arguments: [
        "", "{", "[1", #"{"a"}"#, #"{"a":}"#, #""a"#, "1 2", "nul", #""\u12"#, #""\uD800""#,
        "[1 2]",
        "{a 1}", "-", "1e999", "/* x", String(repeating: "[", count: 65),
    ])
    func `what is no JSON is refused`(text: String) {
        #expect(throws: JSONFormatError.self) { try read(text) }
    }

    @Test func `64 levels are read, and bytes that aren't UTF-8 aren't`() throws {
        let deep = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(String(decoding: try read(deep).encoded, as: UTF8.self) == deep)
        #expect(throws: JSONFormatError.self) { try JSONReader.read([0x22, 0xFF, 0x22]) }
    }

    @Test func `surrogates make one character`() throws {
        #expect(try read(#""\uD83D\uDE00""#) == "😀")
    }

    @Test func `a patch replaces, adds and removes`() throws {
        let old = try read(#"{"a":{"b":1,"c":2},"d":[1]}"#)
        let new = old.merged(with: try read(#"{"a":{"b":null,"e":3},"d":[2,3]}"#))
        #expect(String(decoding: new.encoded, as: UTF8.self) == #"{"a":{"c":2,"e":3},"d":[2,3]}"#)
        #expect(old.merged(with: 1) == 1)
    }
}
