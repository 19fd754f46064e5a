#if Service
internal import Foundation
internal import NIOSSL
internal import Sluice
internal import SluiceAccess
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST
internal import TestSupport
internal import Testing

@testable internal import SluiceServer

/// What a vault answers over HTTP, and to whom.
@Suite struct VaultPlaneTests {
    private let home: VaultHome

    init() throws { home = try VaultHome() }

    @Test func `without a token nothing is said but where to get one`() async throws {
        let tenant = home.tenant.id
        let answers = try await home.ask([
            VaultRequest("/keys?api-version=7.6"),
            VaultRequest("/keys?api-version=7.6", host: "kv1.vault.localhost:8443"),
            VaultRequest("/nowhere", authorization: "Basic eDp4"),
        ])
        let known =
            "https://login.microsoftonline.com/\(tenant)\", resource=\"https://vault.azure.net\""
        let own =
            "https://login.localhost:8443/\(tenant)\", resource=\"https://vault.localhost:8443\""
        for (answer, wanted) in zip(answers, [known, own, known]) {
            #expect(answer.status == 401)
            #expect(answer.body.isEmpty)
            #expect(answer.headers["www-authenticate"] == "Bearer authorization=\"\(wanted)")
        }
    }

    @Test(arguments: TokenAttack.all)
    func `a token that isn't good is refused`(attack: TokenAttack) async throws {
        let token = try attack.token(home)
        let answer = try await home.ask([
            VaultRequest("/keys?api-version=7.6", authorization: "Bearer \(token)")
        ])[0]
        #expect(answer.status == 401)
        #expect(answer.code == "Unauthorized")
        #expect(answer.message.contains(attack.words), "\(answer.message)")
        #expect(answer.headers["www-authenticate"]?.hasPrefix("Bearer authorization=") == true)
    }

    @Test func `a good token is taken, by either name`() async throws {
        let answers = try await home.ask([
            VaultRequest("/keys?api-version=7.6", authorization: "Bearer \(home.token())"),
            VaultRequest("//keys?api-version=7.6", authorization: "bearer \(home.token())"),
            VaultRequest(
                "/keys?api-version=7.6", host: "kv1.vault.localhost:8443",
                authorization:
                    "Bearer \(home.token(audience: "https://vault.localhost:8443/"))"),
        ])
        #expect(answers.map(\.status) == [200, 200, 200])
    }

    @Test func `refusals have the service's statuses and codes`() async throws {
        let token = "Bearer \(try home.token())"
        let stranger = "Bearer \(try home.token(of: home.stranger))"
        let rsa = #"{"kty":"RSA","attributes":{"enabled":false}}"#
        let wrap = #"{"alg":"RSA-OAEP-256","value":"AAAA"}"#
        let cases: [(VaultRequest, String)] = [
            (VaultRequest("/keys/k?api-version=7.6"), "404 KeyNotFound"),
            (VaultRequest("/keys"), "400 BadParameter"),
            (VaultRequest("/secrets/s?api-version=7.6"), "404 NotFound"),
            (VaultRequest("/keys?api-version=7.6", method: "PUT"), "405 MethodNotAllowed"),
            (VaultRequest("/keys/k/create?api-version=7.6", body: rsa), "200 "),
            (
                VaultRequest("/keys/k/wrapkey?api-version=7.6", body: wrap),
                "403 Forbidden KeyDisabled"
            ),
            (VaultRequest("/keys/k/v/release?api-version=7.6", body: "{}"), "501 NotImplemented"),
            (VaultRequest("/keys/k?api-version=7.6", method: "DELETE"), "200 "),
            (
                VaultRequest("/keys/k/create?api-version=7.6", body: rsa),
                "409 Conflict ObjectIsDeletedButRecoverable"
            ),
            (VaultRequest("/keys/k/create?api-version=7.6", body: "{"), "400 BadParameter"),
            (
                VaultRequest("/keys?api-version=7.6", authorization: stranger),
                "403 Forbidden AccessDenied"
            ),
            (
                VaultRequest("/keys?api-version=7.6", host: "kv2.vault.azure.net"),
                "403 Forbidden ForbiddenByRbac"
            ),
            (
                VaultRequest("/keys?api-version=7.6", host: "kv3.vault.azure.net"),
                "404 VaultNotFound"
            ),
            (
                VaultRequest("/keys?api-version=7.6", host: "gone.vault.azure.net"),
                "404 VaultNotFound"
            ),
            (
                VaultRequest("/keys?api-version=7.6", host: "platform.vault.azure.net"),
                "404 VaultNotFound"
            ),
            (
                VaultRequest("/keys?api-version=7.6", host: "made.vault.azure.net"),
                "403 Forbidden AccessDenied"
            ),
        ]
        let answers = try await home.ask(
            cases.map { request, _ in
                var request = request
                if request.authorization == nil { request.authorization = token }
                return request
            })
        for (answer, (request, wanted)) in zip(answers, cases) {
            let codes =
                answer.status == 200 ? [""] : [answer.code, answer.innerCode].compactMap(\.self)
            #expect(
                (["\(answer.status)"] + codes).joined(separator: " ") == wanted,
                "\(request.path) \(answer.body)")
        }
    }

