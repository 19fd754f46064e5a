import SluiceREST
import Testing

@Suite struct BlobRouteTests {
    private func operation(
        _ method: String, _ target: String, _ headers: HeaderFields = [:]
    ) throws -> BlobOperation {
        try ServiceRequest.blob(method, target, headers).route().operation
    }

    private func refusal(
        _ method: String, _ target: String, _ headers: HeaderFields = [:]
    ) -> BlobErrorCode? {
        BlobRefusal.code { try operation(method, target, headers) }
    }

    private static let table: [(String, String, HeaderFields, BlobOperation)] = [
        ("GET", "/?comp=list", [:], .listContainers),
        ("GET", "/?restype=service&comp=properties", [:], .getServiceProperties),
        ("PUT", "/?restype=service&comp=properties", [:], .setServiceProperties),
        ("GET", "/?restype=service&comp=stats", [:], .getServiceStats),
        ("POST", "/?restype=service&comp=userdelegationkey", [:], .getUserDelegationKey),
        ("GET", "/?restype=account&comp=properties", [:], .getAccountInformation),
        ("GET", "/con1?restype=account&comp=properties", [:], .getAccountInformation),
        ("HEAD", "/con1/b?restype=account&comp=properties", [:], .getAccountInformation),
        ("POST", "/?comp=batch", [:], .batch),
        ("POST", "/con1?restype=container&comp=batch", [:], .batch),
        ("OPTIONS", "/con1/b", [:], .preflight),
        ("PUT", "/con1?restype=container", [:], .createContainer),
        ("GET", "/con1?restype=container", [:], .getContainerProperties),
        ("HEAD", "/con1?restype=Container", [:], .getContainerProperties),
        ("HEAD", "/con1?restype=container&comp=metadata", [:], .getContainerMetadata),
        ("PUT", "/con1?restype=container&comp=metadata", [:], .setContainerMetadata),
        ("GET", "/con1?restype=container&comp=acl", [:], .getContainerACL),
        ("PUT", "/con1?restype=container&comp=acl", [:], .setContainerACL),
        ("PUT", "/con1?comp=lease&restype=container", [:], .leaseContainer),
        ("DELETE", "/con1?restype=container", [:], .deleteContainer),
        ("PUT", "/con1?restype=container&comp=undelete", [:], .restoreContainer),
        ("GET", "/con1?restype=container&comp=list&delimiter=", [:], .listBlobs),
        ("PUT", "/con1/b", ["x-ms-blob-type": "BlockBlob"], .putBlob),
        (
            "PUT", "/con1/b",
            ["x-ms-blob-type": "BlockBlob", "x-ms-copy-source": "https://h/con/b"],
            .putBlobFromURL
        ),
        ("GET", "/con1/b", [:], .getBlob), ("HEAD", "/con1/b", [:], .getBlobProperties),
        ("GET", "/con1/b?comp=metadata", [:], .getBlobMetadata),
        ("PUT", "/con1/b?comp=properties", [:], .setBlobProperties),
        ("PUT", "/con1/b?comp=metadata", [:], .setBlobMetadata),
        ("PUT", "/con1/b?comp=tier", [:], .setBlobTier),
        ("PUT", "/con1/b?comp=snapshot", [:], .snapshotBlob),
        ("DELETE", "/con1/b", [:], .deleteBlob),
        ("PUT", "/con1/b?comp=undelete", [:], .undeleteBlob),
        ("PUT", "/con1/b?comp=lease", [:], .leaseBlob),
        ("PUT", "/con1/b", ["x-ms-copy-source": "https://h/con/b"], .copyBlob),
        (
            "PUT", "/con1/b",
            ["x-ms-copy-source": "https://h/con/b", "x-ms-requires-sync": "true"],
            .copyBlobFromURL
        ),
        ("PUT", "/con1/b?comp=copy&copyid=1", [:], .abortCopyBlob),
        ("PUT", "/con1/b?comp=block&blockid=AA==", [:], .putBlock),
        ("PUT", "/con1/b?comp=block", ["x-ms-copy-source": "https://h/con/b"], .putBlockFromURL),
        ("PUT", "/con1/b?comp=blocklist", [:], .putBlockList),
        ("GET", "/con1/b?comp=blocklist", [:], .getBlockList),
    ]

