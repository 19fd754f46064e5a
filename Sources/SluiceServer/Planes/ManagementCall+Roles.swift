#if Service
internal import SluiceControl
internal import SluiceREST

// Roles and their assignments.
extension ManagementCall {
    func authorization(
        _ type: String, _ body: () throws(ControlError) -> JSON
    ) throws(ControlError) -> ServiceAnswer {
        let roles = control.roleAssignments
        let isCollection = path.rest != nil
        // A collection's scope is what the path names; a role's is what it is on.
        let scope = isCollection ? path.id : path.id.parent ?? .root
        let name = path.id.name
        let isOne =
            type.hasSuffix("/roleassignments")
            ? "Microsoft.Authorization/roleAssignments" : "Microsoft.Authorization/roleDefinitions"
        let verb =
            switch request.method {
            case "GET", "HEAD": "read"
            case "DELETE": "delete"
            default: "write"
            }
        // Everybody may read what roles there are at the root.
        if scope != .root {
            try control.access.require(caller.objectID, "\(isOne)/\(verb)", on: scope)
        }
        switch (request.method, type, isCollection) {
        case ("GET", "microsoft.authorization/roledefinitions", true):
            return Self.list(try filtered(roles.definitions(at: scope)))
        case ("GET", "microsoft.authorization/roledefinitions", false):
            return ServiceAnswer(try roles.definition(name, at: scope))
        case ("PUT", "microsoft.authorization/roledefinitions", false):
            try requireScope(scope)
            return ServiceAnswer(try roles.putDefinition(name, at: scope, body()), status: 201)
        case ("DELETE", "microsoft.authorization/roledefinitions", false):
            try requireScope(scope)
            let known = try? roles.definition(name, at: scope)
            return try roles.deleteDefinition(name)
                ? ServiceAnswer(known ?? .null) : ServiceAnswer(status: 204)
        case ("GET", "microsoft.authorization/roleassignments", true):
            return try assignments(at: scope)
        case ("GET", "microsoft.authorization/roleassignments", false):
            guard let found = try roles.find(name, at: scope) else {
                throw ControlError(
                    .notFound, "RoleAssignmentNotFound",
                    "The role assignment '\(name)' is not found.")
            }
            return ServiceAnswer(found)
        case ("PUT", "microsoft.authorization/roleassignments", false):
            try requireScope(scope)
            let made = try roles.put(name, at: scope, body())
            return ServiceAnswer(made.document, status: made.isNew ? 201 : 200)
        case ("DELETE", "microsoft.authorization/roleassignments", false):
            try requireScope(scope)
            guard let gone = try roles.delete(name, at: scope) else {
                return ServiceAnswer(status: 204)
            }
            return ServiceAnswer(gone)
        default:
            throw ControlError(
                .notFound, "InvalidResourceType",
                "Sluice has role definitions and assignments, and '\(request.method) \(request.path)' is none."
            )
        }
    }

    /// A scope that somebody has given roles for must be somebody's, and be there.
    private func requireScope(_ scope: ResourceID) throws(ControlError) {
        guard scope.subscription != nil else {
            throw ControlError(
                .forbidden, "AuthorizationFailed",
                "Roles are assigned in subscriptions: name a scope in one.")
        }
        if scope.segments.count > 2 { _ = try control.resources.get(scope) }
    }

    private func filtered(_ definitions: [JSON]) throws(ControlError) -> [JSON] {
        guard let text = request.parameter("$filter"), let filter = ODataFilter(text) else {
            return definitions
        }
        return definitions.filter { definition in
            filter.wanted.allSatisfy { name, value in
                definition["properties"]?[name]?.string?.equalsIgnoringCase(value) ?? false
            }
        }
    }

    private func assignments(at scope: ResourceID) throws(ControlError) -> ServiceAnswer {
        let filter = request.parameter("$filter").flatMap(ODataFilter.init)
        let principal = filter?.wanted["principalid"] ?? filter?.wanted["assignedto"]
        return Self.list(
            try control.roleAssignments.list(
                at: scope, withinToo: filter?.functions.contains("atscope()") != true,
                principalID: principal))
    }
}
#endif
