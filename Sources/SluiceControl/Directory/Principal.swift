internal import SluiceREST

/// Somebody who is given tokens: an application, or the identity of a resource.
public struct Principal: Hashable, Sendable {
    /// What it is.
    public enum Kind: String, Sendable {
        /// An application with secrets.
        case application = "Application"
        /// The identity of one resource, which goes with it.
        case systemAssigned = "SystemAssigned"
        /// An identity that is a resource itself.
        case userAssigned = "UserAssigned"
    }

    /// The object id, by which policies and roles name it.
    public let objectID: String
    /// The tenant that it belongs to.
    public let tenantID: String
    /// The application, or client, id.
    public let appID: String
    /// For people.
    public let displayName: String
    /// What it is.
    public let kind: Kind
    /// The resource whose identity it is; nil of an application.
    public let resource: String?

    init(
        objectID: String, tenantID: String, appID: String, displayName: String, kind: Kind,
        resource: String? = nil
    ) {
        self.objectID = objectID
        self.tenantID = tenantID
        self.appID = appID
        self.displayName = displayName
        self.kind = kind
        self.resource = resource
    }

    init?(_ document: JSON) {
        guard let objectID = document["objectId"]?.string,
            let tenantID = document["tenantId"]?.string,
            let appID = document["appId"]?.string,
            let displayName = document["displayName"]?.string,
            let kind = document["kind"]?.string.flatMap(Kind.init)
        else { return nil }
        self.init(
            objectID: objectID, tenantID: tenantID, appID: appID, displayName: displayName,
            kind: kind, resource: document["resource"]?.string)
    }

    var document: JSON {
        var document: JSON = [
            "objectId": .string(objectID), "tenantId": .string(tenantID), "appId": .string(appID),
            "displayName": .string(displayName), "kind": .string(kind.rawValue),
        ]
        document["resource"] = resource.map(JSON.string)
        return document
    }
}
