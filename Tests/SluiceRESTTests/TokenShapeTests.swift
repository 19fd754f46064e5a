internal import SluiceAccess
internal import SluiceREST
internal import Testing

@Suite struct TokenShapeTests {
    private func request(
        _ form: [(name: String, value: String)], authorization: String? = nil,
        isCurrent: Bool = true
    ) throws(TokenRefusal) -> TokenRequest {
        try TokenRequest(
            tenant: "t", form: form, authorization: authorization, isCurrent: isCurrent)
    }

    private static let form = [
        (name: "grant_type", value: "client_credentials"), (name: "client_id", value: "a"),
        (name: "client_secret", value: "s"),
        (name: "scope", value: "https://management.core.windows.net//.default"),
    ]

    @Test func `a scope names a resource, whose slash stays`() throws {
        let found = try request(Self.form)
        #expect(found.clientID == "a")
        #expect(found.clientSecret == "s")
        #expect(found.resource == "https://management.core.windows.net/")
    }

    @Test func `credentials may come in the head`() throws {
        let form = Self.form.filter { !$0.name.hasPrefix("client") }
        let found = try request(
            form, authorization: "Basic \(Base64.encode(Array("a%3Ab:s".utf8)))")
        #expect(found.clientID == "a:b")
        #expect(found.clientSecret == "s")
    }

    @Test func `each refusal has Entra's number`() throws {
        for name in ["grant_type", "client_id", "client_secret", "scope"] {
            let error = #expect(throws: TokenRefusal.self) {
                try request(Self.form.filter { $0.name != name })
            }
            #expect(error?.number == 900_144)
            #expect(error?.answer.status == 400)
        }
        let others = [
            ("grant_type", "password", 70003), ("scope", "x", 1_002_012),
            ("scope", "a/.default b/.default", 1_002_012),
        ]
        for (name, value, number) in others {
            let form = Self.form.filter { $0.name != name } + [(name: name, value: value)]
            let error = #expect(throws: TokenRefusal.self) { try request(form) }
            #expect(error?.number == number)
        }
        #expect(TokenRefusal.wrongSecret("a").answer.status == 401)
    }

    @Test func `claims are read as they were written, and only whole`() throws {
        let claims = TokenClaims(
            audience: "https://vault.azure.net", tenantID: "t", objectID: "o", appID: "a",
            notBefore: 1,
            expires: 2, managedIdentity: "/x")
        let document = claims.document
        #expect(TokenClaims(document) == claims)
        for name in ["aud", "iss", "oid", "tid", "appid", "nbf", "exp"] {
            var less = document
            less[name] = nil
            #expect(TokenClaims(less) == nil, "\(name)")
        }
        var other = document
        other["iss"] = "https://sts.windows.net/other/"
        #expect(TokenClaims(other) == nil)
    }

    @Test func `audiences differ by more than a slash or case`() {
        #expect(TokenClaims.isSame("https://vault.azure.net", "https://VAULT.azure.net/"))
        #expect(
            TokenClaims.isSame(
                "https://management.core.windows.net//", "https://management.core.windows.net"))
        #expect(!TokenClaims.isSame("https://vault.azure.net", "https://vault.azure.net.example"))
    }
}
