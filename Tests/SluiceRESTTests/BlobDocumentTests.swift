import SluiceREST
import Testing

@Suite struct BlobDocumentTests {
    private func code(_ document: String) -> BlobErrorCode? {
        BlobRefusal.code { try BlockList(Array(document.utf8)) }
    }

    private func ids(_ document: String) throws -> [String] {
        try BlockList(Array(document.utf8)).entries.map { "\($0.source.rawValue) \($0.id.text)" }
    }

    @Test func `a block list of the SDK is read`() throws {
        #expect(try ids(BlobGolden.blockList) == ["Latest YQ==", "Latest Yg==", "Latest Yw=="])
    }

    @Test func `everything that XML has without document types is read`() throws {
        let document = """
            \u{FEFF}<?xml version="1.0"?><!-- a --><?b c?>
            <BlockList xmlns='x' a = "&">
              <Committed><![CDATA[YQ==]]></Committed><!-- <Latest> -->
              <Uncommitted>Y&#103;&#x3D;<!-- c -->=</Uncommitted>
            </BlockList  > <!-- end -->
            """
        #expect(try ids(document) == ["Committed YQ==", "Uncommitted Yg=="])
        #expect(try ids("<BlockList/>") == [])
        #expect(try ids("<BlockList></BlockList>") == [])
    }

    @Test(arguments: [
        "", " ", "x", "<BlockList>", "<BlockList><Latest>YQ==</Latest>", "<BlockList></Block>",
        "<Blocks></Blocks>", "<BlockList/><BlockList/>", "<BlockList>a</BlockList>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><BlockList/>", "<BlockList><!DOCTYPE a></BlockList>",
        "<BlockList><Latest>&b;</Latest></BlockList>",
        "<BlockList><Latest>&#0;</Latest></BlockList>",
        "<BlockList><Latest>&amp</Latest></BlockList>", "<BlockList a></BlockList>",
        "<BlockList a='></BlockList>", "<BlockList a='<'></BlockList>",
        "<BlockList><Latest><a/></Latest></BlockList>",
        "<BlockList><!-- </BlockList>", "<BlockList><Latest><![CDATA[</Latest></BlockList>",
        "<BlockList><Latest>\u{1}</Latest></BlockList>", "<><", "</BlockList>", "<BlockList><",
        "<BlockList></", "<?xml", "<BlockList><Latest>&#x110000;</Latest></BlockList>",
        "<BlockList><Latest>&#xD800;</Latest></BlockList>",
    ])
    func `what isn't of its form is refused`(document: String) {
        #expect(code(document) == .invalidXmlDocument)
    }

