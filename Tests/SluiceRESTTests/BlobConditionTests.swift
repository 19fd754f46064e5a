import SluiceREST
import Testing

@Suite struct BlobConditionTests {
    private static let subject = ConditionSubject(etag: "0x8D", lastModified: .noon)
    private static let before = BlobTime.noon.adding(seconds: -1).http
    private static let same = BlobTime.noon.http
    private static let after = BlobTime.noon.adding(seconds: 1).http

    private func refusal(
        _ headers: HeaderFields, _ subject: ConditionSubject? = subject, isWrite: Bool = false,
        of target: BlobConditions.Target = .target
    ) -> BlobErrorCode? {
        BlobRefusal.code {
            try BlobConditions(headers, of: target).check(subject, isWrite: isWrite)
        }
    }

    @Test func `entity tags are compared with and without their quotation marks`() {
        for tag in ["\"0x8D\"", "0x8D", "*", "\"a\", \"0x8D\"", "W/\"0x8D\""] {
            #expect(refusal(["If-Match": tag]) == nil, "\(tag)")
            #expect(refusal(["If-None-Match": tag]) == .conditionNotMet, "\(tag)")
        }
        #expect(refusal(["If-Match": "\"0x8E\""]) == .conditionNotMet)
        #expect(refusal(["If-None-Match": "\"0x8E\""]) == nil)
        #expect(refusal(["If-Match": "*"], nil, isWrite: true) == .conditionNotMet)
        #expect(refusal(["If-None-Match": "*"], nil, isWrite: true) == nil)
        #expect(refusal([:]) == nil)
    }

    @Test func `dates are compared to the second`() {
        #expect(refusal(["If-Modified-Since": Self.before]) == nil)
        #expect(refusal(["If-Modified-Since": Self.same]) == .conditionNotMet)
        #expect(refusal(["If-Unmodified-Since": Self.same]) == nil)
        #expect(refusal(["If-Unmodified-Since": Self.before]) == .conditionNotMet)
        let later = ConditionSubject(
            etag: "a", lastModified: BlobTime(ticks: BlobTime.noon.ticks + 9_999_999))
        #expect(refusal(["If-Unmodified-Since": Self.same], later) == nil)
        #expect(refusal(["If-Modified-Since": Self.same], later) == .conditionNotMet)
        // A tag says more than a date to who reads.
        let both: HeaderFields = ["If-None-Match": "\"a\"", "If-Modified-Since": Self.after]
        #expect(refusal(both) == nil)
        #expect(refusal(both, isWrite: true) == .conditionNotMet)
    }

    @Test func `what has not changed is 304 to who reads, and 412 to who writes`() throws {
        let conditions = try BlobConditions(["If-None-Match": "*"])
        let error = #expect(throws: BlobRefusal.self) {
            try conditions.check(Self.subject, isWrite: false)
        }
        #expect(error?.status("GET") == 304)
        #expect(error?.status("HEAD") == 304)
        #expect(error?.status("DELETE") == 412)
        let changed = #expect(throws: BlobRefusal.self) {
            try BlobConditions(["If-Match": "a"]).check(Self.subject, isWrite: false)
        }
        #expect(changed?.status("GET") == 412)
    }

    @Test func `a write that wants nothing to be there is 409`() throws {
        #expect(refusal(["If-None-Match": "*"], isWrite: true) == .blobAlreadyExists)
        #expect(refusal(["If-None-Match": "0x8D"], isWrite: true) == .conditionNotMet)
        #expect(try BlobConditions(["If-None-Match": "*"]).demandsAbsence)
        #expect(try !BlobConditions(["If-None-Match": "a"]).demandsAbsence)
        #expect(try BlobConditions(["If-Match": ""]).isEmpty)
        #expect(try !BlobConditions(["If-Match": "a"]).isEmpty)
    }

    @Test func `conditions of a copy's source are its own`() {
        for (name, value) in [
            ("if-match", "a"), ("if-none-match", "0x8D"), ("if-modified-since", Self.same),
            ("if-unmodified-since", Self.before), ("if-none-match", "*"),
        ] {
            var headers = HeaderFields()
            headers["x-ms-source-\(name)"] = value
            #expect(refusal(headers) == nil)
            #expect(refusal(headers, isWrite: true, of: .source) == .sourceConditionNotMet)
        }
        #expect(refusal(["x-ms-source-if-tags": "a"], of: .source) == .notImplemented)
    }

    @Test func `what is no condition is refused`() {
        #expect(refusal(["If-Modified-Since": "soon"]) == .invalidHeaderValue)
        #expect(refusal(["If-Unmodified-Since": "2026-11-03"]) == .invalidHeaderValue)
        #expect(
            refusal(["If-Match": String(repeating: "a", count: 5000)]) == .invalidHeaderValue)
        #expect(refusal(["x-ms-if-tags": "\"a\" = 'b'"]) == .notImplemented)
    }
}

