import SluiceAccess
import SluiceREST
import Testing

@Suite struct BlobHeaderTests {
    /// Stands for SHA-256: what it gives tells keys apart.
    private static func hash(_ key: [UInt8]) -> [UInt8] { key.map { $0 ^ 0xFF } }

    private static let key = [UInt8](0..<32)
    private static let keyHeaders: HeaderFields = [
        "x-ms-encryption-key": Base64.encode(key),
        "x-ms-encryption-key-sha256": Base64.encode(hash(key)),
        "x-ms-encryption-algorithm": "AES256",
    ]

    private func write(_ headers: HeaderFields, isSecure: Bool = true) throws -> BlobWrite {
        try BlobWrite(.blob("PUT", "/con1/b", headers, isSecure: isSecure), sha256: Self.hash)
    }

    private func refusal(_ headers: HeaderFields, isSecure: Bool = true) -> BlobErrorCode? {
        BlobRefusal.code { try write(headers, isSecure: isSecure) }
    }

    // MARK: Metadata and content

    @Test func `metadata keeps the letters and the order of who set it`() throws {
        let headers = HeaderFields(
            lines: "x-ms-meta-Foo: bar\nX-Ms-Meta-_a1: x y\nx-ms-metadata: no")
        let metadata = try BlobMetadata(headers)
        #expect(metadata.pairs.map(\.name) == ["Foo", "_a1"])
        #expect(metadata.pairs.map(\.value) == ["bar", "x y"])
        var blob = BlobProperties(etag: "e", created: .noon, lastModified: .noon, byteCount: 0)
        blob.metadata = metadata
        #expect(BlobAnswer.metadata(blob)["x-ms-meta-Foo"] == "bar")
        #expect(BlobAnswer.blob(blob).fields.contains { $0.name == "x-ms-meta-_a1" })
    }

