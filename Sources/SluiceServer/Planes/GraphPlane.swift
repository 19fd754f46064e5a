#if Service
internal import SluiceControl
internal import SluiceREST

/// Of Microsoft Graph, who the principals of the caller's tenant are.
struct GraphPlane: Plane {
    let ground: Ground

    func answer(_ exchange: Exchange) throws {
        let request = exchange.request
        let caller = try ground.caller(request, audiences: ["https://graph.microsoft.com"]) {
            fault in
            ServiceError(401, "InvalidAuthenticationToken", fault.reason)
        }
        let segments = request.segments ?? []
        guard let version = segments.first?.lowercased(), ["v1.0", "beta"].contains(version) else {
            throw Self.missing(request)
        }
        let path = segments.dropFirst().map { $0.lowercased() }
        switch (request.method, path.first, path.count) {
        case ("GET", "me", 1):
            throw ServiceError(
                400, "BadRequest", "/me request is only valid with delegated authentication flow.")
        case ("GET", "serviceprincipals", 1), ("GET", "applications", 1):
            try exchange.send(
                try list(request, caller, onlyApplications: path[0] == "applications"))
        case ("GET", "serviceprincipals", 2):
            let control = try ground.control.value()
            guard let found = try control.principals.principal(objectID: path[1]),
                found.tenantID == caller.tenantID
            else { throw Self.missing(request) }
            try exchange.send(ServiceAnswer(Self.shown(found)))
        case ("GET", "users", 1), ("GET", "groups", 1):
            try exchange.send(ServiceAnswer(["value": []]))
        case ("POST", "directoryobjects", 2) where path[1] == "getbyids":
            try exchange.send(try byIDs(exchange, caller))
        default: throw Self.missing(request)
        }
    }

    private static func missing(_ request: ServiceRequest) -> ServiceError {
        ServiceError(
            404, "Request_ResourceNotFound",
            "Resource '\(request.path)' does not exist, or is of a part of Graph that Sluice doesn't have."
        )
    }

    private func list(
        _ request: ServiceRequest, _ caller: Principal, onlyApplications: Bool
    ) throws -> ServiceAnswer {
        var found = try ground.control.value().principals.principals(tenantID: caller.tenantID)
        if onlyApplications { found = found.filter { $0.kind == .application } }
        if let text = request.parameter("$filter") {
            guard let filter = ODataFilter(text) else {
                throw ServiceError(
                    400, "BadRequest", "Invalid filter clause: '\(text)' isn't of NAME eq 'VALUE'.")
            }
            for (name, value) in filter.wanted {
                found = found.filter { Self.value($0, name)?.equalsIgnoringCase(value) ?? false }
            }
        }
        return ServiceAnswer([
            "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#servicePrincipals",
            "value": .array(found.map(Self.shown)),
        ])
    }

    private static func value(_ principal: Principal, _ name: String) -> String? {
        switch name {
        case "serviceprincipalnames", "appid": principal.appID
        case "id": principal.objectID
        case "displayname": principal.displayName
        default: nil
        }
    }

    private func byIDs(_ exchange: Exchange, _ caller: Principal) throws -> ServiceAnswer {
        let ids = try exchange.json()["ids"]?.array?.compactMap(\.string) ?? []
        let principals = try ground.control.value().principals
        let found = try ids.compactMap { try principals.principal(objectID: $0) }
            .filter { $0.tenantID == caller.tenantID }
        return ServiceAnswer(["value": .array(found.map(Self.shown))])
    }

    private static func shown(_ principal: Principal) -> JSON {
        [
            "@odata.type": "#microsoft.graph.servicePrincipal", "id": .string(principal.objectID),
            "appId": .string(principal.appID), "displayName": .string(principal.displayName),
            "appDisplayName": .string(principal.displayName),
            "servicePrincipalType": principal.kind == .application
                ? "Application" : "ManagedIdentity",
            "servicePrincipalNames": [.string(principal.appID)], "accountEnabled": true,
            "appOwnerOrganizationId": .string(principal.tenantID),
        ]
    }
}
#endif
