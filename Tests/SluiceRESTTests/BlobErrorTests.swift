import Testing

@testable import SluiceREST

@Suite struct BlobErrorTests {
    @Test func `every code has a row, a status of HTTP and an anchor`() {
        for code in BlobErrorCode.allCases {
            #expect(code.isInTable, "\(code)")
            #expect((400...599).contains(code.status) && code.sentence.hasSuffix("."))
            #expect(code.anchor == code.name.lowercased())
        }
        #expect(Set(BlobErrorCode.allCases.map(\.anchor)).count == BlobErrorCode.allCases.count)
    }

    @Test func `codes are spelled as clients know them`() {
        #expect(BlobErrorCode.invalidMd5.name == "InvalidMd5")
        #expect(BlobErrorCode.authorizationSourceIPMismatch.name == "AuthorizationSourceIPMismatch")
        #expect(BlobErrorCode.unsupportedHttpVerb.name == "UnsupportedHttpVerb")
        #expect(BlobErrorCode.keyVaultEncryptionKeyNotFound.name == "KeyVaultEncryptionKeyNotFound")
    }

    @Test func `the document has code, message and what it is about`() {
        let error = BlobRefusal(
            .invalidHeaderValue, "a<b", fields: [BlobRefusal.Field(name: "HeaderName", value: "x")])
        #expect(
            String(decoding: error.document(requestID: "r", at: .noon), as: UTF8.self) == """
                <?xml version="1.0" encoding="utf-8"?><Error><Code>InvalidHeaderValue</Code>\
                <Message>The value for one of the HTTP headers is not in the correct format. a&lt;b
                RequestId:r
                Time:2026-11-03T12:00:00.0000000Z</Message><HeaderName>x</HeaderName></Error>
                """)
        let control = BlobRefusal(.invalidUri, "a\u{0}b\u{1}")
        #expect(
            String(decoding: control.document(requestID: "r", at: .noon), as: UTF8.self)
                .contains("a?b?"))
    }

    @Test func `the first cause that applies says why a key can't be had`() {
        let codes: [BlobErrorCode] = [
            .keyVaultVaultNotFound, .keyVaultAccessTokenCannotBeAcquired,
            .keyVaultEncryptionKeyNotFound,
        ]
        #expect(RevokedKeyRule.Cause.allCases.map(\.code) == codes)
        #expect(codes.map(\.status) == [403, 403, 403])
        #expect(RevokedKeyRule.refusal([]) == nil)
        #expect(RevokedKeyRule.refusal([.noKey])?.code == codes[2])
        #expect(RevokedKeyRule.refusal([.noKey, .noToken])?.code == codes[1])
        // Many sets, since a set has no order that would be the same each time.
        for _ in 0..<20 {
            #expect(RevokedKeyRule.refusal(Set(RevokedKeyRule.Cause.allCases))?.code == codes[0])
            #expect(RevokedKeyRule.refusal([.noKey, .vaultGone])?.code == codes[0])
            #expect(RevokedKeyRule.refusal([.noToken, .vaultGone])?.code == codes[0])
        }
    }

    @Test func `seventeen operations need the key, and one more here`() throws {
        #expect(RevokedKeyRule.documented.count == 17)
        func needsKey(
            _ method: String, _ target: String, _ headers: HeaderFields = [:]
        ) throws -> Bool {
            RevokedKeyRule.needsKey(
                try ServiceRequest.blob(method, target, headers).route(), headers)
        }
        let list = "/con1?restype=container&comp=list"
        let copy: HeaderFields = ["x-ms-copy-source": "https://h/con1/b"]
        var sync = copy
        sync["x-ms-requires-sync"] = "true"
        // In the order of the list; page and append blobs' six aren't emulated.
        #expect(try needsKey("GET", list + "&include=Metadata,copy"))
        #expect(try needsKey("GET", "/con1/b"))
        #expect(try needsKey("HEAD", "/con1/b"))
        #expect(try needsKey("HEAD", "/con1/b?comp=metadata"))
        #expect(try needsKey("PUT", "/con1/b?comp=metadata"))
        #expect(try needsKey("PUT", "/con1/b?comp=snapshot", ["X-Ms-Meta-a": "1"]))
        #expect(try needsKey("PUT", "/con1/b", copy))
        #expect(try needsKey("PUT", "/con1/b", sync))
        #expect(try needsKey("PUT", "/con1/b?comp=tier"))
        #expect(try needsKey("PUT", "/con1/b?comp=block"))
        #expect(try needsKey("PUT", "/con1/b?comp=block", copy))
        #expect(try needsKey("PUT", "/con1/b", ["x-ms-blob-type": "BlockBlob"]))
        #expect(try needsKey("PUT", "/con1/b?comp=blocklist"))
        for (method, target) in [
            ("GET", list), ("GET", list + "&include=copy"), ("PUT", "/con1/b?comp=snapshot"),
            ("DELETE", "/con1/b"), ("PUT", "/con1/b?comp=lease"), ("PUT", "/con1/b?comp=undelete"),
            ("PUT", "/con1/b?comp=properties"), ("GET", "/con1/b?comp=blocklist"),
            ("GET", "/?comp=list"),
            ("PUT", "/con1?restype=container"), ("DELETE", "/con1?restype=container"),
            ("PUT", "/con1/b?comp=copy&copyid=1"), ("GET", "/con1?restype=container"),
            ("PUT", "/con1?restype=container&comp=metadata"), ("POST", "/?comp=batch"),
        ] {
            #expect(try !needsKey(method, target), "\(method) \(target)")
        }
    }
}

