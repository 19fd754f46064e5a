#if Service
internal import SluiceControl
internal import SluiceREST

/// One request to the resource interface, by somebody who is known.
struct ManagementCall {
    /// Types of which a new resource is answered with 200, for their clients take no 201.
    private static let unannounced = [
        "microsoft.storage/storageaccounts", "microsoft.insights/diagnosticsettings",
    ]

    let control: ControlPlane
    let request: ServiceRequest
    let path: ResourcePath
    let caller: Principal

    init(
        _ control: ControlPlane, _ request: ServiceRequest, _ path: ResourcePath,
        _ caller: Principal
    ) throws(ControlError) {
        self.control = control
        self.request = request
        self.path = path
        self.caller = caller
        guard let subscription = path.id.subscription else { return }
        guard let tenant = control.state.tenant(ofSubscription: subscription) else {
            throw ControlError(
                .notFound, "SubscriptionNotFound",
                "The subscription '\(subscription)' could not be found.")
        }
        guard tenant.id == caller.tenantID else {
            throw ControlError(
                .unauthenticated, "InvalidAuthenticationTokenTenant",
                "The access token is from the wrong issuer. It must match the tenant '\(tenant.id)' associated with "
                    + "this subscription.")
        }
    }

    var apiVersion: String { request.parameter("api-version") ?? "" }

    func require(_ action: String) throws(ControlError) {
        try control.access.require(caller.objectID, action, on: path.id)
    }

    // MARK: Which

    func answer(body: () throws(ControlError) -> JSON) throws(ControlError) -> ServiceAnswer {
        let type = path.collectionType?.lowercased() ?? path.id.type.lowercased()
        if type.hasPrefix("microsoft.authorization/") { return try authorization(type, body) }
        if let answer = try vault(type, body) { return answer }
        switch (request.method, path.rest) {
        case (_, nil) where path.namespace == nil && path.id.segments.count > 2:
            return try resource(body)
        case ("GET", _): return try collection()
        case ("POST", let action?): return try post(action, body)
        default:
            throw ControlError(
                .notAllowed, "MethodNotAllowed",
                "The HTTP method '\(request.method)' is not supported at '\(request.path)'.")
        }
    }

    // MARK: Resources

    private func resource(_ body: () throws(ControlError) -> JSON) throws(ControlError)
        -> ServiceAnswer
    {
        let id = path.id
        switch request.method {
        case "GET", "HEAD":
            try require("\(action(id))/read")
            // The existence of a group is asked for so.
            if request.method == "HEAD" {
                return ServiceAnswer(status: try control.resources.find(id) == nil ? 404 : 204)
            }
            return ServiceAnswer(try control.resources.get(id))
        case "PUT":
            try require("\(action(id))/write")
            let made = try control.resources.put(id, body(), apiVersion: apiVersion, as: caller)
            let isCreated = made.isNew && !Self.unannounced.contains(id.type.lowercased())
            return ServiceAnswer(made.document, status: isCreated ? 201 : 200)
        case "PATCH":
            try require("\(action(id))/write")
            return ServiceAnswer(
                try control.resources.patch(id, body(), apiVersion: apiVersion, as: caller))
        case "DELETE":
            try require("\(action(id))/delete")
            guard !id.isOf(type: "Microsoft.Storage/storageAccounts/encryptionScopes") else {
                throw ControlError(
                    .notAllowed, "MethodNotAllowed",
                    "An encryption scope can't be deleted: disable it by properties.state.")
            }
            return ServiceAnswer(status: try control.resources.delete(id) ? 200 : 204)
        default:
            throw ControlError(
                .notAllowed, "MethodNotAllowed",
                "The HTTP method '\(request.method)' is not supported for a resource.")
        }
    }

    /// What stands before `/read` in the name of an action.
    private func action(_ id: ResourceID) -> String {
        id.isOf(type: "Microsoft.Resources/resourceGroups")
            ? "Microsoft.Resources/subscriptions/resourceGroups" : id.type
    }

    // MARK: Collections