@Suite struct BlobRangeTests {
    private func bytes(_ headers: HeaderFields, of byteCount: Int) throws -> Range<Int>? {
        try BlobRange.read(headers).range?.bytes(of: byteCount)
    }

    @Test func `a range is cut at the blob's end`() throws {
        #expect(try bytes(["x-ms-range": "bytes=0-9"], of: 5) == 0..<5)
        #expect(try bytes(["x-ms-range": "bytes=2-3"], of: 5) == 2..<4)
        #expect(try bytes(["Range": "bytes=4-"], of: 5) == 4..<5)
        #expect(try bytes(["Range": "bytes=0-0", "x-ms-range": "bytes=1-1"], of: 5) == 1..<2)
        #expect(try bytes(["Range": "bytes=0-\(Int.max)"], of: 5) == 0..<5)
        #expect(try bytes([:], of: 5) == nil)
        #expect(BlobRange.header(2..<4, of: 5) == "bytes 2-3/5")
        #expect(BlobRange.header(nil, of: 5) == "bytes */5")
    }

    @Test func `a range with no byte of the blob is 416`() {
        for (range, byteCount) in [("bytes=5-9", 5), ("bytes=0-", 0), ("bytes=\(Int.max)-", 5)] {
            let code = BlobRefusal.code { try bytes(["x-ms-range": range], of: byteCount) }
            #expect(code == .invalidRange)
            #expect(code?.status == 416)
        }
    }

    @Test(arguments: [
        "bytes=5-3", "bytes=-5", "bytes=a-b", "bytes=1", "bytes=1-2,4-5", "items=0-1",
        "bytes=1-2-3",
        "bytes=99999999999999999999-", "bytes=+1-2", "bytes= 1-2",
    ])
    func `another range is refused, and ignored where HTTP says so`(text: String) throws {
        #expect(
            BlobRefusal.code { try bytes(["x-ms-range": text], of: 9) } == .invalidHeaderValue)
        #expect(try bytes(["Range": text], of: 9) == nil)
    }

    @Test func `checksums are given of at most 4 MiB`() throws {
        let md5 = "x-ms-range-get-content-md5"
        let crc64 = "x-ms-range-get-content-crc64"
        let most = "bytes=1-\(BlobRange.mostChecked)"
        #expect(try BlobRange.read([md5: "true", "x-ms-range": most]).check == .md5)
        #expect(try BlobRange.read([crc64: "True", "x-ms-range": most]).check == .crc64)
        #expect(try BlobRange.read([crc64: "false", "x-ms-range": most]).check == nil)
        let structured: HeaderFields = ["x-ms-structured-body": StructuredBody.header]
        #expect(try BlobRange.read(structured).check == .structuredBody)
        func refusal(_ headers: HeaderFields) -> BlobErrorCode? {
            BlobRefusal.code { try BlobRange.read(headers) }
        }
        let more = "bytes=0-\(BlobRange.mostChecked)"
        #expect(refusal([md5: "true", "x-ms-range": more]) == .outOfRangeInput)
        #expect(refusal([crc64: "true", "x-ms-range": "bytes=0-"]) == .outOfRangeInput)
        #expect(refusal([md5: "true"]) == .invalidHeaderValue)
        #expect(refusal([md5: "yes", "x-ms-range": most]) == .invalidHeaderValue)
        #expect(refusal([md5: "true", crc64: "true", "x-ms-range": most]) == .invalidHeaderValue)
        #expect(refusal(["x-ms-structured-body": "XSM/2.0"]) == .invalidHeaderValue)
        #expect(
            refusal([
                md5: "true", "x-ms-range": most, "x-ms-structured-body": StructuredBody.header,
            ])
                == .invalidHeaderValue)
    }
}
