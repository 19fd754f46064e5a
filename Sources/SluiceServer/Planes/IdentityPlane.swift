#if Service
internal import SluiceControl
internal import SluiceNative
internal import SluiceREST

/// Tokens of managed identities, for processes of this machine: by a secret of the process's own, in the form of App
/// Service; or without one, in the form of a virtual machine, if the server is told to.
struct IdentityPlane: Plane {
    let ground: Ground
    /// Whether any process of this machine gets tokens.
    let servesMachine: Bool

    func answer(_ exchange: Exchange) throws {
        let request = exchange.request
        let isMachine = request.path.hasPrefix("/metadata/")
        let control = try ground.control.value()
        if isMachine {
            guard servesMachine else {
                throw ServiceError(
                    404, "not_found",
                    "The server doesn't give tokens to whoever asks: start it with --imds.")
            }
            guard request.headers["Metadata"]?.lowercased() == "true" else {
                throw ServiceError(
                    400, "invalid_request", "Required metadata header not specified.")
            }
        } else {
            let shown = request.headers["X-IDENTITY-HEADER"] ?? ""
            guard
                constantTimeEqual(
                    Array(shown.utf8).span, Array(control.state.identitySecret.utf8).span)
            else {
                throw ServiceError(
                    401, "invalid_request", "X-IDENTITY-HEADER must be what IDENTITY_HEADER says.")
            }
        }
        guard request.method == "GET" else {
            throw ServiceError(405, "method_not_allowed", "Tokens are got by GET.")
        }
        guard let resource = request.parameter("resource"), LoginPlane.isKnown(resource) else {
            throw ServiceError(
                400, "invalid_resource",
                "The parameter resource must name a service that Sluice has.")
        }
        let principal = try principal(request, control)
        let now = WallClock.nowMilliseconds / 1000
        let life = TokenAuthority.lifeSeconds
        try exchange.send(
            ServiceAnswer([
                "access_token": .string(
                    try ground.tokens.value().issue(to: principal, for: resource)),
                "client_id": .string(principal.appID), "expires_in": .string("\(life)"),
                "expires_on": .string("\(now + life)"), "ext_expires_in": .string("\(life)"),
                "not_before": .string("\(now)"), "resource": .string(resource),
                "token_type": "Bearer",
            ]))
    }

    private func principal(_ request: ServiceRequest, _ control: ControlPlane) throws -> Principal {
        let principals = control.principals
        var found: Principal?
        if let id = request.parameter("client_id") {
            for tenant in control.state.tenants where found == nil {
                found = try principals.principal(appID: id, tenantID: tenant.id)
            }
        } else if let id = request.parameter("object_id") ?? request.parameter("principal_id") {
            found = try principals.principal(objectID: id)
        } else {
            let named = request.parameter("msi_res_id") ?? request.parameter("mi_res_id")
            let id =
                named.map { ResourceID($0.split(separator: "/").map(String.init)) }
                ?? control.state.tenant("customer")?.identity
            let document = try id.map { try control.resources.find($0) } ?? nil
            if let objectID = document?["properties"]?["principalId"]?.string {
                found = try principals.principal(objectID: objectID)
            }
        }
        // An application has a secret of its own, and is nobody's managed identity.
        guard let found, found.kind != .application else {
            throw ServiceError(400, "invalid_request", "Identity not found")
        }
        return found
    }

    func answer(to error: ServiceError, _ request: ServiceRequest) -> ServiceAnswer {
        ServiceAnswer(
            ["error": .string(error.code), "error_description": .string(error.message)],
            status: error.status)
    }
}
#endif
