import SluiceREST
import Testing

@Suite struct BlobAnswerTests {
    private static var blob: BlobProperties {
        var blob = BlobProperties(
            etag: "0x8D", created: .noon, lastModified: .noon.adding(seconds: 1), byteCount: 12)
        blob.content.language = "de"
        blob.content.md5 = [UInt8](repeating: 0, count: 16)
        blob.lease = BlobLease(state: .leased, id: "i", isInfinite: false)
        blob.encryptionScope = "scope1"
        blob.copy = CopyState(
            id: "c", status: .failed, source: "s", copied: 1, of: 12, completed: .noon, reason: "r")
        return blob
    }

    private func lines(_ headers: HeaderFields) -> String {
        headers.fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n")
    }

    @Test func `a blob's headers are as clients read them`() {
        #expect(
            lines(BlobAnswer.blob(Self.blob)) == """
                ETag: "0x8D"
                Last-Modified: Tue, 03 Nov 2026 12:00:01 GMT
                Content-Type: application/octet-stream
                Content-Language: de
                Accept-Ranges: bytes
                Content-MD5: AAAAAAAAAAAAAAAAAAAAAA==
                x-ms-blob-type: BlockBlob
                x-ms-creation-time: Tue, 03 Nov 2026 12:00:00 GMT
                x-ms-lease-status: locked
                x-ms-lease-state: leased
                x-ms-lease-duration: fixed
                x-ms-access-tier: Hot
                x-ms-access-tier-inferred: true
                x-ms-copy-id: c
                x-ms-copy-status: failed
                x-ms-copy-source: s
                x-ms-copy-progress: 1/12
                x-ms-copy-completion-time: Tue, 03 Nov 2026 12:00:00 GMT
                x-ms-copy-status-description: r
                x-ms-server-encrypted: true
                x-ms-encryption-scope: scope1
                """)
    }

    @Test func `a range has its own MD5 or none, and the blob's beside it`() {
        let headers = BlobAnswer.blob(Self.blob, bytes: 2..<5)
        #expect(headers["Content-Range"] == "bytes 2-4/12")
        #expect(headers["Content-MD5"] == nil)
        #expect(headers["x-ms-blob-content-md5"] == "AAAAAAAAAAAAAAAAAAAAAA==")
    }

    @Test func `a shared access signature says some headers instead`() {
        let override = HeaderFields.Field(name: "content-language", value: "fr")
        let headers = BlobAnswer.blob(Self.blob, overrides: [override])
        #expect(headers.all("Content-Language") == ["fr"])
    }

    @Test func `writes say what was written and under what`() {
        var blob = Self.blob
        blob.keySHA256 = [1]
        var checksums = Checksums()
        checksums.md5 = [2]
        checksums.crc64 = 1
        #expect(
            lines(BlobAnswer.written(blob, snapshot: .noon, checksums: checksums)) == """
                ETag: "0x8D"
                Last-Modified: Tue, 03 Nov 2026 12:00:01 GMT
                x-ms-snapshot: 2026-11-03T12:00:00.0000000Z
                x-ms-request-server-encrypted: true
                x-ms-encryption-scope: scope1
                x-ms-encryption-key-sha256: AQ==
                Content-MD5: Ag==
                x-ms-content-crc64: AQAAAAAAAAA=
                """)
        #expect(
            lines(
                BlobAnswer.block(
                    encryptionScope: "s", keySHA256: nil, checksums: Checksums(), isStructured: true
                )) == """
                    x-ms-request-server-encrypted: true
                    x-ms-encryption-scope: s
                    x-ms-structured-body: XSM/1.0; properties=crc64
                    """)
        let copied = BlobAnswer.copied(
            blob,
            CopyState(
                id: "c", status: .success, source: "s", copied: 1, of: 1, completed: nil))
        #expect(copied["x-ms-copy-id"] == "c" && copied["x-ms-copy-status"] == "success")
        let blocks = BlobAnswer.blockList(nil, byteCount: 0)
        #expect(blocks["ETag"] == nil && blocks["x-ms-blob-content-length"] == "0")
    }

    @Test func `leases, containers and accounts say what clients read`() {
        let subject = Self.blob.subject
        #expect(BlobAnswer.lease(subject, id: "i")["x-ms-lease-id"] == "i")
        #expect(BlobAnswer.lease(subject, remaining: 0)["x-ms-lease-time"] == "0")
        var container = ContainerProperties(etag: "e", lastModified: .noon)
        container.publicAccess = .container
        let headers = BlobAnswer.container(container)
        #expect(headers["x-ms-blob-public-access"] == "container")
        #expect(headers["x-ms-default-encryption-scope"] == "$account-encryption-key")
        #expect(headers["x-ms-deny-encryption-scope-override"] == "false")
        #expect(headers["x-ms-lease-state"] == "available")
        #expect(BlobAnswer.accessControl(container)["x-ms-blob-public-access"] == "container")
        let account = BlobAnswer.account(sku: "Standard_LRS", kind: "StorageV2")
        #expect(account["x-ms-sku-name"] == "Standard_LRS")
    }

    @Test func `every answer has identifiers, a version and a date`() {
        let request = ServiceRequest.blob(
            "GET", "/", ["x-ms-version": "2018-03-28", "x-ms-client-request-id": "c"])
        #expect(
            lines(BlobAnswer.common(request, requestID: "r", at: .noon)) == """
                x-ms-request-id: r
                x-ms-version: 2018-03-28
                x-ms-client-request-id: c
                Date: Tue, 03 Nov 2026 12:00:00 GMT
                """)
        let plain = BlobAnswer.common(.blob("GET", "/"), requestID: "r", at: .noon)
        #expect(plain["x-ms-version"] == BlobAnswer.version)
    }
}
