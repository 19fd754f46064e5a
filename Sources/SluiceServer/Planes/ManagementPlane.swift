#if Service
internal import SluiceControl
internal import SluiceREST

/// The resource interface, ARM. Answers are final at once; no api-version is refused.
struct ManagementPlane: Plane {
    static let audiences = ["https://management.azure.com", "https://management.core.windows.net"]

    let ground: Ground

    func answer(_ exchange: Exchange) throws {
        let request = exchange.request
        if request.path.lowercased() == "/metadata/endpoints" {
            let isMicrosofts = HostName(request.host)?.isMicrosofts ?? false
            return try exchange.send(
                ServiceAnswer(
                    CloudMetadata.document(
                        isMicrosofts: isMicrosofts, port: isMicrosofts ? nil : request.port)))
        }
        let control = try ground.control.value()
        let caller = try ground.caller(request, audiences: Self.audiences) { fault in
            Self.unauthenticated(
                fault.reason, tenantID: control.state.tenants.first?.id ?? "common")
        }
        guard let segments = request.segments, let path = ResourcePath(segments) else {
            throw ServiceError(
                400, "InvalidRequestUri", "The request URI '\(request.path)' isn't a resource's.")
        }
        do throws(ControlError) {
            let call = try ManagementCall(control, request, path, caller)
            let answer = try call.answer { () throws(ControlError) in try Self.body(exchange) }
            do {
                try exchange.send(answer)
            } catch {
                return
            }
        } catch {
            throw ServiceError(control: error)
        }
    }

    private static func body(_ exchange: Exchange) throws(ControlError) -> JSON {
        do {
            return try exchange.json()
        } catch let error as ServiceError {
            throw ControlError(.badRequest, error.code, error.message)
        } catch {
            throw ControlError(.failed, "ConnectionLost", "The client is gone.")
        }
    }

    private static func unauthenticated(_ reason: String, tenantID: String) -> ServiceError {
        ServiceError(
            401, "AuthenticationFailed", reason,
            headers: [
                "WWW-Authenticate":
                    "Bearer authorization_uri=\"https://login.microsoftonline.com/\(tenantID)\", "
                    + "error=\"invalid_token\", error_description=\"The access token is missing or invalid\""
            ])
    }
}

extension ServiceError {
    /// What is answered to a refusal of the rules.
    init(control error: ControlError) {
        let status =
            switch error.kind {
            case .badRequest: 400
            case .unauthenticated: 401
            case .forbidden: 403
            case .notFound: 404
            case .notAllowed: 405
            case .conflict: 409
            case .failed: 500
            case .unconfirmed: 503
            }
        self.init(status, error.code, error.message)
    }
}
#endif
