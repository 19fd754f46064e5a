#if Service
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST

/// Entra: what a tenant says of itself, its keys, and tokens.
struct LoginPlane: Plane {
    /// The services that tokens are given for.
    static let resources = [
        "https://management.azure.com", "https://management.core.windows.net",
        "https://vault.azure.net", "https://storage.azure.com", "https://graph.microsoft.com",
        "https://cognitiveservices.azure.com", "https://ai.azure.com", "https://ml.azure.com",
    ]
    /// Names of tenants that stand for any.
    private static let anyTenant = ["common", "organizations"]

    let ground: Ground

    func answer(_ exchange: Exchange) throws {
        let answer: ServiceAnswer
        do {
            answer = try route(exchange)
        } catch let refusal as TokenRefusal {
            answer = refusal.answer
        }
        try exchange.send(answer)
    }

    /// Entra's own form; what isn't one of its refusals is the server's failure.
    func answer(to error: ServiceError, _ request: ServiceRequest) -> ServiceAnswer {
        ServiceAnswer(
            [
                "error": "server_error",
                "error_description": .string("AADSTS90033: \(error.message)"),
            ],
            status: error.status)
    }

    private func route(_ exchange: Exchange) throws -> ServiceAnswer {
        let request = exchange.request
        let segments = request.segments ?? []
        guard let tenant = segments.first else { return Self.missing }
        switch (request.method, segments.dropFirst().joined(separator: "/").lowercased()) {
        case ("GET", "v2.0/.well-known/openid-configuration"),
            ("GET", ".well-known/openid-configuration"):
            return ServiceAnswer(
                DirectoryShapes.openIDConfiguration(
                    origin: request.origin, tenant: tenant, tenantID: try tenantID(tenant)))
        case ("GET", "discovery/v2.0/keys"), ("GET", "discovery/keys"):
            return ServiceAnswer(try ground.tokens.value().keySet())
        case ("GET", "discovery/instance"):
            return ServiceAnswer(
                DirectoryShapes.instanceDiscovery(origin: request.origin, host: request.host))
        case ("POST", "oauth2/v2.0/token"), ("POST", "oauth2/token"):
            return try token(exchange, tenant)
        default: return Self.missing
        }
    }

    private static let missing = ServiceAnswer(
        [
            "error": "not_found",
            "error_description":
                "Sluice's Entra has metadata, keys and tokens, and this is none of them.",
        ], status: 404)

    private func tenantID(_ name: String) throws -> String {
        if Self.anyTenant.contains(name.lowercased()) { return "{tenantid}" }
        guard let tenant = try ground.control.value().state.tenant(name.lowercased()) else {
            throw TokenRefusal.unknownTenant(name)
        }
        return tenant.id
    }

    private func token(_ exchange: Exchange, _ name: String) throws -> ServiceAnswer {
        let control = try ground.control.value()
        let form = PercentEncoding.pairs(
            String(decoding: try exchange.wholeBody(), as: UTF8.self), plusIsSpace: true)
        let isCurrent = exchange.request.path.lowercased().hasSuffix("/oauth2/v2.0/token")
        let asked = try TokenRequest(
            tenant: name, form: form ?? [],
            authorization: exchange.request.headers["Authorization"],
            isCurrent: isCurrent)
        guard let tenant = control.state.tenant(name.lowercased()) else {
            throw TokenRefusal.unknownTenant(name)
        }
        guard try control.principals.principal(appID: asked.clientID, tenantID: tenant.id) != nil
        else {
            throw TokenRefusal.unknownApplication(asked.clientID, tenant: tenant.id)
        }
        guard
            let principal = try control.principals.application(
                appID: asked.clientID, tenantID: tenant.id, secret: asked.clientSecret)
        else { throw TokenRefusal.wrongSecret(asked.clientID) }
        guard Self.isKnown(asked.resource) else {
            throw TokenRefusal.unknownResource(asked.resource, tenant: tenant.id)
        }
        let life = JSON.integer(TokenAuthority.lifeSeconds)
        var answer: JSON = ["token_type": "Bearer", "expires_in": life, "ext_expires_in": life]
        if !isCurrent {
            let now = WallClock.nowMilliseconds / 1000
            answer = [
                "token_type": "Bearer", "expires_in": .string("\(TokenAuthority.lifeSeconds)"),
                "expires_on": .string("\(now + TokenAuthority.lifeSeconds)"),
                "not_before": .string("\(now)"), "resource": .string(asked.resource),
            ]
        }
        answer["access_token"] = .string(
            try ground.tokens.value().issue(to: principal, for: asked.resource))
        return ServiceAnswer(answer, headers: ["Cache-Control": "no-store"])
    }

    /// Whether tokens are given for a resource: a service's, or a host's of a vault or an account.
    static func isKnown(_ resource: String) -> Bool {
        if resources.contains(where: { TokenClaims.isSame($0, resource) }) { return true }
        let scheme = "https://"
        guard resource.lowercased().hasPrefix(scheme),
            let authority = Authority(resource.dropFirst(scheme.count).prefix { $0 != "/" })
        else { return false }
        return HostName(authority.host).map { $0.kind != .server } ?? false
            || ["vault.localhost", "storage.localhost"].contains(authority.host)
    }
}
#endif