    @Test func `identifiers begin with the address that the client came by`() async throws {
        let token = "Bearer \(try home.token())"
        for host in ["kv1.vault.azure.net", "kv1.vault.localhost:8443"] {
            let answer = try await home.ask([
                VaultRequest(
                    "/keys/k/create?api-version=7.6", host: host, authorization: token,
                    body: #"{"kty":"EC"}"#)
            ])[0]
            let kid = try JSONReader.read(Array(answer.body.utf8))["key"]?["kid"]?.string
            #expect(kid?.hasPrefix("http://\(host)/keys/k/") == true, "\(answer.body)")
        }
    }

    @Test func `a policy that is taken away holds for the next request`() async throws {
        let request = VaultRequest(
            "/keys?api-version=7.6", authorization: "Bearer \(try home.token())")
        #expect(try await home.ask([request])[0].status == 200)
        try home.setPolicies([])
        let answer = try await home.ask([request])[0]
        #expect(answer.status == 403)
        #expect(answer.innerCode == "AccessDenied")
    }
}

/// A request to a vault, without TLS.
struct VaultRequest {
    var path: String
    var method: String?
    var host = "kv1.vault.azure.net"
    var authorization: String?
    var body = ""

    init(
        _ path: String, method: String? = nil, host: String = "kv1.vault.azure.net",
        authorization: String? = nil, body: String = ""
    ) {
        (self.path, self.method, self.host) = (path, method, host)
        (self.authorization, self.body) = (authorization, body)
    }

    var document: JSON {
        var headers: JSON = .object(JSONObject())
        headers["Authorization"] = authorization.map(JSON.string)
        return [
            "method": .string(method ?? (body.isEmpty ? "GET" : "POST")), "path": .string(path),
            "host": .string(host), "body": .string(body), "headers": headers,
        ]
    }
}

/// What came back.
struct VaultAnswer {
    let status: Int
    let headers: [String: String]
    let body: String

    init(_ document: JSON) {
        status = document["status"]?.integer ?? 0
        body = document["body"]?.string ?? ""
        headers = Dictionary(
            uniqueKeysWithValues: (document["headers"]?.object?.members ?? []).map {
                ($0.name, $0.value.string ?? "")
            })
    }

    private var error: JSON? { (try? JSONReader.read(Array(body.utf8)))?["error"] }
    var code: String { error?["code"]?.string ?? "" }
    var message: String { error?["message"]?.string ?? "" }
    var innerCode: String? { error?["innererror"]?["code"]?.string }
}

/// A home with the vaults `kv1`, by policies, in which the administrator may do everything; `kv2`, by roles; `gone`, which
/// is deleted; and `made`, which was made without the service.
struct VaultHome {
    let tenant: HomeTenant
    let provider: HomeTenant
    /// An identity that no policy and no role names.
    let stranger: String
    let control: ControlPlane
    let key: TokenKey
    let keyID: String
    let library: CryptoLibrary
    private let directory: TemporaryDirectory
    private let ground: Ground

