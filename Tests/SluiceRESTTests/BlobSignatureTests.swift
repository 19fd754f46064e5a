import SluiceAccess
import SluiceREST
import Testing

@Suite struct BlobSignatureTests {
    /// What the golden signatures were made for.
    private static let targets: [String: (String, String, HeaderFields)] = [
        "account": ("GET", "/con1/x?", [:]), "container": ("GET", "/con1/x?", [:]),
        "policy": ("GET", "/con1/x?", [:]), "blob": ("GET", "/con1/dir/%C3%A4%20b?", [:]),
        "snapshot": ("GET", "/con1/x?snapshot=2026-11-28T10:00:00.1234567Z&", [:]),
        "delegation": ("GET", "/con1/x?p=v%20w&q=z&", ["x-a": "1", "X-B": "2"]),
        "delegation plain": ("GET", "/con1/x?", [:]),
    ]

    private func signed(
        _ name: String, _ target: (String, String, HeaderFields)? = nil,
        changing: (String, String)? = nil,
        isSecure: Bool = true, client: String = "168.1.5.65", now: BlobTime = .noon
    ) throws -> (SignedRequest, SharedAccessSignature) {
        let golden = try #require(BlobGolden.signatures[name])
        let (method, path, headers) = try #require(target ?? Self.targets[name])
        var query = golden.query
        if let changing { query = query.replacing(changing.0, with: changing.1) }
        let request = ServiceRequest.blob(method, path + query, headers, isSecure: isSecure)
        let signature = try SharedAccessSignature(try BlobQuery(request.query))
        return (SignedRequest(try request.route(), request, client: client, now: now), signature)
    }

    /// What one grants, where every text is taken to be signed.
    private func grant(
        _ signed: (SignedRequest, SharedAccessSignature), policy: SignedIdentifier? = nil
    ) throws(BlobRefusal) -> SignatureGrant {
        try signed.1.grant(signed.0, policy: policy) { _, _ in true }
    }

    private func refusal(
        _ signed: (SignedRequest, SharedAccessSignature), policy: SignedIdentifier? = nil
    ) -> BlobErrorCode? {
        BlobRefusal.code { try grant(signed, policy: policy) }
    }

    private static let policy = SignedIdentifier(
        id: "pol", expiry: BlobTime.noon.adding(seconds: 60), permissions: "r")