    @Test(arguments: table.indices)
    func `method, path, query and headers tell operations apart`(index: Int) throws {
        let (method, target, headers, expected) = Self.table[index]
        #expect(try operation(method, target, headers) == expected)
    }

    @Test func `the table has every operation`() {
        #expect(Set(Self.table.map(\.3)) == Set(BlobOperation.allCases))
    }

    @Test(arguments: [
        ("PUT", "/con1/b", "x-ms-blob-type", "PageBlob"),
        ("PUT", "/con1/b", "x-ms-blob-type", "AppendBlob"),
        ("PUT", "/con1/b?comp=page", "a", ""), ("GET", "/con1/b?comp=pagelist", "a", ""),
        ("PUT", "/con1/b?comp=incrementalcopy", "a", ""),
        ("PUT", "/con1/b?comp=appendblock", "a", ""),
        ("PUT", "/con1/b?comp=seal", "a", ""), ("GET", "/con1/b?comp=tags", "a", ""),
        ("PUT", "/con1/b?comp=tags", "a", ""), ("GET", "/?comp=blobs&where=x", "a", ""),
        ("GET", "/con1?restype=container&comp=blobs", "a", ""),
        ("GET", "/con1/b?versionid=2026-11-28T10:00:00.1234567Z", "a", ""),
        ("POST", "/con1/b?comp=query", "a", ""), ("PUT", "/con1/b?comp=expiry", "a", ""),
        ("PUT", "/con1/b?comp=immutabilityPolicies", "a", ""),
        ("PUT", "/con1/b?comp=legalhold", "a", ""),
        ("PUT", "/con1?restype=container&comp=rename", "a", ""),
        ("GET", "/con1?restype=container&comp=list&startFrom=a", "a", ""),
    ])
    func `what isn't emulated is 501, with its name`(
        method: String, target: String, header: String, value: String
    ) throws {
        var headers = HeaderFields()
        headers[header] = value
        let error = #expect(throws: BlobRefusal.self) {
            try ServiceRequest.blob(method, target, headers).route()
        }
        #expect(error?.code == .notImplemented)
        #expect(error?.code.status == 501)
        #expect(error?.fields.first?.value.isEmpty == false)
    }

    @Test func `what there is no operation for is refused as the service does`() {
        #expect(refusal("PATCH", "/con1/b") == .unsupportedHttpVerb)
        #expect(refusal("DELETE", "/?comp=list") == .unsupportedHttpVerb)
        #expect(refusal("DELETE", "/con1?restype=account&comp=properties") == .unsupportedHttpVerb)
        #expect(refusal("DELETE", "/con1/?restype=account&comp=properties") == .unsupportedHttpVerb)
        #expect(refusal("GET", "/con1/?restype=account") == .unsupportedHttpVerb)
        #expect(refusal("GET", "/con1/b?comp=what") == .invalidQueryParameterValue)
        #expect(refusal("GET", "/con1?restype=container&comp=what") == .invalidQueryParameterValue)
        #expect(refusal("GET", "/?comp=what") == .invalidQueryParameterValue)
        #expect(refusal("GET", "/?restype=what") == .invalidQueryParameterValue)
        #expect(refusal("GET", "/con1/b?restype=service") == .invalidQueryParameterValue)
        #expect(refusal("GET", "/con1/") == .missingRequiredQueryParameter)
        #expect(refusal("GET", "/con1/b?restype=container") == .invalidUri)
        #expect(refusal("PUT", "/con1/b") == .missingRequiredHeader)
        #expect(refusal("PUT", "/con1/b", ["x-ms-blob-type": "x"]) == .invalidHeaderValue)
        #expect(
            refusal("PUT", "/con1/b", ["x-ms-copy-source": "x", "x-ms-requires-sync": "x"])
                == .invalidHeaderValue)
        #expect(refusal("GET", "/con1/b?prefix=%zz") == .invalidQueryParameterValue)
        let many = (0...BlobQuery.most).map { "a\($0)=1" }.joined(separator: "&")
        #expect(refusal("GET", "/con1/b?\(many)") == .invalidInput)
    }

    @Test func `a snapshot is a time, and is only read or deleted`() throws {
        let time = "2026-11-28T10:00:00.1234567Z"
        let route = try ServiceRequest.blob("GET", "/con1/b?snapshot=\(time)").route()
        #expect(route.snapshot?.exact == time)
        #expect(refusal("GET", "/con1/b?snapshot=2026") == .invalidQueryParameterValue)
        #expect(
            refusal("GET", "/con1/b?snapshot=2026-11-28T10:00:00Z") == .invalidQueryParameterValue)
        #expect(refusal("PUT", "/con1/b?comp=metadata&snapshot=\(time)") == .invalidOperation)
        #expect(refusal("GET", "/con1?restype=container&snapshot=\(time)") == .invalidOperation)
    }

    @Test func `the container is split off before names are decoded`() throws {
        let route = try ServiceRequest.blob("GET", "/con1/t%2Fa%20b/%C3%A4+").route()
        #expect(route.address.container == "con1")
        #expect(route.address.blob == "t/a b/ä+")
        let root = try ServiceRequest.blob("GET", "/a.txt").route().address
        #expect(root.container == "$root")
        #expect(root.blob == "a.txt")
        for name in ["$root", "$web", "$logs"] {
            #expect(
                try ServiceRequest.blob("GET", "/\(name)/a").route().address.container == name)
        }
        #expect(refusal("GET", "/con%2F1/a") == .invalidResourceName)
        #expect(refusal("GET", "/con1/%FF") == .invalidUri)
        #expect(refusal("GET", "/con1/%00") == .invalidUri)
        #expect(refusal("GET", "//a") == .invalidUri)
        #expect(refusal("GET", "") == .invalidUri)
    }

    @Test func `an account is named by the host, or by the path`() throws {
        #expect(BlobAddress.Host("acct1.blob.core.localhost") == .account("acct1"))
        #expect(BlobAddress.Host("127.0.0.1") == .pathStyle)
        #expect(BlobAddress.Host("localhost") == .pathStyle)
        #expect(BlobAddress.Host(".blob.core") == .pathStyle)
        func address(_ path: String, isContainer: Bool = false) throws -> BlobAddress {
            try BlobAddress(path: path, host: .pathStyle, isContainer: isContainer)
        }
        let blob = try address("/acct1/con2/x%20y")
        #expect((blob.account, blob.container, blob.blob) == ("acct1", "con2", "x y"))
        let container = try address("/acct1/con2", isContainer: true)
        #expect((container.account, container.container, container.blob) == ("acct1", "con2", nil))
        for path in ["/acct1", "/acct1/"] {
            #expect(try address(path).container == nil)
        }
        #expect(BlobRefusal.code { try address("/") } == .invalidUri)
        let second = try address("/acct1-secondary/con2/b")
        #expect(second.account == "acct1" && second.isSecondary)
    }

    @Test func `the second region takes no writes`() {
        let request = ServiceRequest(
            method: "DELETE", host: "acct1-secondary.blob.core.windows.net", path: "/con1/b")
        #expect(BlobRefusal.code { try request.route() } == .insufficientAccountPermissions)
        var read = request
        read.method = "GET"
        #expect(BlobRefusal.code { try read.route() } == nil)
    }

    @Test func `containers' names are 3 to 63 small letters, digits and single hyphens`() {
        func refusal(_ name: String) -> BlobErrorCode? {
            BlobRefusal.code { try BlobNames.checkContainer(name) }
        }
        for name in [
            "abc", "a-1", "0a0", String(repeating: "a", count: 63), "$root", "$web", "$logs",
        ] {
            #expect(refusal(name) == nil)
        }
        for name in ["", "ab", String(repeating: "a", count: 64)] {
            #expect(refusal(name) == .outOfRangeInput)
        }
        for name in ["Abc", "a--b", "-ab", "ab-", "a_b", "äbc", "$rood", "a.b"] {
            #expect(refusal(name) == .invalidResourceName)
        }
    }

    @Test func `blobs' names have up to 1,024 characters and 254 parts`() {
        func refusal(_ name: String) -> BlobErrorCode? {
            BlobRefusal.code { try BlobNames.checkBlob(name) }
        }
        #expect(refusal(String(repeating: "ä", count: 1024)) == nil)
        #expect(refusal(String(repeating: "ä", count: 1025)) == .outOfRangeInput)
        #expect(refusal(String(repeating: "😀", count: 513)) == .outOfRangeInput)
        #expect(refusal("") == .outOfRangeInput)
        let parts = Array(repeating: "a", count: 254).joined(separator: "/")
        #expect(refusal(parts) == nil)
        #expect(refusal(parts + "/a") == .outOfRangeInput)
    }
}