@Suite struct BlobTimeTests {
    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (1_793_707_200, "Tue, 03 Nov 2026 12:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
            (-62_135_596_800, "Mon, 01 Jan 0001 00:00:00 GMT"),
        ] as [(Int64, String)])
    func `headers' dates are written and read`(seconds: Int64, text: String) {
        #expect(BlobTime(seconds: seconds).http == text)
        #expect(BlobTime(http: text)?.seconds == seconds)
    }

    @Test func `the older forms of dates are read`() {
        for text in [
            "Tuesday, 03-Nov-26 12:00:00 GMT", "Tue Nov 3 12:00:00 2026",
            "Tue, 3 Nov 2026 12:00:00 GMT",
        ] {
            #expect(BlobTime(http: text) == .noon, "\(text)")
        }
        for text in [
            "", "Tue, 03 Nov 2026 12:00:00", "Tue, 31 Feb 2026 12:00:00 GMT",
            "Tue, 03 Nov 2026 24:00:00 GMT",
            "Tue, 03 Foo 2026 12:00:00 GMT", "Tue, 03 Nov 202 12:00:00 GMT",
            "Tue, 00 Nov 2026 12:00:00 GMT",
            "2026-11-03", "Tue, 03 Nov 2026 12:00 CET", String(repeating: "a ", count: 100),
        ] {
            #expect(BlobTime(http: text) == nil, "\(text)")
        }
    }

    @Test func `times of signatures and snapshots are read and written`() {
        for text in [
            "2026-11-03T12:00Z", "2026-11-03T12:00:00Z", "2026-11-03T12:00:00.0Z",
            "2026-11-03T12:00:00+00:00",
            "2026-11-03T12:00:00.0000000Z",
        ] {
            #expect(BlobTime(iso: text) == .noon, "\(text)")
        }
        let time = BlobTime(iso: "2026-11-03T12:00:00.1234567Z")
        #expect(time?.exact == "2026-11-03T12:00:00.1234567Z")
        #expect(time?.plain == "2026-11-03T12:00:00Z")
        #expect(BlobTime(iso: "2026-11-03")?.plain == "2026-11-03T00:00:00Z")
        #expect(BlobTime(ticks: -1).exact == "1969-12-31T23:59:59.9999999Z")
        for text in [
            "", "2026", "2026-11", "2026-11-31", "2026-13-01", "0000-01-01", "2026-11-03T",
            "2026-11-03T12Z",
            "2026-11-03T12:00", "2026-11-03T12:00:60Z", "2026-11-03T12:00.5Z",
            "2026-11-03T12:00:00.12345678Z",
            "2026-11-03T12:00:00+01:00", "٢٠٢٦-11-03", "2026-11-03T12:00:00.Z", "-026-11-03",
        ] {
            #expect(BlobTime(iso: text) == nil, "\(text)")
        }
    }

    @Test func `times beyond what can be told are the last that can`() {
        #expect(BlobTime(seconds: .max).http.hasSuffix("9999 23:59:59 GMT"))
        #expect(BlobTime(seconds: .min).http.hasSuffix("0001 00:00:00 GMT"))
        #expect(BlobTime(ticks: .max) == BlobTime(seconds: .max))
        #expect(BlobTime(seconds: .max).adding(seconds: .max) == BlobTime(seconds: .max))
        #expect(BlobTime(seconds: .min).adding(seconds: .min) == BlobTime(seconds: .min))
        #expect(BlobTime(ticks: 15).adding(seconds: -1).ticks == 15 - 10_000_000)
    }
}
