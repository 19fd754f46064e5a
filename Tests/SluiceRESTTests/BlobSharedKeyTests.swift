import SluiceAccess
import SluiceREST
import Testing

@Suite struct BlobSharedKeyTests {
    private func key(_ authorization: String, _ request: ServiceRequest) throws -> SharedKey {
        var request = request
        request.headers["Authorization"] = authorization
        guard
            case .sharedKey(let key) = try BlobCredential(
                request, try BlobQuery(request.query))
        else { throw BlobRefusal(.internalError) }
        return key
    }

    private func request(_ golden: BlobGolden.Request) -> ServiceRequest {
        ServiceRequest(
            method: golden.method, host: golden.host, path: golden.path, query: golden.query,
            headers: HeaderFields(lines: golden.headers))
    }

    @Test(arguments: BlobGolden.requests.keys.sorted())
    func `the text that is signed is the SDK's`(name: String) throws {
        let golden = try #require(BlobGolden.requests[name])
        let request = request(golden)
        let key = try key("SharedKey acct1:\(golden.signature)", request)
        #expect(Base64.encode(key.signature) == golden.signature)
        #expect(key.texts(request, account: "acct1") == [golden.text])
    }

    @Test func `headers are in the service's order, and in that of bytes where they differ`() throws
    {
        var request = ServiceRequest.blob("GET", "/con1/b")
        for name in ["x-ms-meta-a_b", "x-ms-meta-ab", "x-ms-meta-a1", "x-ms-metaa", "x-ms-meta-a"] {
            request.headers[name] = "1"
        }
        let texts = try key(
            "SharedKey acct1:\(Base64.encode([UInt8](repeating: 0, count: 32)))", request
        )
        .texts(request, account: "acct1")
        let names = texts.map { text in
            text.split(separator: "\n").compactMap { line in
                line.hasPrefix("x-ms-") ? String(line.dropLast(2)) : nil
            }
        }
        // The first is what the SDK's own sort makes of these names.
        let service = [
            "x-ms-metaa", "x-ms-meta-a", "x-ms-meta-a_b", "x-ms-meta-a1", "x-ms-meta-ab",
        ]
        let bytes = ["x-ms-meta-a", "x-ms-meta-a1", "x-ms-meta-a_b", "x-ms-meta-ab", "x-ms-metaa"]
        #expect(names == [service, bytes])
    }

    @Test func `empty headers, folded values and parameters that come twice are signed`() throws {
        let request = ServiceRequest.blob(
            "PUT", "/con1/b?B=2&a=z&a=y&c",
            [
                "Date": "Mon, 30 Nov 2026 22:22:48 GMT", "Content-Length": "000",
                "Range": "bytes=0-",
                "x-ms-blob-content-language": "", "X-Ms-Meta-A": " a\r\n b",
            ])
        let text = try key(
            "SharedKey acct1:\(Base64.encode([UInt8](repeating: 0, count: 32)))", request
        )
        .texts(request, account: "acct1")
        #expect(
            text == [
                """
                PUT





                Mon, 30 Nov 2026 22:22:48 GMT




                bytes=0-
                x-ms-blob-content-language:
                x-ms-meta-a:a b
                /acct1/con1/b
                a:y,z
                b:2
                c:
                """
            ])
    }

    @Test func `Shared Key Lite signs less`() throws {
        let request = ServiceRequest.blob(
            "GET", "/con1?restype=container&comp=list",
            ["x-ms-date": "Mon, 30 Nov 2026 22:22:48 GMT", "Content-Type": "a/b"])
        let key = try key(
            "SharedKeyLite acct1:\(Base64.encode([UInt8](repeating: 0, count: 32)))", request)
        #expect(key.isLite)
        #expect(
            key.texts(request, account: "acct1") == [
                """
                GET

                a/b

                x-ms-date:Mon, 30 Nov 2026 22:22:48 GMT
                /acct1/con1?comp=list
                """
            ])
    }

    @Test func `a request of another account or another time is refused`() throws {
        var request = ServiceRequest.blob("GET", "/con1/b", ["x-ms-date": BlobTime.noon.http])
        let signature = Base64.encode([UInt8](repeating: 0, count: 32))
        let key = try key("SharedKey acct1:\(signature)", request)
        func refusal(_ now: BlobTime, _ account: String = "acct1") -> BlobErrorCode? {
            BlobRefusal.code { try key.check(request, account: account, at: now) }
        }
        #expect(refusal(.noon) == nil)
        #expect(refusal(.noon, "acct2") == .authenticationFailed)
        #expect(refusal(BlobTime.noon.adding(seconds: 900)) == nil)
        #expect(refusal(BlobTime.noon.adding(seconds: 901)) == .authenticationFailed)
        #expect(refusal(BlobTime.noon.adding(seconds: -901)) == .authenticationFailed)
        request.headers["x-ms-date"] = "yesterday"
        #expect(refusal(.noon) == .authenticationFailed)
        request.headers["x-ms-date"] = nil
        #expect(refusal(.noon) == .authenticationFailed)
        request.headers["Date"] = BlobTime.noon.http
        #expect(refusal(.noon) == nil)
        #expect(key.refusal(["a\nb"]).code == .authenticationFailed)
    }

    @Test func `credentials are read, and nothing else is taken for them`() throws {
        let query = try BlobQuery("")
        func refusal(_ value: String) -> BlobErrorCode? {
            BlobRefusal.code {
                try BlobCredential(.blob("GET", "/", ["Authorization": value]), query)
            }
        }
        let short = Base64.encode([UInt8](repeating: 0, count: 31))
        for value in [
            "", "SharedKey", "SharedKey ", "SharedKey acct1", "SharedKey :\(short)A",
            "SharedKey acct1:\(short)", "SharedKey acct1:%%%%", "Basic abc", "Bearer ",
        ] {
            #expect(refusal(value) == .invalidAuthenticationInfo, "\(value)")
        }
        guard case .anonymous = try BlobCredential(.blob("GET", "/"), query) else {
            Issue.record("nobody is nobody")
            return
        }
        guard
            case .token("a.b.c") = try BlobCredential(
                .blob("GET", "/", ["authorization": "bearer a.b.c"]), query)
        else {
            Issue.record("a token is read whatever the case of its scheme")
            return
        }
        var twice = HeaderFields()
        let field = HeaderFields.Field(name: "Authorization", value: "Bearer a")
        twice.fields = [field, field]
        #expect(
            BlobRefusal.code { try BlobCredential(.blob("GET", "/", twice), query) }
                == .invalidAuthenticationInfo)
        let challenge = BlobCredential.challenge(login: "https://login.example", tenant: "t")
        #expect(challenge.contains("authorization_uri=https://login.example/t/oauth2/authorize "))
    }
}
