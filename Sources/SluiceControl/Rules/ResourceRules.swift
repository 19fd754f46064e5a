internal import SluiceREST

/// What is particular about a type of resource; a type without rules is stored as it comes. For any thread.
protocol ResourceRules: Sendable {
    /// The type, as Azure spells it.
    var type: String { get }

    /// Whether a resource of it has a region.
    var hasLocation: Bool { get }

    /// Returns if a resource may be made or changed; called before anything is.
    func check(_ change: ResourceChange) throws(ControlError)

    /// What is stored, of what was sent or merged: with what the service adds, and in its spelling. Called again if
    /// somebody else changed the resource meanwhile.
    func shape(_ new: JSON, old: JSON?, _ change: ResourceChange) throws(ControlError) -> JSON

    /// Brings about what the document says; called again when the service starts, and so to be done twice.
    func apply(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError)

    /// Brings about that it is gone; the document is still there.
    func remove(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError)
}

extension ResourceRules {
    var hasLocation: Bool { true }
    func check(_ change: ResourceChange) throws(ControlError) {}
    func shape(_ new: JSON, old: JSON?, _ change: ResourceChange) throws(ControlError) -> JSON {
        new
    }
    func apply(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {}
    func remove(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {}
}

/// A change that somebody asks for.
struct ResourceChange {
    let id: ResourceID
    /// What was sent.
    var body: JSON
    /// Whether it is merged into what is there.
    let isPatch: Bool
    /// As the client named it; some defaults depend on it.
    let apiVersion: String
    /// Of the resource's subscription.
    let tenantID: String
    /// Who asks.
    let caller: Principal
}

/// What has no rules of its own.
struct PlainRules: ResourceRules {
    let type = ""
    let hasLocation = false
}

/// Groups.
struct GroupRules: ResourceRules {
    let type = "Microsoft.Resources/resourceGroups"

    func check(_ change: ResourceChange) throws(ControlError) {
        let name = change.id.name
        let isValid = name.unicodeScalars.allSatisfy { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "-_.()".unicodeScalars.contains(scalar)
        }
        guard isValid, name.count <= 90, name.last != "." else {
            throw ControlError(
                .badRequest, "InvalidResourceGroup",
                "The provided resource group name '\(name.prefix(100))' has invalid characters or too many: it has up "
                    + "to 90 letters, digits and -_.(), and doesn't end with a period.")
        }
    }
}

/// User-assigned identities.
struct IdentityRules: ResourceRules {
    let type = "Microsoft.ManagedIdentity/userAssignedIdentities"
    let principals: Principals

    func shape(_ new: JSON, old: JSON?, _ change: ResourceChange) throws(ControlError) -> JSON {
        var new = new
        var properties: JSON = ["tenantId": .string(change.tenantID)]
        if let known = old?["properties"], known["principalId"]?.string != nil {
            properties = known
        } else {
            let made = try principals.makeIdentity(
                of: change.id, kind: .userAssigned, tenantID: change.tenantID)
            properties["principalId"] = .string(made.objectID)
            properties["clientId"] = .string(made.appID)
        }
        new["properties"] = properties
        return new
    }

    func remove(
        _ document: JSON, _ id: ResourceID, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        guard let principal = document["properties"]?["principalId"]?.string else { return }
        try principals.remove(objectID: principal, &confirmations)
    }
}