    private func collection() throws(ControlError) -> ServiceAnswer {
        let rest = path.rest?.lowercased()
        switch (path.id.segments.count, path.namespace, rest) {
        case (0, nil, "subscriptions"): return try subscriptions()
        case (0, nil, "tenants"): return tenants()
        case (2, nil, nil): return try subscription()
        case (2, nil, "locations"): return locations()
        case (2, nil, "resourcegroups"):
            try require("Microsoft.Resources/subscriptions/resourceGroups/read")
            return Self.list(
                try control.resources.list(
                    within: path.id, type: "Microsoft.Resources/resourceGroups"))
        case (_, nil, "resources"): return try resources()
        case (_, nil, "providers"):
            let id = path.id.subscription ?? ""
            return Self.list(
                CloudMetadata.namespaces.map { CloudMetadata.provider($0, subscription: id) })
        case (_, let namespace?, nil):
            return ServiceAnswer(
                CloudMetadata.provider(namespace, subscription: path.id.subscription ?? ""))
        default:
            guard let type = path.collectionType, type.contains("/") else { break }
            try require("\(type)/read")
            if path.id.group != nil { _ = try control.resources.get(path.id) }
            return Self.list(try control.resources.list(within: path.id, type: type))
        }
        throw ControlError(
            .notFound, "InvalidResourceType", "There is nothing to list at '\(request.path)'.")
    }

    static func list(_ documents: [JSON]) -> ServiceAnswer {
        ServiceAnswer(["value": .array(documents)])
    }

    private func shown(_ tenant: HomeTenant) -> JSON {
        [
            "id": .string("/subscriptions/\(tenant.subscription)"),
            "subscriptionId": .string(tenant.subscription), "tenantId": .string(tenant.id),
            "displayName": .string("Sluice \(tenant.name)"), "state": "Enabled",
            "managedByTenants": [], "authorizationSource": "RoleBased",
            "subscriptionPolicies": [
                "locationPlacementId": "Public_2014-09-01", "quotaId": "Sluice_2026-01-01",
                "spendingLimit": "Off",
            ],
        ]
    }

    /// Those of the caller's tenant in which it has a role.
    private func subscriptions() throws(ControlError) -> ServiceAnswer {
        var shown: [JSON] = []
        for tenant in control.state.tenants where tenant.id == caller.tenantID {
            let held = try control.roleAssignments.list(
                at: ResourceID(["subscriptions", tenant.subscription]), withinToo: true,
                principalID: caller.objectID)
            if !held.isEmpty { shown.append(self.shown(tenant)) }
        }
        return Self.list(shown)
    }

    private func subscription() throws(ControlError) -> ServiceAnswer {
        try require("Microsoft.Resources/subscriptions/read")
        guard let tenant = control.state.tenant(ofSubscription: path.id.name) else {
            preconditionFailure("a subscription that was found is gone")
        }
        return ServiceAnswer(shown(tenant))
    }

    private func tenants() -> ServiceAnswer {
        Self.list(
            control.state.tenants.filter { $0.id == caller.tenantID }.map { tenant in
                [
                    "id": .string("/tenants/\(tenant.id)"), "tenantId": .string(tenant.id),
                    "displayName": .string("Sluice \(tenant.name)"), "tenantCategory": "Home",
                    "defaultDomain": .string("\(tenant.name).localhost"),
                ]
            })
    }

    private func locations() -> ServiceAnswer {
        let id = "\(path.id)"
        return Self.list(
            CloudMetadata.regions.map { name, shown in
                [
                    "id": .string("\(id)/locations/\(name)"), "name": .string(name),
                    "type": "Region", "displayName": .string(shown),
                    "regionalDisplayName": .string(shown),
                    "metadata": ["regionType": "Physical", "regionCategory": "Recommended"],
                ]
            })
    }

    private func resources() throws(ControlError) -> ServiceAnswer {
        try require("Microsoft.Resources/subscriptions/resources/read")
        if path.id.group != nil { _ = try control.resources.get(path.id) }
        guard let text = request.parameter("$filter"), !text.isEmpty else {
            return Self.list(try control.resources.list(within: path.id))
        }
        guard let filter = ODataFilter(text) else {
            throw ControlError(
                .badRequest, "InvalidFilterInQueryString",
                "Invalid $filter '\(text)' specified in the query string: it compares fields with texts by eq, joined by and."
            )
        }
        let found = try control.resources.list(
            within: path.id, type: filter.wanted["resourcetype"])
        return Self.list(
            found.filter { document in
                filter.wanted.allSatisfy { name, value in
                    switch name {
                    case "resourcetype": true
                    case "resourcegroup":
                        ResourcePath(
                            (document["id"]?.string ?? "").split(separator: "/").map(String.init))?
                            .id.group?.name.equalsIgnoringCase(value) ?? false
                    default: document[name]?.string?.equalsIgnoringCase(value) ?? false
                    }
                }
            })
    }

