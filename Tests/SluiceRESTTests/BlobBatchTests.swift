import SluiceREST
import Testing

@Suite struct BlobBatchTests {
    private static let body = BlobGolden.batch.replacing("\n", with: "\r\n")

    private func batch(_ body: String, type: String = BlobGolden.batchType) throws -> BlobBatch {
        try BlobBatch(
            .blob("POST", "/con1?restype=container&comp=batch", ["Content-Type": type]),
            body: Array(body.utf8))
    }

    private func refusal(_ body: String, type: String = BlobGolden.batchType) -> BlobErrorCode? {
        BlobRefusal.code { try batch(body, type: type) }
    }

    @Test func `a batch of the SDK is taken apart, and each request is signed by itself`() throws {
        let parts = try batch(Self.body).parts
        #expect(parts.map(\.id) == ["0", "1"])
        let requests = try parts.map { try $0.request.get() }
        #expect(requests.map(\.method) == ["DELETE", "DELETE"])
        #expect(requests.map(\.path) == ["/con1/a%20b", "/con1/d/%C3%BC"])
        #expect(requests.map(\.query) == ["", ""])
        #expect(requests[0].host == "acct1.blob.core.windows.net")
        // What the whole says isn't signed with a part.
        #expect(requests[0].headers["x-ms-version"] == nil)
        #expect(requests[0].headers["Content-Type"] == nil)
        let route = try requests[1].route()
        #expect(route.address.blob == "d/ü")
        guard case .sharedKey(let key) = try BlobCredential(requests[0], route.parameters) else {
            Issue.record("it has a key's signature")
            return
        }
        #expect(key.account == "acct1")
        let text = try #require(key.texts(requests[0], account: "acct1").first)
        #expect(text.hasPrefix("DELETE\n\n\n\n\n\n\n\n\n\n\n\nx-ms-client-request-id:"))
        #expect(text.hasSuffix("\n/acct1/con1/a%20b"))
    }

    @Test func `lines may end in LF alone`() throws {
        #expect(try batch(BlobGolden.batch).parts.count == 2)
    }

    private func part(_ line: String, _ headers: String = "") -> String {
        "--b\r\nContent-ID: 7\r\n\r\n\(line)\r\n\(headers)\r\n\r\n"
    }

    private func parts(_ body: String) throws -> [BlobBatch.Part] {
        try batch(body, type: "multipart/mixed; boundary=\"b\"").parts
    }

    @Test func `a request that a batch can't have fails by itself`() throws {
        for line in [
            "GET /con1/b HTTP/1.1", "DELETE con1/b HTTP/1.1", "DELETE /con1/b HTTP/1.0", "DELETE",
            "",
            "DELETE  /con1/b HTTP/1.1",
        ] {
            let read = try parts(part(line) + part("PUT /con1/b?comp=tier HTTP/1.1") + "--b--")
            #expect(read.count == 2 && read[0].id == "7")
            #expect(BlobRefusal.code { try read[0].request.get() } == .invalidInput)
            #expect(try read[1].request.get().query == "comp=tier")
        }
    }

    @Test func `a batch has 1 to 256 requests`() throws {
        let one = part("DELETE /con1/b HTTP/1.1", "A: 1\r\n")
        let most = String(repeating: one, count: BlobBatch.mostRequests)
        #expect(try parts(most + "--b--\r\n").count == BlobBatch.mostRequests)
        #expect(BlobRefusal.code { try parts(most + one + "--b--") } == .invalidInput)
        #expect(BlobRefusal.code { try parts("--b--") } == .invalidInput)
        #expect(BlobRefusal.code { try parts("") } == .invalidInput)
    }

    @Test func `a batch of another form is refused`() {
        let one = part("DELETE /con1/b HTTP/1.1")
        for body in [
            one, "--b\r\n", "--b\r\na\r\n\r\n", one + "body\r\n--b--",
            part("DELETE /con1/b HTTP/1.1", "no colon\r\n") + "--b--",
            part("DELETE /con1/b HTTP/1.1", "a: b\u{1}\r\n") + "--b--",
            part("DELETE /con1/b HTTP/1.1", String(repeating: "a: b\r\n", count: 65)) + "--b--",
        ] {
            #expect(BlobRefusal.code { try parts(body) } == .invalidInput, "\(body)")
        }
        for type in ["", "multipart/mixed", "text/plain; boundary=b", "multipart/mixed; boundary="]
        {
            #expect(refusal(Self.body, type: type) == .invalidHeaderValue)
        }
        let large = String(repeating: "a", count: BlobBatch.mostBytes + 1)
        #expect(refusal(large) == .requestBodyTooLarge)
    }

    @Test func `a part is about the batch's container, and deletes or changes the tier`() throws {
        func refusal(_ method: String, _ target: String, in whole: String) throws -> BlobErrorCode?
        {
            let batch = try ServiceRequest.blob("POST", whole).route()
            let route = try ServiceRequest.blob(method, target).route()
            return BlobRefusal.code { try BlobBatch.check(route, in: batch) }
        }
        let container = "/con1?restype=container&comp=batch"
        #expect(try refusal("DELETE", "/con1/b", in: container) == nil)
        #expect(try refusal("PUT", "/con1/b?comp=tier", in: container) == nil)
        #expect(try refusal("DELETE", "/con2/b", in: container) == .invalidInput)
        #expect(try refusal("DELETE", "/con2/b", in: "/?comp=batch") == nil)
        #expect(try refusal("PUT", "/con1/b?comp=metadata", in: container) == .invalidInput)
    }

    @Test func `the answer has a part for each request`() {
        var answer = BatchAnswer(boundary: "b")
        answer.part(id: "0", status: 202, reason: "Accepted", headers: ["x-ms-request-id": "r"])
        answer.part(
            id: nil, status: 404, reason: "Not Found", headers: [:], body: Array("<Error/>".utf8))
        #expect(answer.contentType == "multipart/mixed; boundary=b")
        #expect(
            String(decoding: answer.finish(), as: UTF8.self) == """
                --b\r
                Content-Type: application/http\r
                Content-ID: 0\r
                \r
                HTTP/1.1 202 Accepted\r
                x-ms-request-id: r\r
                \r
                \r
                --b\r
                Content-Type: application/http\r
                \r
                HTTP/1.1 404 Not Found\r
                Content-Length: 8\r
                \r
                <Error/>\r
                --b--\r

                """)
    }
}
