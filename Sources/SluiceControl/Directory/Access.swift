internal import SluiceREST

/// Who may do what, by role assignments: each holds for its scope and all within. For any thread.
public final class Access: Sendable {
    static let assignmentType = "Microsoft.Authorization/roleAssignments"
    static let definitionType = "Microsoft.Authorization/roleDefinitions"

    private let documents: Documents

    init(_ documents: Documents) { self.documents = documents }

    /// Whether somebody may do an action on a resource.
    ///
    /// - Parameters:
    ///   - action: As in `Microsoft.KeyVault/vaults/write`; of data, as in `Microsoft.KeyVault/vaults/keys/read`.
    ///   - onData: Whether it is one on data, which no role for resources gives.
    public func allows(
        _ objectID: String, _ action: String, on resource: ResourceID, onData: Bool = false
    ) throws(ControlError) -> Bool {
        for scope in resource.lineage {
            for assignment in try assignments(at: scope)
            where assignment["properties"]?["principalId"]?.string?.equalsIgnoringCase(objectID)
                == true
            {
                guard let id = assignment["properties"]?["roleDefinitionId"]?.string,
                    let role = try definition(String(id.split(separator: "/").last ?? ""))
                else { continue }
                if role.allows(action, onData: onData) { return true }
            }
        }
        return false
    }

    /// Returns if somebody may.
    ///
    /// - Throws: `AuthorizationFailed`.
    public func require(
        _ objectID: String, _ action: String, on resource: ResourceID
    ) throws(ControlError) {
        guard try !allows(objectID, action, on: resource) else { return }
        throw ControlError(
            .forbidden, "AuthorizationFailed",
            "The client with object id '\(objectID)' does not have authorization to perform action '\(action)' over "
                + "scope '\(resource)' or the scope is invalid. If access was recently granted, please refresh your credentials."
        )
    }

    /// The role of a GUID; nil if there is none.
    func definition(_ id: String) throws(ControlError) -> RoleDefinition? {
        if let role = RoleDefinition.builtIn.first(where: { $0.id.equalsIgnoringCase(id) }) {
            return role
        }
        return try custom().first { $0.id.equalsIgnoringCase(id) }
    }

    /// The roles that somebody made.
    func custom() throws(ControlError) -> [RoleDefinition] {
        try documents.documents(under: Self.customRoles).compactMap {
            RoleDefinition(custom: $0.document)
        }
    }

    /// The documents of the assignments at a scope itself.
    func assignments(at scope: ResourceID) throws(ControlError) -> [JSON] {
        try documents.documents(under: Self.place(scope)).map(\.document)
    }

    /// Where the documents of a scope's assignments are; apart from resources, for they are looked for at each request.
    static func place(_ scope: ResourceID) -> String {
        "assignments\(scope.key == "/" ? "" : scope.key)/@/"
    }

    static let customRoles = "roles/"
}
