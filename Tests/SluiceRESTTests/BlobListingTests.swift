import SluiceREST
import Testing

@Suite struct BlobListingTests {
    private func request(
        _ query: String, _ headers: HeaderFields = [:], containers: Bool = false
    ) throws -> ListingRequest {
        let target = containers ? "/?comp=list&" : "/con1?restype=container&comp=list&"
        return try ListingRequest(try ServiceRequest.blob("GET", target + query).route(), headers)
    }

    private func refusal(
        _ query: String, _ headers: HeaderFields = [:], containers: Bool = false
    ) -> BlobErrorCode? {
        BlobRefusal.code { try request(query, headers, containers: containers) }
    }

    @Test func `what a listing asks for is read`() throws {
        let all = try request(
            "prefix=%C3%A4%2B&delimiter=%2F&marker=m&maxresults=5001&include=metadata,Snapshots,deleted,copy,uncommittedblobs"
        )
        #expect((all.prefix, all.delimiter, all.marker) == ("ä+", "/", "m"))
        #expect(all.most == ListingRequest.mostNames)
        #expect(
            all.details == [.metadata, .snapshots, .deleted, .copy, .uncommittedblobs])
        let none = try request("delimiter=&marker=&maxresults=1")
        #expect((none.prefix, none.delimiter, none.marker, none.most) == ("", nil, nil, 1))
        #expect(try request("delimiter=/", containers: true).delimiter == nil)
        #expect(try request("include=metadata,deleted,system", containers: true).details.count == 3)
    }

    @Test func `what it can't ask for is refused`() {
        #expect(refusal("maxresults=0") == .outOfRangeQueryParameterValue)
        #expect(refusal("maxresults=-1") == .outOfRangeQueryParameterValue)
        #expect(refusal("maxresults=many") == .invalidQueryParameterValue)
        #expect(refusal("include=what") == .invalidQueryParameterValue)
        #expect(refusal("include=system") == .invalidQueryParameterValue)
        #expect(refusal("include=copy", containers: true) == .invalidQueryParameterValue)
        for feature in [
            "versions", "deletedwithversions", "tags", "immutabilitypolicy", "legalhold",
            "permissions",
        ] {
            #expect(refusal("include=\(feature)") == .notImplemented)
        }
        #expect(refusal("", ["Accept": "application/vnd.apache.arrow.stream"]) == .notImplemented)
        #expect(refusal("", ["Accept": "application/xml"]) == nil)
    }

    @Test func `a page of blobs is as clients read it`() throws {
        var blob = BlobProperties(
            etag: "0x8D", created: .noon, lastModified: .noon.adding(seconds: 1), byteCount: 12)
        blob.content.type = "a&b"
        blob.content.md5 = [UInt8](repeating: 0, count: 16)
        blob.metadata = BlobMetadata(stored: [HeaderFields.Field(name: "aB", value: "<x>")])
        blob.lease = BlobLease(state: .leased, id: "i", isInfinite: true)
        blob.copy = CopyState(
            id: "c", status: .success, source: "https://h/c/b", copied: 12, of: 12, completed: .noon
        )
        blob.encryptionScope = "scope1"
        var snapshot = BlobProperties(
            etag: "0x8E", created: .noon, lastModified: .noon, byteCount: 0)
        snapshot.snapshot = .noon
        snapshot.deletion = BlobProperties.Deletion(time: .noon, remainingDays: 3)
        snapshot.keySHA256 = [1]
        snapshot.tier = .archive
        snapshot.rehydration = .cool
        snapshot.rehydratePriority = .high
        snapshot.isTierInferred = false
        snapshot.tierChanged = .noon
        var writer = ListingWriter(
            try request(
                "prefix=d&delimiter=/&maxresults=3&include=metadata,copy,snapshots,deleted"),
            endpoint: "https://acct1.blob.core.windows.net/", container: "con1")
        writer.prefix("d/\u{1}/")
        writer.blob("d \"é\"\r", blob)
        writer.blob("e", snapshot)
        #expect(
            String(decoding: writer.finish(next: "n"), as: UTF8.self) == """
                <?xml version="1.0" encoding="utf-8"?>\
                <EnumerationResults ServiceEndpoint="https://acct1.blob.core.windows.net/" ContainerName="con1">\
                <Prefix>d</Prefix><MaxResults>3</MaxResults><Delimiter>/</Delimiter><Blobs>\
                <BlobPrefix><Name Encoded="true">d/%01/</Name></BlobPrefix>\
                <Blob><Name>d &quot;é&quot;&#xD;</Name><Properties>\
                <Creation-Time>Tue, 03 Nov 2026 12:00:00 GMT</Creation-Time>\
                <Last-Modified>Tue, 03 Nov 2026 12:00:01 GMT</Last-Modified><Etag>0x8D</Etag>\
                <Content-Length>12</Content-Length><Content-Type>a&amp;b</Content-Type><Content-Encoding />\
                <Content-Language /><Content-CRC64 /><Content-MD5>AAAAAAAAAAAAAAAAAAAAAA==</Content-MD5>\
                <Cache-Control /><Content-Disposition /><BlobType>BlockBlob</BlobType>\
                <AccessTier>Hot</AccessTier><AccessTierInferred>true</AccessTierInferred>\
                <LeaseStatus>locked</LeaseStatus><LeaseState>leased</LeaseState>\
                <LeaseDuration>infinite</LeaseDuration><CopyId>c</CopyId><CopyStatus>success</CopyStatus>\
                <CopySource>https://h/c/b</CopySource><CopyProgress>12/12</CopyProgress>\
                <CopyCompletionTime>Tue, 03 Nov 2026 12:00:00 GMT</CopyCompletionTime>\
                <ServerEncrypted>true</ServerEncrypted><EncryptionScope>scope1</EncryptionScope></Properties>\
                <Metadata><aB>&lt;x&gt;</aB></Metadata><OrMetadata /></Blob>\
                <Blob><Name>e</Name><Deleted>true</Deleted><Snapshot>2026-11-03T12:00:00.0000000Z</Snapshot>\
                <Properties><Creation-Time>Tue, 03 Nov 2026 12:00:00 GMT</Creation-Time>\
                <Last-Modified>Tue, 03 Nov 2026 12:00:00 GMT</Last-Modified><Etag>0x8E</Etag>\
                <Content-Length>0</Content-Length><Content-Type>application/octet-stream</Content-Type>\
                <Content-Encoding /><Content-Language /><Content-CRC64 /><Content-MD5 /><Cache-Control />\
                <Content-Disposition /><BlobType>BlockBlob</BlobType><AccessTier>Archive</AccessTier>\
                <AccessTierChangeTime>Tue, 03 Nov 2026 12:00:00 GMT</AccessTierChangeTime>\
                <ArchiveStatus>rehydrate-pending-to-cool</ArchiveStatus><RehydratePriority>High</RehydratePriority>\
                <ServerEncrypted>true</ServerEncrypted><CustomerProvidedKeySha256>AQ==</CustomerProvidedKeySha256>\
                <DeletedTime>Tue, 03 Nov 2026 12:00:00 GMT</DeletedTime>\
                <RemainingRetentionDays>3</RemainingRetentionDays></Properties>\
                <Metadata Encrypted="true" /><OrMetadata /></Blob></Blobs><NextMarker>n</NextMarker>\
                </EnumerationResults>
                """)
    }

    @Test func `a page of containers is as clients read it`() throws {
        var container = ContainerProperties(etag: "0x8D", lastModified: .noon)
        container.publicAccess = .blob
        container.deniesOtherScopes = true
        container.encryptionScope = "scope1"
        container.deletion = BlobProperties.Deletion(time: .noon, remainingDays: 7)
        container.version = "v1"
        var writer = ListingWriter(
            try request("include=metadata&marker=m", containers: true), endpoint: "http://h/a?&\"/")
        writer.container("con1", container)
        #expect(
            String(decoding: writer.finish(next: nil), as: UTF8.self) == """
                <?xml version="1.0" encoding="utf-8"?>\
                <EnumerationResults ServiceEndpoint="http://h/a?&amp;&quot;/"><Prefix /><Marker>m</Marker>\
                <Containers><Container><Name>con1</Name><Deleted>true</Deleted><Version>v1</Version><Properties>\
                <Last-Modified>Tue, 03 Nov 2026 12:00:00 GMT</Last-Modified><Etag>&quot;0x8D&quot;</Etag>\
                <LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>\
                <PublicAccess>blob</PublicAccess><DefaultEncryptionScope>scope1</DefaultEncryptionScope>\
                <DenyEncryptionScopeOverride>true</DenyEncryptionScopeOverride>\
                <HasImmutabilityPolicy>false</HasImmutabilityPolicy><HasLegalHold>false</HasLegalHold>\
                <ImmutableStorageWithVersioningEnabled>false</ImmutableStorageWithVersioningEnabled>\
                <DeletedTime>Tue, 03 Nov 2026 12:00:00 GMT</DeletedTime>\
                <RemainingRetentionDays>7</RemainingRetentionDays></Properties><Metadata /></Container>\
                </Containers><NextMarker /></EnumerationResults>
                """)
    }

    @Test(arguments: [
        ("\u{1}", "%01"), ("a%b\u{1F}", "a%25b%1F"), ("ä\u{FFFF}", "%C3%A4%EF%BF%BF"),
        ("/\u{FFFE}~", "/%EF%BF%BE~"),
    ])
    func `a name that XML can't have is percent-encoded as a whole`(name: String, text: String)
        throws
    {
        var writer = ListingWriter(try request(""), endpoint: "e", container: "con1")
        writer.prefix(name)
        let page = String(decoding: writer.finish(next: nil), as: UTF8.self)
        #expect(page.contains("<Name Encoded=\"true\">\(text)</Name>"))
    }

    @Test(arguments: ["a\tb\nc", "\u{7F}", "ﬁ", "\u{E000}", "😀", "%41", "\u{FFFD}"])
    func `another name stands as it is`(name: String) throws {
        var writer = ListingWriter(try request(""), endpoint: "e", container: "con1")
        writer.prefix(name)
        let page = String(decoding: writer.finish(next: nil), as: UTF8.self)
        #expect(page.contains("<Name>\(name)</Name>"))
    }
}