    // MARK: Vaults, and what is posted

    private func vault(
        _ type: String, _ body: () throws(ControlError) -> JSON
    ) throws(ControlError) -> ServiceAnswer? {
        let subscription = path.id.subscription ?? ""
        switch (request.method, type) {
        case ("GET", "microsoft.keyvault/deletedvaults"):
            try require("Microsoft.KeyVault/deletedVaults/read")
            return Self.list(try control.deletedVaults.list(subscription: subscription))
        case ("GET", "microsoft.keyvault/deletedmanagedhsms"): return Self.list([])
        case ("GET", "microsoft.keyvault/locations/deletedvaults") where path.rest == nil:
            try require("Microsoft.KeyVault/locations/deletedVaults/read")
            return ServiceAnswer(
                try control.deletedVaults.get(path.id.name, subscription: subscription))
        case ("POST", "microsoft.keyvault/locations/deletedvaults/purge"):
            try require("Microsoft.KeyVault/locations/deletedVaults/purge/action")
            try control.deletedVaults.purge(path.id.name, subscription: subscription)
            return ServiceAnswer(status: 200)
        case ("PUT", "microsoft.keyvault/vaults/accesspolicies"):
            guard let vault = path.id.parent,
                let change = VaultPolicies.Change(rawValue: path.id.name.lowercased())
            else { return nil }
            try require("Microsoft.KeyVault/vaults/accessPolicies/write")
            let policies = try control.vaultPolicies.change(
                change, of: vault, body()["properties"]?["accessPolicies"]?.array ?? [],
                apiVersion: apiVersion, as: caller)
            return ServiceAnswer([
                "id": .string("\(path.id)"), "name": .string(path.id.name),
                "type": "Microsoft.KeyVault/vaults/accessPolicies",
                "properties": ["accessPolicies": .array(policies)],
            ])
        default: return nil
        }
    }

    private func post(
        _ action: String, _ body: () throws(ControlError) -> JSON
    ) throws(ControlError) -> ServiceAnswer {
        let id = path.id
        let known = action.lowercased()
        switch (id.type.lowercased(), known) {
        case (_, "checknameavailability"):
            return try nameAvailability(body()["name"]?.string ?? "")
        case (_, "register") where path.namespace != nil:
            return ServiceAnswer(
                CloudMetadata.provider(path.namespace ?? "", subscription: id.subscription ?? ""))
        case ("microsoft.storage/storageaccounts", "listkeys"),
            ("microsoft.storage/storageaccounts", "regeneratekey"):
            try require("Microsoft.Storage/storageAccounts/\(known)/action")
            _ = try control.resources.get(id)
            if known == "regeneratekey" {
                try control.accountKeys.regenerate(body()["keyName"]?.string ?? "", of: id)
            }
            let keys = try control.accountKeys.keys(of: id)
            return ServiceAnswer([
                "keys": .array(
                    keys.map { key in
                        [
                            "keyName": .string(key.name), "value": .string(key.value),
                            "permissions": "FULL", "creationTime": .string(key.created),
                        ]
                    })
            ])
        default:
            throw ControlError(
                .notFound, "ActionNotFound",
                "Sluice doesn't have the action '\(action)' of \(path.namespace ?? id.type).")
        }
    }

    private func nameAvailability(_ name: String) throws(ControlError) -> ServiceAnswer {
        let kind = path.namespace?.lowercased() == "microsoft.keyvault" ? "vault" : "storage"
        let isTaken = try control.names.resource(named: name, kind: kind) != nil
        var answer: JSON = ["nameAvailable": .bool(!isTaken)]
        if isTaken {
            answer["reason"] = "AlreadyExists"
            answer["message"] = .string("The name \(name) is already taken.")
        }
        return ServiceAnswer(answer)
    }
}
#endif
