internal import SluiceREST
internal import SluiceServer
internal import Testing

@Suite struct RequestHeadTests {
    private func read(_ text: String) throws(HTTPRefusal) -> (head: RequestHead, byteCount: Int)? {
        var searched = 0
        return try RequestHeadReader().read(Array(text.utf8).span, searched: &searched)
    }

    @Test func `a head is read when it is whole, and not before`() throws {
        let text =
            "PUT /a%2Fb?c=%20&d HTTP/1.1\r\nHost: KV.Vault.Azure.Net:443\r\nA:  b c \r\nContent-Length: 3\r\n\r\nabc"
        var searched = 0
        let bytes = Array(text.utf8)
        for count in 0..<bytes.count - 3 {
            let found = try RequestHeadReader().read(
                Array(bytes[..<count]).span, searched: &searched)
            #expect(found == nil, "\(count)")
        }
        let (head, byteCount) = try #require(
            try RequestHeadReader().read(bytes.span, searched: &searched))
        #expect(byteCount == bytes.count - 3)
        #expect(head.target == .path("/a%2Fb", query: "c=%20&d"))
        #expect(head.authority.host == "kv.vault.azure.net")
        #expect(head.authority.port == 443)
        #expect(head.headers["a"] == "b c")
        #expect(head.framing == .length(3))
        #expect(head.keepsAlive)
    }

    @Test func `an absolute target names the host`() throws {
        let found = try read("GET http://A.blob.core.windows.net HTTP/1.1\r\nHost: b\r\n\r\n")
        #expect(found?.head.authority.host == "a.blob.core.windows.net")
        #expect(found?.head.target == .path("/", query: ""))
        let query = try read("GET HTTPS://[::1]:8443?x HTTP/1.1\r\nHost: b\r\n\r\n")
        #expect(query?.head.authority.host == "::1")
        #expect(query?.head.target == .path("/", query: "x"))
    }

    @Test func `connections are kept as the client's version has it`() throws {
        let cases = [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false),
            ("1.1", "Connection: x, Close\r\n", false), ("1.0", "", false),
            ("1.0", "Connection: keep-alive\r\n", true),
        ]
        for (version, field, isKept) in cases {
            let found = try read("GET / HTTP/\(version)\r\nHost: a\r\n\(field)\r\n")
            #expect(found?.head.keepsAlive == isKept, "\(version) \(field)")
        }
    }

    @Test(arguments: [
        "a b", "a:0", "a:65536", "a:x", "a:", "[::1", "[::1]x", "u@a", "a/b", "", "ä", "a..b\u{7f}",
    ])
    func `what is no host is none`(text: String) {
        #expect(Authority(text) == nil)
    }

    @Test func `a dot at the end of a name says nothing`() {
        #expect(Authority("a.vault.azure.net.")?.host == "a.vault.azure.net")
    }

    @Test func `chunks are told from what is between them, wherever they are cut`() throws {
        let text = Array("3;x=y\r\nabc\r\n00A\r\n0123456789\r\n0\r\nT: u\r\n\r\nnext".utf8)
        for size in 1...text.count {
            var reader = ChunkReader()
            var content: [UInt8] = []
            var arrived: [UInt8] = []
            var isEnded = false
            for start in stride(from: 0, to: text.count, by: size) where !isEnded {
                arrived += text[start..<min(start + size, text.count)]
                while true {
                    var place = 0
                    let step = try reader.step(arrived.span, from: &place)
                    arrived.removeFirst(place)
                    guard case .content(let left) = step else {
                        isEnded = step == .end
                        break
                    }
                    let part = arrived.prefix(left)
                    if part.isEmpty { break }
                    content += part
                    reader.take(part.count)
                    arrived.removeFirst(part.count)
                }
            }
            #expect(isEnded)
            #expect(content == Array("abc0123456789".utf8), "\(size)")
            #expect("next".utf8.starts(with: arrived))
        }
    }
}