    @Test func `a document that isn't UTF-8 or is too deep is refused`() {
        #expect(
            BlobRefusal.code { try BlockList(Array("<BlockList>".utf8) + [0xFF]) }
                == .invalidXmlDocument)
        let open = String(repeating: "<a>", count: 9)
        let close = String(repeating: "</a>", count: 9)
        let deep = Array("<KeyInfo><Expiry>2026-11-04</Expiry>\(open)\(close)</KeyInfo>".utf8)
        #expect(
            BlobRefusal.code { try UserDelegationRequest(deep, at: .noon) } == .invalidXmlDocument)
        let flat = Array(
            "<KeyInfo><a>b<c d='e'/><!-- f --><![CDATA[</a>]]></a><Expiry>2026-11-04</Expiry></KeyInfo>"
                .utf8)
        #expect(BlobRefusal.code { try UserDelegationRequest(flat, at: .noon) } == nil)
    }

    @Test func `a block list has at most 50,000 blocks, of names of 1 to 64 bytes`() {
        func list(_ entry: String, _ count: Int) -> String {
            "<BlockList>\(String(repeating: entry, count: count))</BlockList>"
        }
        let block = "<Latest>YQ==</Latest>"
        #expect(code(list(block, BlockList.mostBlocks)) == nil)
        #expect(code(list(block, BlockList.mostBlocks + 1)) == .blockListTooLong)
        #expect(code(list("<Oldest>YQ==</Oldest>", 1)) == .unsupportedXmlNode)
        for id in ["", "YQ", "YQ=", "Y", "Y-==", String(repeating: "A", count: 88)] {
            #expect(code(list("<Latest>\(id)</Latest>", 1)) == .invalidBlockId, "\(id)")
        }
        let large = Array(repeating: UInt8(ascii: " "), count: BlockList.mostBytes + 1)
        #expect(BlobRefusal.code { try BlockList(large) } == .requestBodyTooLarge)
    }

    @Test func `a block is named in the query`() throws {
        #expect(try BlockID(try BlobQuery("blockid=YmxrLzE%3D")).text == "YmxrLzE=")
        #expect(try BlockID(try BlobQuery("blockid=YmxrLzE%3D")).byteCount == 5)
        #expect(
            BlobRefusal.code { try BlockID(try BlobQuery("")) } == .missingRequiredQueryParameter)
        #expect(
            BlobRefusal.code { try BlockID(try BlobQuery("blockid=%20")) }
                == .invalidQueryParameterValue)
    }

    @Test func `lists of blocks are written as they are asked for`() throws {
        let type = try BlockListType(try BlobQuery("blocklisttype=All"))
        let document = type.document(committed: [("YQ==", 1)], uncommitted: [("Yg==", 2)])
        #expect(
            String(decoding: document, as: UTF8.self) == """
                <?xml version="1.0" encoding="utf-8"?><BlockList><CommittedBlocks><Block><Name>YQ==</Name>\
                <Size>1</Size></Block></CommittedBlocks><UncommittedBlocks><Block><Name>Yg==</Name>\
                <Size>2</Size></Block></UncommittedBlocks></BlockList>
                """)
        #expect(try BlockListType(try BlobQuery("")) == .committed)
        #expect(
            BlobRefusal.code { try BlockListType(try BlobQuery("blocklisttype=some")) }
                == .invalidQueryParameterValue)
        let committed = BlockListType.committed.document(committed: [], uncommitted: [("a", 1)])
        #expect(!String(decoding: committed, as: UTF8.self).contains("Uncommitted"))
        let uncommitted = BlockListType.uncommitted.document(committed: [("a", 1)], uncommitted: [])
        #expect(!String(decoding: uncommitted, as: UTF8.self).contains("<CommittedBlocks>"))
    }

    @Test func `policies of the SDK are read, and given back`() throws {
        let policies = try SignedIdentifier.read(Array(BlobGolden.policies.utf8))
        #expect(
            policies == [
                SignedIdentifier(
                    id: "po<l", start: BlobTime(iso: "2026-01-01"),
                    expiry: BlobTime(iso: "2027-01-01"),
                    permissions: "rl"), SignedIdentifier(id: "empty"),
            ])
        #expect(try SignedIdentifier.read(SignedIdentifier.document(policies)) == policies)
        #expect(
            String(decoding: SignedIdentifier.document(policies), as: UTF8.self)
                .contains("<Start>2026-01-01T00:00:00.0000000Z</Start>"))
        #expect(try SignedIdentifier.read([]).isEmpty)
    }

    @Test func `a container has at most five policies, each of another name`() {
        func code(_ body: String) -> BlobErrorCode? {
            BlobRefusal.code {
                try SignedIdentifier.read(
                    Array("<SignedIdentifiers>\(body)</SignedIdentifiers>".utf8))
            }
        }
        func policy(_ id: Int, _ policy: String = "") -> String {
            "<SignedIdentifier><Id>\(id)</Id><AccessPolicy>\(policy)</AccessPolicy></SignedIdentifier>"
        }
        #expect(code((1...5).map { policy($0) }.joined()) == nil)
        #expect(code((1...6).map { policy($0) }.joined()) == .invalidXmlDocument)
        #expect(code(policy(1) + policy(1)) == .invalidXmlDocument)
        #expect(code("<SignedIdentifier></SignedIdentifier>") == .invalidXmlNodeValue)
        let long = String(repeating: "a", count: 65)
        #expect(
            code("<SignedIdentifier><Id>\(long)</Id></SignedIdentifier>") == .invalidXmlNodeValue)
        #expect(code(policy(1, "<Start>soon</Start>")) == .invalidXmlNodeValue)
        #expect(code(policy(1, "<Permission>z</Permission>")) == .invalidXmlNodeValue)
        #expect(code(policy(1, "<Permission/>")) == nil)
        #expect(code(policy(1, "<End>a</End>")) == .unsupportedXmlNode)
        #expect(code("<Other/>") == .unsupportedXmlNode)
        #expect(code("<SignedIdentifier><Other/></SignedIdentifier>") == .unsupportedXmlNode)
    }

    @Test func `public access is the header's, and allows reading alone`() throws {
        let header = "x-ms-blob-public-access"
        #expect(try PublicAccess.read([header: "Container"]) == .container)
        #expect(try PublicAccess.read([:]) == nil)
        #expect(
            BlobRefusal.code { try PublicAccess.read([header: "all"]) } == .invalidHeaderValue)
        for operation in BlobOperation.allCases {
            if !operation.isRead { #expect(!PublicAccess.container.allows(operation)) }
            if PublicAccess.blob.allows(operation) { #expect(operation.subject == .object) }
        }
        #expect(PublicAccess.container.allows(.listBlobs) && !PublicAccess.blob.allows(.listBlobs))
        #expect(!PublicAccess.container.allows(.getContainerACL))
    }

    @Test func `the account's properties of the SDK are read; what they don't say stays`() throws {
        let first = try ServiceProperties().changed(by: Array(BlobGolden.serviceProperties.utf8))
        #expect(first.logging.deletes && !first.logging.reads && first.logging.retention.days == 5)
        #expect(first.hourMetrics.isEnabled && first.hourMetrics.includesAPIs == true)
        #expect(first.rules.map(\.origins) == ["a,b"])
        #expect(first.rules.map(\.maximumAge) == [5])
        #expect(first.defaultVersion == "2020-10-02")
        #expect(first.deletedBlobs.isEnabled && first.deletedBlobs.days == 3)
        let second = try first.changed(
            by: Array("<StorageServiceProperties><Cors/></StorageServiceProperties>".utf8))
        #expect(second.rules.isEmpty)
        #expect(second.logging == first.logging && second.deletedBlobs == first.deletedBlobs)
        #expect(try ServiceProperties().changed(by: first.document) == first)
        let stats = String(decoding: ServiceProperties.stats(lastSync: .noon), as: UTF8.self)
        #expect(stats.contains("<Status>live</Status><LastSyncTime>Tue, 03 Nov 2026 12:00:00 GMT<"))
    }

    @Test(arguments: [
        (
            "<DeleteRetentionPolicy><Enabled>true</Enabled></DeleteRetentionPolicy>",
            BlobErrorCode.missingRequiredXmlNode
        ),
        (
            "<DeleteRetentionPolicy><Enabled>true</Enabled><Days>366</Days></DeleteRetentionPolicy>",
            .invalidXmlNodeValue
        ),
        (
            "<DeleteRetentionPolicy><Enabled>yes</Enabled></DeleteRetentionPolicy>",
            .invalidXmlNodeValue
        ),
        ("<DeleteRetentionPolicy><Days>0</Days></DeleteRetentionPolicy>", .invalidXmlNodeValue),
        ("<Cors>\(String(repeating: "<CorsRule/>", count: 6))</Cors>", .invalidXmlDocument),
        (
            "<Cors><CorsRule><MaxAgeInSeconds>-1</MaxAgeInSeconds></CorsRule></Cors>",
            .invalidXmlNodeValue
        ),
        ("<Cors><Rule/></Cors>", .unsupportedXmlNode), ("<Other/>", .unsupportedXmlNode),
        ("<Logging><Other/></Logging>", .unsupportedXmlNode),
        ("<HourMetrics><Other/></HourMetrics>", .unsupportedXmlNode),
        ("<DefaultServiceVersion>newest</DefaultServiceVersion>", .invalidXmlNodeValue),
        ("<StaticWebsite><Enabled>true</Enabled></StaticWebsite>", .notImplemented),
    ])
    func `properties that can't be are refused`(body: String, code: BlobErrorCode) {
        let document = "<StorageServiceProperties>\(body)</StorageServiceProperties>"
        #expect(
            BlobRefusal.code { try ServiceProperties().changed(by: Array(document.utf8)) } == code)
    }

    @Test func `a site that is off is no site`() throws {
        let document = """
            <StorageServiceProperties><StaticWebsite><Enabled>false</Enabled><IndexDocument>a</IndexDocument>\
            </StaticWebsite></StorageServiceProperties>
            """
        #expect(
            try ServiceProperties().changed(by: Array(document.utf8)) == ServiceProperties())
    }
}