    init() throws {
        directory = try TemporaryDirectory()
        library = try CryptoLibrary.load(requireFIPS: false)
        let maker = HomeMaker(
            library,
            names: HomeMaker.Names(
                hosts: HostName.certified, domains: HostName.permitted,
                addresses: HostName.addresses))
        let control = try ControlPlane.open(
            directory.path, new: maker.make(), maker: maker, isTemporary: true, library: library)
        let tokens = try TokenAuthority.open(control, library)
        (self.control, keyID) = (control, tokens.keyID)
        ground = Ground(control: try Awaited { control }, tokens: try Awaited { tokens })
        let form = try control.secret("token-key") { () throws(ControlError) in
            throw ControlError(.failed, "", "there is no key")
        }
        key = try TokenKey(privateForm: form.span, library: library)
        tenant = try #require(control.state.tenant("customer"))
        provider = try #require(control.state.tenant("provider"))
        let caller = try #require(try control.principals.principal(objectID: tenant.objectID))
        let identity = try control.resources.get(tenant.identity)
        stranger = try #require(identity["properties"]?["principalId"]?.string)
        for (name, isByRoles) in [("kv1", false), ("kv2", true), ("gone", false)] {
            _ = try control.resources.put(
                id(name),
                [
                    "location": "eastus",
                    "properties": ["enableRbacAuthorization": .bool(isByRoles)],
                ], apiVersion: "2023-07-01", as: caller)
        }
        try control.resources.delete(id("gone"))
        _ = try control.vaults.acting(as: .owner).createVault(name: "made")
        try setPolicies([
            ["objectId": .string(tenant.objectID), "permissions": ["keys": ["all"]]]
        ])
    }

    private func id(_ name: String) -> ResourceID {
        tenant.group.appending("Microsoft.KeyVault/vaults", name)
    }

    func setPolicies(_ policies: JSON) throws {
        let caller = try #require(try control.principals.principal(objectID: tenant.objectID))
        _ = try control.resources.patch(
            id("kv1"), ["properties": ["accessPolicies": policies]], apiVersion: "2023-07-01",
            as: caller)
    }

    func ask(_ requests: [VaultRequest]) async throws -> [VaultAnswer] {
        let counts = ServerCounts()
        let core = ServerCore(
            planes: Planes([.vault: VaultPlane(ground: ground)]), limits: HTTPLimits(),
            tls: try Server.tls(control.state.certificate), counts: counts,
            gate: ProxyGate(password: nil), logger: nil)
        let listener = try await Listener.start(core, host: "127.0.0.1", port: 0)
        let asked = JSON.array(requests.map(\.document))
        let runner = CommandRunner(
            executable: "/usr/bin/env", environment: ["PATH": "/usr/bin:/bin:/usr/local/bin"],
            workingDirectory: "/")
        let result = try runner.run(
            [
                "python3", "\(Checkout.path)/Tests/service/ask.py",
                "\(listener.address.port ?? 0)",
            ], input: asked.encoded)
        await listener.stop(withinSeconds: 1)
        #expect(result.exitCode == 0, "\(result.errorText)")
        return try #require(JSONReader.read(Array(result.outputText.utf8)).array).map(
            VaultAnswer.init)
    }

    // MARK: Tokens

    /// The administrator's, or somebody else's of the customer's.
    func token(
        of objectID: String? = nil, audience: String = "https://vault.azure.net"
    ) throws -> String {
        var claims = try claims(of: objectID ?? tenant.objectID)
        claims.audience = audience
        return try signed(claims)
    }

    func claims(of objectID: String) throws -> TokenClaims {
        let principal = try #require(try control.principals.principal(objectID: objectID))
        let now = WallClock.nowMilliseconds / 1000
        return TokenClaims(
            audience: "https://vault.azure.net", tenantID: principal.tenantID,
            objectID: principal.objectID, appID: principal.appID, notBefore: now,
            expires: now + 3599)
    }

