internal import SluiceAccess
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
        try held(on: resource) { $0.equalsIgnoringCase(objectID) }
            .contains { $0.role.allows(action, onData: onData) }
    }

    /// What each may do with a vault's keys.
    func keyPermissions(at vault: ResourceID) throws(ControlError) -> KeyPermissionTable {
        var table: KeyPermissionTable = [:]
        for (objectID, role) in try held(on: vault, by: { _ in true }) {
            let operations = KeyOperation.allCases.filter {
                role.allows($0.dataAction, onData: true)
            }
            guard !operations.isEmpty else { continue }
            table[objectID.lowercased(), default: []].formUnion(operations)
        }
        return table
    }

    /// The roles on a resource and all that it is in.
    private func held(
        on resource: ResourceID, by isAsked: (String) -> Bool
    ) throws(ControlError) -> [(objectID: String, role: RoleDefinition)] {
        var found: [(objectID: String, role: RoleDefinition)] = []
        for scope in resource.lineage {
            for assignment in try assignments(at: scope) {
                guard let objectID = assignment["properties"]?["principalId"]?.string,
                    isAsked(objectID),
                    let id = assignment["properties"]?["roleDefinitionId"]?.string,
                    let role = try definition(String(id.split(separator: "/").last ?? ""))
                else { continue }
                found.append((objectID, role))
            }
        }
        return found
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

extension KeyOperation {
    /// The action on data that a role allows it by.
    fileprivate var dataAction: String {
        let vaults = "Microsoft.KeyVault/vaults"
        return switch self {
        case .get, .list: "\(vaults)/keys/read"
        case .delete: "\(vaults)/keys/delete"
        case .wrapKey: "\(vaults)/keys/wrap/action"
        case .unwrapKey: "\(vaults)/keys/unwrap/action"
        case .getRotationPolicy: "\(vaults)/keyrotationpolicies/read"
        case .setRotationPolicy: "\(vaults)/keyrotationpolicies/write"
        case .update, .create, .import, .recover, .backup, .restore, .purge, .encrypt, .decrypt,
            .sign, .verify, .rotate:
            "\(vaults)/keys/\(rawValue)/action"
        }
    }
}