    @Test(arguments: targets.keys.sorted())
    func `the text that is signed is the SDK's, and grants`(name: String) throws {
        let golden = try #require(BlobGolden.signatures[name])
        let (signed, signature) = try signed(name)
        #expect(signature.text(signed.route, signed.request) == golden.text)
        let policy = name == "policy" ? Self.policy : nil
        let grant = try signature.grant(signed, policy: policy) { text, signature in
            String(decoding: text, as: UTF8.self) == golden.text && signature.count == 32
        }
        #expect(grant.mayOverwrite == ["account", "container", "delegation"].contains(name))
        #expect(
            BlobRefusal.code { try signature.grant(signed, policy: policy) { _, _ in false } }
                == .authenticationFailed)
    }

    @Test func `older versions sign fewer fields`() throws {
        func lines(_ version: String, _ name: String) throws -> [Substring] {
            let (signed, signature) = try signed(name, changing: ("sv=2026-10-06", "sv=\(version)"))
            return signature.text(signed.route, signed.request)
                .split(separator: "\n", omittingEmptySubsequences: false)
        }
        #expect(try lines("2026-10-06", "container").count == 16)
        #expect(try lines("2020-12-06", "container").count == 16)
        #expect(try lines("2020-10-02", "container").count == 15)
        #expect(try lines("2018-11-09", "container").count == 15)
        #expect(try lines("2018-03-28", "container").count == 13)
        #expect(try lines("2015-02-21", "container").count == 11)
        #expect(try lines("2015-02-21", "container")[3] == "/blob/acct1/con1")
        #expect(try lines("2014-02-14", "container")[3] == "/acct1/con1")
        #expect(try lines("2026-10-06", "delegation plain").count == 28)
        #expect(try lines("2026-02-06", "delegation plain").count == 26)
        #expect(try lines("2025-05-05", "delegation plain").count == 24)
        #expect(try lines("2020-02-10", "delegation plain").count == 23)
        #expect(try lines("2018-11-09", "delegation plain").count == 20)
        #expect(try lines("2020-12-06", "account").count == 11)
        #expect(try lines("2020-10-02", "account").count == 10)
    }

    @Test func `a time outside is refused`() throws {
        let start = try #require(BlobTime(iso: "2026-11-01"))
        let end = try #require(BlobTime(iso: "2026-12-01"))
        for (now, expected) in [
            (start, nil), (start.adding(seconds: -1), BlobErrorCode.authenticationFailed),
            (end.adding(seconds: -1), nil), (end, .authenticationFailed),
        ] {
            #expect(refusal(try signed("account", now: now)) == expected)
        }
        // The delegation's key ends before.
        let keyEnd = try #require(BlobTime(iso: "2026-11-07"))
        #expect(refusal(try signed("delegation plain", now: keyEnd.adding(seconds: -1))) == nil)
        #expect(refusal(try signed("delegation plain", now: keyEnd)) == .authenticationFailed)
    }

    @Test func `address and protocol are as the signature says`() throws {
        for (client, expected) in [
            ("168.1.5.60", nil), ("::ffff:168.1.5.70", nil),
            ("168.1.5.71", BlobErrorCode.authorizationSourceIPMismatch),
            ("168.1.5.59", .authorizationSourceIPMismatch), ("::1", .authorizationSourceIPMismatch),
        ] {
            #expect(refusal(try signed("account", client: client)) == expected)
        }
        #expect(
            refusal(try signed("account", isSecure: false)) == .authorizationProtocolMismatch)
        #expect(refusal(try signed("blob", isSecure: false)) == nil)
    }

    @Test func `service, type of resource and permission are as the signature says`() throws {
        #expect(
            refusal(try signed("account", changing: ("ss=b", "ss=qt")))
                == .authorizationServiceMismatch)
        #expect(
            refusal(try signed("account", changing: ("srt=sco", "srt=sc")))
                == .authorizationResourceTypeMismatch)
        #expect(
            refusal(try signed("account", ("DELETE", "/con1/x?", [:])))
                == .authorizationPermissionMismatch)
        #expect(refusal(try signed("account", ("GET", "/?comp=list&", [:]))) == nil)
        #expect(
            refusal(try signed("account", ("GET", "/con1?restype=container&comp=acl&", [:])))
                == .authorizationFailure)
        #expect(
            refusal(
                try signed("account", ("POST", "/?restype=service&comp=userdelegationkey&", [:])))
                == .authenticationFailed)
    }

    @Test func `one for a container or blob does nothing else`() throws {
        let list = ("GET", "/con1?restype=container&comp=list&", HeaderFields())
        let properties = ("GET", "/con1?restype=container&", HeaderFields())
        let account = ("GET", "/?restype=account&comp=properties&", HeaderFields())
        #expect(refusal(try signed("container", list)) == nil)
        #expect(refusal(try signed("container", properties)) == .authorizationFailure)
        #expect(refusal(try signed("container", account)) == nil)
        #expect(refusal(try signed("blob", list)) == .authorizationFailure)
        #expect(refusal(try signed("blob", account)) == nil)
        #expect(
            refusal(try signed("blob", ("GET", "/?comp=list&", [:]))) == .authorizationFailure)
    }

    @Test func `permissions are needed as operations are documented`() throws {
        func refusal(_ permissions: String, _ target: (String, String, HeaderFields)) throws
            -> BlobErrorCode?
        { self.refusal(try signed("account", target, changing: ("sp=rwl", "sp=\(permissions)"))) }
        let put = ("PUT", "/con1/x?", ["x-ms-blob-type": "BlockBlob"] as HeaderFields)
        #expect(try refusal("c", put) == nil)
        #expect(try refusal("w", put) == nil)
        #expect(try refusal("rdl", put) == .authorizationPermissionMismatch)
        let created = try grant(try signed("account", put, changing: ("sp=rwl", "sp=c")))
        #expect(!created.mayOverwrite)
        let broken = ("PUT", "/con1/x?comp=lease&", ["x-ms-lease-action": "break"] as HeaderFields)
        let acquired = (
            "PUT", "/con1/x?comp=lease&", ["x-ms-lease-action": "acquire"] as HeaderFields
        )
        #expect(try refusal("d", broken) == nil)
        #expect(try refusal("d", acquired) == .authorizationPermissionMismatch)
        #expect(try refusal("w", acquired) == nil)
        #expect(try refusal("d", ("DELETE", "/con1/x?", [:])) == nil)
        #expect(try refusal("r", ("POST", "/?comp=batch&", [:])) == nil)
        for operation in BlobOperation.allCases {
            #expect(operation.action.name.hasPrefix("Microsoft.Storage/storageAccounts/"))
            if operation.subject == .object { #expect(operation.action.isOnData) }
        }
    }

    @Test func `a container's policy says what the signature doesn't, and nothing that it does`()
        throws
    {
        let request = try signed("policy")
        #expect(request.1.policyID == "pol")
        #expect(refusal(request) == .authenticationFailed)
        #expect(refusal(request, policy: Self.policy) == nil)
        var policy = Self.policy
        policy.expiry = nil
        #expect(refusal(request, policy: policy) == .authenticationFailed)
        policy = Self.policy
        policy.permissions = nil
        #expect(refusal(request, policy: policy) == .authenticationFailed)
        policy.permissions = "l"
        #expect(refusal(request, policy: policy) == .authorizationPermissionMismatch)
        policy = Self.policy
        policy.start = BlobTime.noon.adding(seconds: 1)
        #expect(refusal(request, policy: policy) == .authenticationFailed)
        let both = try signed("policy", changing: ("si=pol", "si=pol&sp=r"))
        #expect(refusal(both, policy: Self.policy) == .authenticationFailed)
        // A policy that the signature doesn't name says nothing.
        var other = Self.policy
        other.expiry = BlobTime(seconds: 0)
        #expect(refusal(try signed("blob"), policy: other) == nil)
    }

    @Test func `what it says of the answer and of the encryption scope is given along`() throws {
        let grant = try grant(try signed("container"))
        #expect(grant.encryptionScope == "scope1")
        #expect(grant.overrides.map(\.name) == ["Cache-Control", "Content-Type"])
        #expect(grant.overrides.map(\.value) == ["no-cache", "text/x"])
    }

    @Test(arguments: [
        ("sig=", "sig=A"), ("sv=2026-10-06", "sv="), ("sv=2026-10-06", "sv=2012-02-12"),
        ("sv=2026-10-06", "sv=newest"), ("sr=b", "sr=q"), ("sr=b", "sr="), ("sp=r", "sp=rr"),
        ("sp=r", "sp=z"), ("sp=r", "sp=r&sp=w"), ("sp=r", "sp=r&sip=1.2.3"),
        ("sp=r", "sp=r&sip=9.9.9.9-1.1.1.1"),
        ("sp=r", "sp=r&sip=256.1.1.1"), ("spr=https%2Chttp", "spr=http"),
        ("se=2026-12-01", "se=soon"),
        ("sp=r", "sp=r&st=2026-13-01"), ("sp=r", "sp=r&ss=b"), ("sp=r", "sp=r&ss=b&srt=o"),
        ("rscd=attachment", "rscd=a%0D%0Ab"), ("sp=r", "sp=r&sduoid=4"), ("sp=r", "sp=r&skoid=1"),
    ])
    func `one of another form is refused`(old: String, new: String) {
        #expect(
            BlobRefusal.code { try signed("blob", changing: (old, new)) } == .authenticationFailed)
    }

    @Test func `what a delegation needs is there, and nothing else`() {
        for name in ["skoid", "sktid", "skt", "ske", "skv"] {
            #expect(
                BlobRefusal.code { try signed("delegation", changing: ("\(name)=", "none=")) }
                    == .authenticationFailed)
        }
        for (old, new) in [
            ("sks=b", "sks=q"), ("sp=rw", "sp=rw&si=x"), ("sv=2026-10-06", "sv=2018-03-28"),
        ] {
            #expect(
                BlobRefusal.code { try signed("delegation", changing: (old, new)) }
                    == .authenticationFailed)
        }
    }

    @Test(arguments: [("sr=b", "sr=d&sdd=1"), ("sr=b", "sr=bv"), ("scid=cc", "suoid=cc")])
    func `directories, versions and other users are 501`(old: String, new: String) {
        #expect(
            BlobRefusal.code { try signed("delegation", changing: (old, new)) } == .notImplemented)
    }

    @Test func `a signature beside an account's key is refused, and one beside a token is not`()
        throws
    {
        let golden = try #require(BlobGolden.signatures["delegation"])
        let query = try BlobQuery(golden.query)
        let key = "SharedKey acct1:\(Base64.encode([UInt8](repeating: 0, count: 32)))"
        #expect(
            BlobRefusal.code {
                try BlobCredential(.blob("GET", "/", ["Authorization": key]), query)
            } == .authenticationFailed)
        guard
            case .signature(let signature, token: "t") = try BlobCredential(
                .blob("GET", "/", ["Authorization": "Bearer t"]), query)
        else {
            Issue.record("both are there")
            return
        }
        #expect(signature.delegatedUser == "44444444-4444-4444-4444-444444444444")
        #expect(signature.delegation?.objectID == "11111111-1111-1111-1111-111111111111")
    }

    @Test
    func `a key to delegate with is for at most seven days, and is derived from what it says`()
        throws
    {
        func request(_ start: String, _ expiry: String, _ more: String = "") -> [UInt8] {
            Array("<KeyInfo>\(start)<Expiry>\(expiry)</Expiry>\(more)</KeyInfo>".utf8)
        }
        func refusal(_ document: [UInt8]) -> BlobErrorCode? {
            BlobRefusal.code { try UserDelegationRequest(document, at: .noon) }
        }
        let start = "<Start>2026-11-03T12:00:00Z</Start>"
        #expect(refusal(request(start, "2026-11-10T12:00:00Z")) == nil)
        #expect(refusal(request("", "2026-11-10T12:00:00Z")) == nil)
        #expect(refusal(request(start, "2026-11-10T12:00:01Z")) == .invalidXmlNodeValue)
        #expect(refusal(request(start, "2026-11-03T12:00:00Z")) == .invalidXmlNodeValue)
        #expect(refusal(request(start, "soon")) == .invalidXmlNodeValue)
        #expect(refusal(Array("<KeyInfo></KeyInfo>".utf8)) == .missingRequiredXmlNode)
        #expect(
            refusal(request(start, "2026-11-04", "<DelegatedUserTid>a\nb</DelegatedUserTid>"))
                == .invalidXmlNodeValue)
        let asked = try UserDelegationRequest(
            request(start, "2026-11-04", "<DelegatedUserTid>t</DelegatedUserTid>"), at: .noon)
        let key = UserDelegation(
            objectID: "o", tenantID: "t", request: asked, version: "2026-10-06")
        #expect(
            String(decoding: key.derivationInput, as: UTF8.self)
                == "o\nt\n2026-11-03T12:00:00Z\n2026-11-04T00:00:00Z\nb\n2026-10-06\nt")
        #expect(
            String(decoding: key.document(value: [1, 2]), as: UTF8.self) == """
                <?xml version="1.0" encoding="utf-8"?><UserDelegationKey><SignedOid>o</SignedOid>\
                <SignedTid>t</SignedTid><SignedStart>2026-11-03T12:00:00Z</SignedStart>\
                <SignedExpiry>2026-11-04T00:00:00Z</SignedExpiry><SignedService>b</SignedService>\
                <SignedVersion>2026-10-06</SignedVersion><SignedDelegatedUserTid>t</SignedDelegatedUserTid>\
                <Value>AQI=</Value></UserDelegationKey>
                """)
        // The one that a signature names is the one that was given.
        let query = """
            sv=2026-10-06&sr=c&sp=r&se=2026-11-04&skoid=o&sktid=t&skt=2026-11-03T12:00:00Z&ske=2026-11-04T00:00:00Z\
            &sks=b&skv=2026-10-06&skdutid=t&sig=\(Base64.encodeForURL([UInt8](repeating: 0, count: 32)))
            """
        #expect(try SharedAccessSignature(try BlobQuery(query)).delegation == key)
    }
}