    func signed(
        _ claims: TokenClaims, algorithm: String = "RS256", by other: TokenKey? = nil,
        _ spoil: (inout [UInt8]) -> Void = { _ in }
    ) throws -> String {
        let head: JSON = ["typ": "JWT", "alg": .string(algorithm), "kid": .string(keyID)]
        let text = [head, claims.document].map { Base64.encodeForURL($0.encoded) }
            .joined(separator: ".")
        var signature = try (other ?? key).sign(Array(text.utf8).span)
        spoil(&signature)
        return "\(text).\(Base64.encodeForURL(signature))"
    }
}

/// A token that isn't good, and what is said of it.
struct TokenAttack: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let words: String
    let token: @Sendable (VaultHome) throws -> String

    private init(
        _ name: String, _ words: String, _ token: @escaping @Sendable (VaultHome) throws -> String
    ) {
        (testDescription, self.words, self.token) = (name, words, token)
    }

    private static func changed(
        _ name: String, _ words: String, _ change: @escaping @Sendable (inout TokenClaims) -> Void
    ) -> TokenAttack {
        TokenAttack(name, words) { home in
            var claims = try home.claims(of: home.tenant.objectID)
            change(&claims)
            return try home.signed(claims)
        }
    }

    private static func administrator(_ home: VaultHome) throws -> TokenClaims {
        try home.claims(of: home.tenant.objectID)
    }

    static let all: [TokenAttack] = [
        changed("another audience", "AKV10022") { $0.audience = "https://management.azure.com/" },
        changed("an audience that begins like it", "AKV10022") {
            $0.audience = "https://vault.azure.net.example"
        },
        changed("the audience of own names", "AKV10022") {
            $0.audience = "https://vault.localhost:8443"
        },
        TokenAttack("another tenant", "AKV10032") { home in
            try home.signed(home.claims(of: home.provider.objectID))
        },
        TokenAttack("a tenant that isn't the principal's", "principal is gone") { home in
            var claims = try home.claims(of: home.provider.objectID)
            claims.tenantID = home.tenant.id
            return try home.signed(claims)
        },
        changed("somebody who isn't there", "principal is gone") {
            $0.objectID = "11111111-2222-3333-4444-555555555555"
        },
        changed("expired", "TokenExpired") {
            ($0.notBefore, $0.expires) = ($0.notBefore - 7200, $0.notBefore - 1)
        },
        changed("not good yet", "TokenExpired") { $0.notBefore += 3600 },
        TokenAttack("a spoiled signature", "AKV10046") { home in
            try home.signed(administrator(home)) { $0[0] ^= 1 }
        },
        TokenAttack("no signature", "AKV10046") { home in
            try home.signed(administrator(home)) { $0 = [] }
        },
        TokenAttack("another's key", "AKV10046") { home in
            try home.signed(administrator(home), by: TokenKey.generate(home.library))
        },
        TokenAttack("no algorithm", "AKV10046") { home in
            try home.signed(administrator(home), algorithm: "none") { $0 = [] }
        },
        TokenAttack("no algorithm, signed", "AKV10046") { home in
            try home.signed(administrator(home), algorithm: "none")
        },
        TokenAttack("a symmetric algorithm", "AKV10046") { home in
            try home.signed(administrator(home), algorithm: "HS256")
        },
        TokenAttack("other claims under the signature", "AKV10046") { home in
            let good = try home.token().split(separator: ".")
            var claims = try administrator(home)
            claims.objectID = home.stranger
            return "\(good[0]).\(Base64.encodeForURL(claims.document.encoded)).\(good[2])"
        },
        TokenAttack("two parts", "Error validating token") { _ in "a.b" },
        TokenAttack("no JSON", "Error validating token") { _ in "YQ.YQ.YQ" },
        TokenAttack("no text", "Error validating token") { _ in "..." },
    ]
}
#endif
