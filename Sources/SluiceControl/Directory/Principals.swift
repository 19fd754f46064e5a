internal import SluiceNative
internal import SluiceREST

/// The principals of all tenants, and their secrets. For any thread.
public final class Principals: Sendable {
    private let documents: Documents
    private let unique: UniqueText
    private let vaults: EmbeddedVaults

    init(_ documents: Documents, _ unique: UniqueText, _ vaults: EmbeddedVaults) {
        self.documents = documents
        self.unique = unique
        self.vaults = vaults
    }

    /// The principal of an object id; nil if there is none, or no more.
    public func principal(objectID: String) throws(ControlError) -> Principal? {
        try documents.document(Self.name(objectID)).flatMap(Principal.init)
    }

    /// The principal of an application id in a tenant.
    public func principal(appID: String, tenantID: String) throws(ControlError) -> Principal? {
        guard let found = try documents.document(Self.appName(appID, tenantID))?["objectId"]?.string
        else { return nil }
        return try principal(objectID: found)
    }

    /// The principals of a tenant.
    public func principals(tenantID: String) throws(ControlError) -> [Principal] {
        try documents.documents(under: "principals/").compactMap { Principal($0.document) }
            .filter { $0.tenantID == tenantID }
    }

    /// The application whose secret this is; nil if it is nobody's.
    public func application(
        appID: String, tenantID: String, secret: String
    ) throws(ControlError) -> Principal? {
        guard let principal = try principal(appID: appID, tenantID: tenantID),
            let known = try documents.document("secrets/\(principal.objectID)")?["secret"]?.string,
            constantTimeEqual(Array(known.utf8).span, Array(secret.utf8).span)
        else { return nil }
        return principal
    }

    /// Makes the identity of a resource.
    func makeIdentity(
        of resource: ResourceID, kind: Principal.Kind, tenantID: String
    ) throws(ControlError) -> Principal {
        let principal = Principal(
            objectID: try unique.uuid(), tenantID: tenantID, appID: try unique.uuid(),
            displayName: resource.name, kind: kind, resource: resource.key)
        try add(principal)
        return principal
    }

    /// Adds a principal, and its secret if it has one.
    func add(_ principal: Principal, secret: String? = nil) throws(ControlError) {
        if let secret {
            try documents.put(["secret": .string(secret)], as: "secrets/\(principal.objectID)")
        }
        try documents.put(principal.document, as: Self.name(principal.objectID))
        try documents.put(
            ["objectId": .string(principal.objectID)],
            as: Self.appName(principal.appID, principal.tenantID))
    }

    /// Removes a principal: no vault takes it, and its tokens are refused from now on. What it was permitted stays, and
    /// is nobody's.
    func remove(
        objectID: String, _ confirmations: inout Confirmations
    ) throws(ControlError) {
        guard let principal = try principal(objectID: objectID) else { return }
        // First: while the documents are there, what was cut short is done again.
        try vaults.switchOff(objectID, &confirmations)
        try documents.remove(Self.name(objectID))
        try documents.remove(Self.appName(principal.appID, principal.tenantID))
        try documents.remove("secrets/\(objectID)")
    }

    private static func name(_ objectID: String) -> String {
        "principals/\(objectID.lowercased())"
    }

    private static func appName(_ appID: String, _ tenantID: String) -> String {
        "applications/\(tenantID.lowercased())/\(appID.lowercased())"
    }
}
