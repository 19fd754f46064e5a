internal import SluiceAccess
internal import SluiceREST

/// What a home is known by, and its secrets: made once, sealed among its documents.
public struct HomeState: Sendable {
    /// Proves that an answer comes from this home.
    public let nonce: String
    /// The secret by which a process gets tokens of the home's managed identity.
    public let identitySecret: String
    /// The tenants: the provider's, and its customer's.
    public let tenants: [HomeTenant]
    /// The certificate; nothing but its key is secret.
    public let certificate: HomeCertificate

    /// The tenant of a name, or of an id.
    public func tenant(_ nameOrID: String) -> HomeTenant? {
        tenants.first { $0.name == nameOrID || $0.id.equalsIgnoringCase(nameOrID) }
    }

    /// The tenant that a subscription belongs to.
    public func tenant(ofSubscription id: String) -> HomeTenant? {
        tenants.first { $0.subscription.equalsIgnoringCase(id) }
    }

    init(nonce: String, identitySecret: String, tenants: [HomeTenant], certificate: HomeCertificate)
    {
        self.nonce = nonce
        self.identitySecret = identitySecret
        self.tenants = tenants
        self.certificate = certificate
    }

    init?(_ document: JSON) {
        guard let nonce = document["nonce"]?.string,
            let identitySecret = document["identitySecret"]?.string,
            let tenants = document["tenants"]?.array,
            let certificate = document["certificate"].flatMap(HomeCertificate.init)
        else { return nil }
        self.init(
            nonce: nonce, identitySecret: identitySecret,
            tenants: tenants.compactMap(HomeTenant.init),
            certificate: certificate)
    }

    var document: JSON {
        [
            "nonce": .string(nonce), "identitySecret": .string(identitySecret),
            "tenants": .array(tenants.map(\.document)), "certificate": certificate.document,
        ]
    }

    /// This with another certificate.
    func with(_ certificate: HomeCertificate) -> HomeState {
        HomeState(
            nonce: nonce, identitySecret: identitySecret, tenants: tenants, certificate: certificate
        )
    }
}

/// A tenant of a home, with its subscription and its administrator.
public struct HomeTenant: Sendable {
    /// `provider` or `customer`.
    public let name: String
    /// Its id.
    public let id: String
    /// The id of its subscription.
    public let subscription: String
    /// The administrator's application id.
    public let appID: String
    /// The administrator's object id.
    public let objectID: String
    /// The administrator's secret, which can be shown again.
    public let secret: String
    /// The storage account that is there from the start.
    public let account: String

    init(
        name: String, id: String, subscription: String, appID: String, objectID: String,
        secret: String, account: String
    ) {
        self.name = name
        self.id = id
        self.subscription = subscription
        self.appID = appID
        self.objectID = objectID
        self.secret = secret
        self.account = account
    }

    init?(_ document: JSON) {
        let text = { (name: String) in document[name]?.string }
        guard let name = text("name"), let id = text("id"), let subscription = text("subscription"),
            let appID = text("appId"), let objectID = text("objectId"), let secret = text("secret"),
            let account = text("account")
        else { return nil }
        self.init(
            name: name, id: id, subscription: subscription, appID: appID, objectID: objectID,
            secret: secret, account: account)
    }

    var document: JSON {
        [
            "name": .string(name), "id": .string(id), "subscription": .string(subscription),
            "appId": .string(appID), "objectId": .string(objectID), "secret": .string(secret),
            "account": .string(account),
        ]
    }

    /// The group that is there from the start.
    public var group: ResourceID {
        ResourceID(["subscriptions", subscription, "resourceGroups", "rg-sluice"])
    }

    /// The managed identity whose tokens a process gets that names none.
    public var identity: ResourceID {
        group.appending("Microsoft.ManagedIdentity/userAssignedIdentities", "id-sluice")
    }

    var administrator: Principal {
        Principal(
            objectID: objectID, tenantID: id, appID: appID, displayName: "\(name) administrator",
            kind: .application)
    }
}

/// A server's certificate, its key, and the authority that signed it and nothing else.
public struct HomeCertificate: Sendable {
    /// The authority (DER).
    public let authority: [UInt8]
    /// The server's (DER).
    public let leaf: [UInt8]
    /// The server's private key (DER).
    public let leafKey: [UInt8]
    /// When it ends, in milliseconds since 1970.
    public let expiresMilliseconds: Int

    init(authority: [UInt8], leaf: [UInt8], leafKey: [UInt8], expiresMilliseconds: Int) {
        self.authority = authority
        self.leaf = leaf
        self.leafKey = leafKey
        self.expiresMilliseconds = expiresMilliseconds
    }

    init?(_ document: JSON) {
        let bytes = { (name: String) in document[name]?.string.flatMap { Base64.decode($0) } }
        guard let authority = bytes("authority"), let leaf = bytes("leaf"),
            let leafKey = bytes("leafKey"), let expires = document["expires"]?.integer
        else { return nil }
        self.init(
            authority: authority, leaf: leaf, leafKey: leafKey, expiresMilliseconds: expires)
    }

    var document: JSON {
        [
            "authority": .string(Base64.encode(authority)), "leaf": .string(Base64.encode(leaf)),
            "leafKey": .string(Base64.encode(leafKey)), "expires": .integer(expiresMilliseconds),
        ]
    }
}
