internal import SluiceAccess
internal import SluiceREST
internal import Testing

@Suite struct EncodingTests {
    @Test func `percent-encoded text is decoded once`() {
        #expect(PercentEncoding.decode("a%2Fb%25%C3%BC+") == "a/b%ü+")
        #expect(PercentEncoding.decode("a+b", plusIsSpace: true) == "a b")
        for bad in ["%", "%4", "%GG", "%FF", "%00"] {
            #expect(PercentEncoding.decode(bad) == nil, "\(bad)")
        }
    }

    @Test func `a query is pairs`() throws {
        let pairs = try #require(PercentEncoding.pairs("a=1&b&c=%3D%26&a=2"))
        #expect(pairs.map(\.name) == ["a", "b", "c", "a"])
        #expect(pairs.map(\.value) == ["1", "", "=&", "2"])
        #expect(PercentEncoding.pairs("a=%x") == nil)
    }

    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `base64 is RFC 4648's`(text: String, encoded: String) {
        #expect(Base64.encode(Array(text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == Array(text.utf8))
    }

    @Test func `both alphabets are read, and one text of some bytes`() {
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
        #expect(Base64.encodeForURL([0xFB, 0xFF]) == "-_8")
        #expect(Base64.decode("-_8") == [0xFB, 0xFF])
        for bad in ["A", "AB=C", "-_9", "A B=", "Zh"] {
            #expect(Base64.decode(bad) == nil, "\(bad)")
        }
    }

    @Test func `times are the calendar's`() {
        #expect(Timestamp.text(milliseconds: 0) == "1970-01-01T00:00:00.000Z")
        #expect(Timestamp.text(milliseconds: 951_782_400_123) == "2000-02-29T00:00:00.123Z")
        #expect(Timestamp.text(milliseconds: 4_107_542_399_999) == "2100-02-28T23:59:59.999Z")
        #expect(
            Timestamp.httpDate(milliseconds: 784_111_777_000) == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    @Test func `fields are found in any case, and replaced`() {
        var fields: HeaderFields = ["A": "1", "a": "2", "B": "3"]
        #expect(fields["a"] == "1")
        #expect(fields.all("A") == ["1", "2"])
        fields["A"] = "4"
        #expect(fields.all("a") == ["4"])
        fields["b"] = nil
        #expect(fields.fields.count == 1)
    }

    @Test func `filters are comparisons joined by and`() throws {
        let filter = try #require(
            ODataFilter("resourceType eq 'Microsoft.KeyVault/vaults' and name eq 'it''s and that'"))
        #expect(
            filter.wanted == ["resourcetype": "Microsoft.KeyVault/vaults", "name": "it's and that"])
        let graph = try #require(ODataFilter("servicePrincipalNames/any(c:c eq 'x')"))
        #expect(graph.wanted == ["serviceprincipalnames": "x"])
        let roles = try #require(ODataFilter("atScope() and assignedTo('x')"))
        #expect(roles.functions == ["atscope()"])
        #expect(roles.wanted == ["assignedto": "x"])
        for bad in ["a", "a eq 1", "a ne 'b'", "a eq 'b' or c eq 'd'", "startswith(a,'b')"] {
            #expect(ODataFilter(bad) == nil, "\(bad)")
        }
    }
}
