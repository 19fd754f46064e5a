internal import SluiceREST

/// The block `identity` of a resource: who it is to others. For any thread.
struct ManagedIdentities: Sendable {
    private let principals: Principals
    private let documents: Documents

    init(_ principals: Principals, _ documents: Documents) {
        self.principals = principals
        self.documents = documents
    }

    /// The block as it is stored: a system-assigned identity is made when it is switched on, and its principal goes when
    /// it is switched off, so that a new one has none of the old permissions.
    func shape(_ new: JSON, old: JSON?, _ id: ResourceID, tenantID: String) throws(ControlError)
        -> JSON
    {
        var new = new
        guard let asked = new.present("identity"), let type = asked["type"]?.string,
            !type.equalsIgnoringCase("None")
        else {
            new["identity"] = nil
            return new
        }
        let kinds = type.lowercased()
        var identity: JSON = ["type": .string(type)]
        if kinds.contains("systemassigned") {
            let principalID: String
            if let known = Self.systemAssigned(old) {
                principalID = known
            } else {
                principalID = try principals.makeIdentity(
                    of: id, kind: .systemAssigned, tenantID: tenantID
                ).objectID
            }
            identity["principalId"] = .string(principalID)
            identity["tenantId"] = .string(tenantID)
        }
        if kinds.contains("userassigned") {
            var assigned: JSON = .object(JSONObject())
            for member in asked["userAssignedIdentities"]?.object?.members ?? [] {
                assigned[member.name] = try userAssigned(member.name)
            }
            identity["userAssignedIdentities"] = assigned
        }
        new["identity"] = identity
        return new
    }

    /// Removes the principal of a system-assigned identity that is no more.
    func settle(
        _ new: JSON?, old: JSON?, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        guard let known = Self.systemAssigned(old), Self.systemAssigned(new) != known else {
            return
        }
        try principals.remove(objectID: known, &confirmations)
    }

    private static func systemAssigned(_ document: JSON?) -> String? {
        document?["identity"]?["principalId"]?.string
    }

    private func userAssigned(_ text: String) throws(ControlError) -> JSON {
        let id = ResourceID(text.split(separator: "/").map(String.init))
        guard let document = try documents.document(Resources.place(id)),
            let properties = document["properties"]
        else {
            throw ControlError(
                .badRequest, "FailedIdentityOperation",
                "The identity '\(text)' was not found: create it first, or name another.")
        }
        return [
            "principalId": properties["principalId"] ?? .null,
            "clientId": properties["clientId"] ?? .null,
        ]
    }
}
