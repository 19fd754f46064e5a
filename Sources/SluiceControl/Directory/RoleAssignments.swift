internal import SluiceNative
public import SluiceREST

/// Roles, and to whom they are assigned, at any scope. For any thread.
public struct RoleAssignments: Sendable {
    private let documents: Documents
    private let access: Access
    private let principals: Principals
    private let vaults: VaultAccess

    init(
        _ documents: Documents, _ access: Access, _ principals: Principals, _ vaults: VaultAccess
    ) {
        self.vaults = vaults
        self.documents = documents
        self.access = access
        self.principals = principals
    }

    // MARK: Definitions

    /// All roles, as seen at a scope.
    public func definitions(at scope: ResourceID) throws(ControlError) -> [JSON] {
        let shown = Self.shownScope(scope)
        return (RoleDefinition.builtIn + (try access.custom())).map { $0.document(scope: shown) }
    }

    /// One role.
    ///
    /// - Throws: `RoleDefinitionDoesNotExist`.
    public func definition(_ id: String, at scope: ResourceID) throws(ControlError) -> JSON {
        guard let role = try access.definition(id) else { throw Self.missingRole(id) }
        return role.document(scope: Self.shownScope(scope))
    }

    /// Makes or changes a role of the caller's own.
    public func putDefinition(
        _ id: String, at scope: ResourceID, _ body: JSON
    ) throws(ControlError) -> JSON {
        var document = body
        document["name"] = .string(id)
        guard let role = RoleDefinition(custom: document),
            !RoleDefinition.builtIn.contains(where: { $0.id.equalsIgnoringCase(id) })
        else {
            throw ControlError(
                .badRequest, "InvalidRoleDefinition",
                "The role '\(id)' is built in, or has no properties.")
        }
        try documents.put(document, as: Access.customRoles + id.lowercased())
        try settleVaults(at: .root)
        return role.document(scope: Self.shownScope(scope))
    }

    /// Removes a role of somebody's own; whether there was one.
    ///
    /// - Throws: `RoleDefinitionHasAssignments` while somebody has it.
    public func deleteDefinition(_ id: String) throws(ControlError) -> Bool {
        guard try access.custom().contains(where: { $0.id.equalsIgnoringCase(id) }) else {
            return false
        }
        let isHeld = try documents.documents(under: "assignments/").contains {
            $0.document["properties"]?["roleDefinitionId"]?.string?.lowercased()
                .hasSuffix("/" + id.lowercased()) == true
        }
        guard !isHeld else {
            throw ControlError(
                .badRequest, "RoleDefinitionHasAssignments",
                "There are existing role assignments referencing the role '\(id)': remove them first."
            )
        }
        try documents.remove(Access.customRoles + id.lowercased())
        // Somebody may have been given it meanwhile.
        try settleVaults(at: .root)
        return true
    }

    private func settleVaults(at scope: ResourceID) throws(ControlError) {
        var confirmations = Confirmations()
        try vaults.settle(at: scope, &confirmations)
        try confirmations.require()
    }

    private static func shownScope(_ scope: ResourceID) -> String {
        scope.subscription.map { "/subscriptions/\($0)" } ?? "/"
    }

    private static func missingRole(_ id: String) -> ControlError {
        ControlError(
            .badRequest, "RoleDefinitionDoesNotExist",
            "The specified role definition with ID '\(id)' does not exist.")
    }

    // MARK: Assignments

    /// Assigns a role at a scope; whether it is new.
    ///
    /// - Throws: `RoleAssignmentExists`, `RoleDefinitionDoesNotExist`, `PrincipalNotFound`.
    public func put(
        _ name: String, at scope: ResourceID, _ body: JSON
    ) throws(ControlError) -> (document: JSON, isNew: Bool) {
        let properties = body["properties"] ?? body
        guard let principalID = properties["principalId"]?.string,
            let roleID = properties["roleDefinitionId"]?.string
        else {
            throw ControlError(
                .badRequest, "InvalidRequestContent",
                "A role assignment needs properties.principalId and properties.roleDefinitionId.")
        }
        let id = String(roleID.split(separator: "/").last ?? "")
        guard let role = try access.definition(id) else { throw Self.missingRole(id) }
        let shownRole =
            "\(Self.shownScope(scope))/providers/Microsoft.Authorization/roleDefinitions/\(role.id)"
        let place = Access.place(scope) + name.lowercased()
        for (other, document) in try documents.documents(under: Access.place(scope))
        where other != place
            && document["properties"]?["principalId"]?.string?.equalsIgnoringCase(principalID)
                == true
            && document["properties"]?["roleDefinitionId"]?.string?.hasSuffix(role.id) == true
        {
            throw ControlError(
                .conflict, "RoleAssignmentExists",
                "The role assignment already exists. The ID of the existing role assignment is \(document["name"]?.string ?? "")."
            )
        }
        let isKnown = try principals.principal(objectID: principalID) != nil
        guard isKnown || properties.present("principalType") != nil else {
            throw ControlError(
                .badRequest, "PrincipalNotFound",
                "Principal \(principalID) does not exist in the directory. Check that you have the correct principal ID."
            )
        }
        let now = JSON.string(Timestamp.text(milliseconds: WallClock.nowMilliseconds))
        let shownScope = scope.key == "/" ? "/" : "\(scope)"
        let document: JSON = [
            "id": .string(
                "\(scope.key == "/" ? "" : shownScope)/providers/\(Access.assignmentType)/\(name)"),
            "name": .string(name), "type": .string(Access.assignmentType),
            "properties": [
                "roleDefinitionId": .string(shownRole), "principalId": .string(principalID),
                "principalType": properties.present("principalType") ?? "ServicePrincipal",
                "scope": .string(shownScope), "condition": properties["condition"] ?? .null,
                "createdOn": now, "updatedOn": now,
            ],
        ]
        let (old, new) = try documents.change(place) { _ throws(ControlError) in document }
        try settleVaults(at: scope)
        return (new, old == nil)
    }

    /// One assignment; nil if there is none.
    public func find(_ name: String, at scope: ResourceID) throws(ControlError) -> JSON? {
        try documents.document(Access.place(scope) + name.lowercased())
    }

    /// Takes an assignment back; what it was, nil if there was none.
    public func delete(_ name: String, at scope: ResourceID) throws(ControlError) -> JSON? {
        let document = try find(name, at: scope)
        try documents.remove(Access.place(scope) + name.lowercased())
        // If it was gone, too: who asks again may have been told that it isn't confirmed.
        try settleVaults(at: scope)
        return document
    }

    /// The assignments that hold at a scope, and those within it unless it is to be at the scope alone.
    public func list(
        at scope: ResourceID, withinToo: Bool, principalID: String? = nil
    ) throws(ControlError) -> [JSON] {
        var found: [JSON] = []
        for outer in scope.lineage { found += try access.assignments(at: outer) }
        if withinToo {
            let prefix = "assignments\(scope.key == "/" ? "" : scope.key)/"
            found += try documents.documents(under: prefix).filter {
                !$0.name.hasPrefix(prefix + "@/")
            }
            .map(\.document)
        }
        guard let principalID else { return found }
        return found.filter {
            $0["properties"]?["principalId"]?.string?.equalsIgnoringCase(principalID) == true
        }
    }
}