    @Test func `metadata that can't be is refused`() {
        func refusal(_ name: String, _ value: String = "a") -> BlobErrorCode? {
            var headers = HeaderFields()
            headers["x-ms-meta-\(name)"] = value
            return BlobRefusal.code { try BlobMetadata(headers) }
        }
        #expect(refusal("") == .emptyMetadataKey)
        for name in ["1a", "a-b", "a b", "ä", "a.b"] { #expect(refusal(name) == .invalidMetadata) }
        for value in ["ä", "a\tb", "\u{7F}"] { #expect(refusal("a", value) == .invalidMetadata) }
        #expect(refusal("a", String(repeating: "a", count: 8191)) == nil)
        #expect(refusal("a", String(repeating: "a", count: 8192)) == .metadataTooLarge)
        #expect(refusal("a", "") == nil)
        let twice = HeaderFields(lines: "x-ms-meta-a: 1\nx-ms-meta-A: 2")
        #expect(BlobRefusal.code { try BlobMetadata(twice) } == .invalidMetadata)
    }

    @Test func `what is said of content comes from the service's headers, then from HTTP's`() throws
    {
        let headers: HeaderFields = [
            "x-ms-blob-content-type": "a/b", "Content-Type": "c/d",
            "x-ms-blob-content-encoding": "",
            "Content-Encoding": "gzip", "x-ms-blob-content-disposition": "inline",
            "Cache-Control": "no-cache",
            "x-ms-blob-content-md5": Base64.encode([UInt8](repeating: 1, count: 16)),
        ]
        let put = try ContentHeaders(headers, isPutBlob: true)
        #expect((put.type, put.encoding, put.disposition) == ("a/b", "gzip", "inline"))
        #expect((put.cacheControl, put.language) == ("no-cache", nil))
        #expect(put.md5?.count == 16)
        let set = try ContentHeaders(headers, isPutBlob: false)
        #expect((set.encoding, set.cacheControl) == (nil, nil))
        #expect(try ContentHeaders([:], isPutBlob: true).type == "application/octet-stream")
        func refusal(_ name: String, _ value: String) -> BlobErrorCode? {
            var headers = HeaderFields()
            headers[name] = value
            return BlobRefusal.code { try ContentHeaders(headers, isPutBlob: true) }
        }
        #expect(refusal("x-ms-blob-content-md5", "AAAA") == .invalidMd5)
        #expect(refusal("x-ms-blob-cache-control", "a\nb") == .invalidHeaderValue)
        #expect(
            refusal("x-ms-blob-content-type", String(repeating: "a", count: 1025))
                == .invalidHeaderValue)
    }

    @Test func `checksums of a body are read and compared`() throws {
        let md5 = [UInt8](repeating: 1, count: 16)
        let given = try Checksums(["Content-MD5": Base64.encode(md5)])
        #expect(BlobRefusal.code { try given.check(md5: md5, crc64: nil) } == nil)
        #expect(BlobRefusal.code { try given.check(md5: [2], crc64: nil) } == .md5Mismatch)
        #expect(BlobRefusal.code { try given.check(md5: nil, crc64: nil) } == .md5Mismatch)
        let crc = try Checksums(["x-ms-content-crc64": Base64.encode(CRC64.bytes(7))])
        #expect(crc.crc64 == 7)
        #expect(BlobRefusal.code { try crc.check(md5: nil, crc64: 7) } == nil)
        #expect(BlobRefusal.code { try crc.check(md5: nil, crc64: 8) } == .crc64Mismatch)
        #expect(
            try Checksums(["x-ms-source-content-md5": Base64.encode(md5)], ofSource: true).md5
                == md5)
        func refusal(_ headers: HeaderFields) -> BlobErrorCode? {
            BlobRefusal.code { try Checksums(headers) }
        }
        #expect(refusal(["Content-MD5": "AAAA"]) == .invalidMd5)
        #expect(refusal(["x-ms-content-crc64": "AAAA"]) == .invalidCrc64)
        #expect(
            refusal([
                "Content-MD5": Base64.encode(md5),
                "x-ms-content-crc64": Base64.encode(CRC64.bytes(7)),
            ]) == .invalidHeaderValue)
    }

    @Test func `a body's length is known, and bounded`() throws {
        func read(_ headers: HeaderFields, isBlock: Bool = false) throws -> BodyTransfer {
            try BodyTransfer(headers, isBlock: isBlock)
        }
        func refusal(_ headers: HeaderFields, isBlock: Bool = false) -> BlobErrorCode? {
            BlobRefusal.code { try read(headers, isBlock: isBlock) }
        }
        #expect(refusal([:]) == .missingContentLengthHeader)
        #expect(refusal(["Content-Length": "-1"]) == .invalidHeaderValue)
        #expect(refusal(["Content-Length": "\(BodyTransfer.mostPutBytes)"]) == nil)
        #expect(
            refusal(["Content-Length": "\(BodyTransfer.mostPutBytes + 1)"]) == .requestBodyTooLarge)
        #expect(refusal(["Content-Length": "\(BodyTransfer.mostBlockBytes)"], isBlock: true) == nil)
        #expect(
            refusal(["Content-Length": "\(BodyTransfer.mostBlockBytes + 1)"], isBlock: true)
                == .requestBodyTooLarge)
        func structured(_ length: String, _ content: String?) -> HeaderFields {
            var headers: HeaderFields = [
                "Content-Length": length, "x-ms-structured-body": StructuredBody.header,
            ]
            headers["x-ms-structured-content-length"] = content
            return headers
        }
        let transfer = try read(structured("100", "61"))
        #expect(
            transfer.isStructured && transfer.contentByteCount == 61 && transfer.byteCount == 100)
        #expect(refusal(structured("100", nil)) == .missingRequiredHeader)
        #expect(refusal(structured("100", "101")) == .invalidHeaderValue)
        #expect(refusal(structured("99999999", "1")) == .invalidHeaderValue)
        #expect(refusal(structured("100", "x")) == .invalidHeaderValue)
        #expect(
            refusal(["Content-Length": "1", "x-ms-structured-body": "XSM/2"]) == .invalidHeaderValue
        )
        #expect(refusal(structured("100", "\(Int.min)")) == .invalidHeaderValue)
    }

    // MARK: Keys and scopes

    @Test func `a key of the client's comes whole, by https, and with its hash`() throws {
        let key = try write(Self.keyHeaders).key
        #expect(key?.key == Self.key)
        #expect(key?.sha256 == Self.hash(Self.key))
        #expect(try write([:]).key == nil)
        for field in Self.keyHeaders.fields {
            var headers = Self.keyHeaders
            headers[field.name] = nil
            #expect(refusal(headers) == .missingRequiredHeader)
            headers[field.name] = "AAAA"
            #expect(refusal(headers) == .invalidHeaderValue)
        }
        #expect(refusal(Self.keyHeaders, isSecure: false) == .invalidHeaderValue)
        var both = Self.keyHeaders
        both["x-ms-encryption-scope"] = "scope1"
        #expect(refusal(both) == .invalidHeaderValue)
    }

    @Test func `a blob is read with its own key, and no other`() throws {
        let key = try #require(try write(Self.keyHeaders).key)
        var blob = BlobProperties(etag: "e", created: .noon, lastModified: .noon, byteCount: 0)
        #expect(BlobRefusal.code { try blob.check(nil) } == nil)
        #expect(
            BlobRefusal.code { try blob.check(key) } == .blobDoesNotUseCustomerSpecifiedEncryption)
        blob.keySHA256 = key.sha256
        #expect(BlobRefusal.code { try blob.check(key) } == nil)
        #expect(BlobRefusal.code { try blob.check(nil) } == .blobUsesCustomerSpecifiedEncryption)
        blob.keySHA256 = [0]
        #expect(BlobRefusal.code { try blob.check(key) } == .blobUsesCustomerSpecifiedEncryption)
    }

    @Test func `an encryption scope is the request's or the container's`() throws {
        #expect(try write(["x-ms-encryption-scope": "scope1"]).encryptionScope == "scope1")
        #expect(refusal(["x-ms-encryption-scope": "a/b"]) == .invalidHeaderValue)
        func container(_ scope: String?, denies: Bool) -> ContainerProperties {
            var container = ContainerProperties(etag: "e", lastModified: .noon)
            container.encryptionScope = scope
            container.deniesOtherScopes = denies
            return container
        }
        #expect(try container(nil, denies: false).encryptionScope(requested: nil) == nil)
        #expect(try container("a", denies: true).encryptionScope(requested: nil) == "a")
        #expect(try container("a", denies: false).encryptionScope(requested: "b") == "b")
        #expect(try container("a", denies: true).encryptionScope(requested: "a") == "a")
        #expect(
            BlobRefusal.code { try container("a", denies: true).encryptionScope(requested: "b") }
                == .requestEncryptionScopeNotAllowed)
    }

    @Test func `a container is made with both headers of a scope, or none`() throws {
        let names = ("x-ms-default-encryption-scope", "x-ms-deny-encryption-scope-override")
        let both = try ContainerWrite([names.0: "scope1", names.1: "true", "x-ms-meta-a": "b"])
        #expect(both.encryptionScope == "scope1" && both.deniesOtherScopes)
        #expect(both.metadata.pairs.count == 1)
        #expect(
            try ContainerWrite([names.0: "$account-encryption-key", names.1: "false"])
                .encryptionScope == nil)
        for headers: HeaderFields in [[names.0: "scope1"], [names.1: "true"]] {
            #expect(BlobRefusal.code { try ContainerWrite(headers) } == .missingRequiredHeader)
        }
        #expect(
            BlobRefusal.code { try ContainerWrite([names.0: "a/b", names.1: "true"]) }
                == .invalidHeaderValue)
    }

    @Test(arguments: [
        "x-ms-tags", "x-ms-immutability-policy-mode", "x-ms-immutability-policy-until-date",
        "x-ms-legal-hold", "x-ms-seal-blob", "x-ms-copy-source-tag-option", "x-ms-if-tags",
    ])
    func `what a write can't have here is 501`(name: String) {
        var headers = HeaderFields()
        headers[name] = name == "x-ms-copy-source-tag-option" ? "COPY" : "true"
        #expect(refusal(headers) == .notImplemented)
    }

    // MARK: Tiers, deletion, copies

    @Test func `a tier is one of four`() throws {
        let name = "x-ms-access-tier"
        let request = try TierRequest([name: "archive", "x-ms-rehydrate-priority": "HIGH"])
        #expect(request.tier == .archive && request.priority == .high)
        #expect(try TierRequest([name: "Hot"]).successStatus(from: .archive) == 202)
        #expect(try TierRequest([name: "Hot"]).successStatus(from: .cool) == 200)
        #expect(request.successStatus(from: .archive) == 200)
        #expect(BlobRefusal.code { try TierRequest([:]) } == .missingRequiredHeader)
        #expect(BlobRefusal.code { try TierRequest([name: "P10"]) } == .invalidHeaderValue)
        #expect(
            BlobRefusal.code { try TierRequest([name: "Hot", "x-ms-rehydrate-priority": "Low"]) }
                == .invalidHeaderValue)
        #expect(
            BlobRefusal.code { try TierRequest([name: "Hot", "x-ms-if-tags": "a"]) }
                == .notImplemented)
        var blob = BlobProperties(etag: "e", created: .noon, lastModified: .noon, byteCount: 0)
        #expect(BlobRefusal.code { try blob.checkReadable() } == nil)
        blob.tier = .archive
        #expect(BlobRefusal.code { try blob.checkReadable() } == .blobArchived)
        blob.rehydration = .hot
        #expect(BlobRefusal.code { try blob.checkReadable() } == .blobBeingRehydrated)
    }

    @Test func `a deletion says what becomes of snapshots`() throws {
        func read(_ headers: HeaderFields, _ target: String = "/con1/b") throws -> DeleteRequest {
            try DeleteRequest(headers, try ServiceRequest.blob("DELETE", target).route())
        }
        let name = "x-ms-delete-snapshots"
        #expect(try read([name: "Include"]).snapshots == .include)
        let plain = try read([:])
        #expect(
            BlobRefusal.code { try plain.check(hasSnapshots: true, isSnapshot: false) }
                == .snapshotsPresent)
        #expect(BlobRefusal.code { try plain.check(hasSnapshots: false, isSnapshot: false) } == nil)
        #expect(BlobRefusal.code { try plain.check(hasSnapshots: true, isSnapshot: true) } == nil)
        #expect(BlobRefusal.code { try read([name: "all"]) } == .invalidHeaderValue)
        let snapshot = "/con1/b?snapshot=2026-11-28T10:00:00.1234567Z"
        #expect(BlobRefusal.code { try read([name: "only"], snapshot) } == .invalidOperation)
        #expect(
            BlobRefusal.code { try read([:], "/con1/b?deletetype=permanent") } == .notImplemented)
        #expect(
            BlobRefusal.code { try read(["x-ms-access-tier-if-modified-since": "a"]) }
                == .notImplemented)
    }

    private func source(_ url: String?, _ headers: HeaderFields = [:]) throws -> CopySource {
        var headers = headers
        headers["x-ms-copy-source"] = url
        return try CopySource(.blob("PUT", "/con1/b", headers), sha256: Self.hash)
    }

    @Test func `a copy's source is a blob of an account, with its credentials`() throws {
        let source = try source(
            "https://acct2.blob.core.windows.net:443/con2/t%2Fa%20b?snapshot=2026-11-28T10:00:00.1234567Z&sig=x&sp=r",
            [
                "x-ms-source-range": "bytes=1-5", "x-ms-copy-source-authorization": "Bearer t",
                "x-ms-source-lease-id": "00000000-0000-0000-0000-00000000000a",
                "x-ms-copy-source-blob-properties": "false",
            ])
        #expect((source.address.account, source.address.blob) == ("acct2", "t/a b"))
        #expect(source.snapshot == "2026-11-28T10:00:00.1234567Z")
        #expect(source.host == "acct2.blob.core.windows.net")
        #expect(source.query.hasSuffix("&sig=x&sp=r"))
        #expect(
            source.shown
                == "https://acct2.blob.core.windows.net:443/con2/t%2Fa%20b?snapshot=2026-11-28T10:00:00.1234567Z"
        )
        #expect(source.range?.first == 1 && source.range?.last == 5)
        #expect(source.token == "t")
        #expect(source.lease?.hasSuffix("a") == true)
        #expect(!source.copiesContentHeaders)
        let plain = try self.source("http://127.0.0.1:10000/acct1/con1/b?sig=x#f")
        #expect((plain.address.account, plain.address.container) == ("acct1", "con1"))
        #expect(plain.shown == "http://127.0.0.1:10000/acct1/con1/b")
        #expect(plain.copiesContentHeaders && plain.range == nil && plain.token == nil)
    }

    @Test func `what names no blob is no source`() {
        func refusal(_ url: String?, _ headers: HeaderFields = [:]) -> BlobErrorCode? {
            BlobRefusal.code { try source(url, headers) }
        }
        #expect(refusal(nil) == .missingRequiredHeader)
        for url in [
            "", "x", "ftp://h/con1/b", "https:/h/con1/b", "https://h", "https://a.blob.h/",
            "https://a.blob.h/con1/%zz",
            "https://a.blob.h?x=/con1/b", "https://a.blob.h/con1/b?snapshot=%zz", "/con1/b",
            "https://127.0.0.1/acct1",
        ] {
            #expect(refusal(url) == .invalidSourceBlobUrl, "\(url)")
        }
        let url = "https://a.blob.h/con1/b"
        #expect(refusal(url + "?versionid=1") == .notImplemented)
        #expect(refusal(url, ["x-ms-source-range": "bytes=9-1"]) == .invalidHeaderValue)
        #expect(
            refusal(url, ["x-ms-copy-source-authorization": "Basic a"]) == .invalidHeaderValue)
        #expect(
            refusal(url, ["x-ms-copy-source-blob-properties": "a"]) == .invalidHeaderValue)
        #expect(
            refusal(url, ["x-ms-source-encryption-algorithm": "AES256"]) == .missingRequiredHeader)
    }

    @Test func `a copy is aborted while it is under way`() throws {
        let copy = CopyState(
            id: "a", status: .pending, source: "s", copied: 0, of: 1, completed: nil)
        let abort: HeaderFields = ["x-ms-copy-action": "abort"]
        func refusal(_ copy: CopyState?, _ query: String, _ headers: HeaderFields) throws
            -> BlobErrorCode?
        {
            let route = try ServiceRequest.blob("PUT", "/con1/b?comp=copy&\(query)").route()
            return BlobRefusal.code { try CopyState.checkAbort(copy, route, headers) }
        }
        #expect(try refusal(copy, "copyid=A", abort) == nil)
        #expect(try refusal(copy, "copyid=b", abort) == .copyIdMismatch)
        #expect(try refusal(copy, "", abort) == .missingRequiredQueryParameter)
        #expect(try refusal(copy, "copyid=a", [:]) == .invalidHeaderValue)
        #expect(try refusal(nil, "copyid=a", abort) == .noPendingCopyOperation)
        var done = copy
        done.status = .success
        #expect(try refusal(done, "copyid=a", abort) == .noPendingCopyOperation)
    }
}
