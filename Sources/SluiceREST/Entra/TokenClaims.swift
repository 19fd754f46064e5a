/// What a token says (RFC 7519, and Entra's own claims of version 1.0).
public struct TokenClaims: Hashable, Sendable {
    /// Whom it is for: a resource.
    public var audience: String
    /// The tenant's id.
    public var tenantID: String
    /// The principal's object id.
    public var objectID: String
    /// The application's id.
    public var appID: String
    /// From when on it is good, in seconds since 1970.
    public var notBefore: Int
    /// Until when, likewise.
    public var expires: Int
    /// The resource whose managed identity it is; nil of an application.
    public var managedIdentity: String?

    /// All of it.
    public init(
        audience: String, tenantID: String, objectID: String, appID: String, notBefore: Int,
        expires: Int, managedIdentity: String? = nil
    ) {
        self.audience = audience
        self.tenantID = tenantID
        self.objectID = objectID
        self.appID = appID
        self.notBefore = notBefore
        self.expires = expires
        self.managedIdentity = managedIdentity
    }

    /// Who issues tokens of a tenant.
    public static func issuer(tenantID: String) -> String { "https://sts.windows.net/\(tenantID)/" }

    /// As JSON.
    public var document: JSON {
        var document: JSON = [
            "aud": .string(audience), "iss": .string(Self.issuer(tenantID: tenantID)),
            "iat": .integer(notBefore), "nbf": .integer(notBefore), "exp": .integer(expires),
            "appid": .string(appID), "appidacr": "1",
            "idp": .string(Self.issuer(tenantID: tenantID)),
            "idtyp": "app", "oid": .string(objectID), "sub": .string(objectID),
            "tid": .string(tenantID), "ver": "1.0",
        ]
        document["xms_mirid"] = managedIdentity.map(JSON.string)
        return document
    }

    /// Reads claims; nil if one is missing, or the issuer isn't the tenant's.
    public init?(_ document: JSON) {
        guard let audience = document["aud"]?.string, let tenantID = document["tid"]?.string,
            document["iss"]?.string == Self.issuer(tenantID: tenantID),
            let objectID = document["oid"]?.string, let appID = document["appid"]?.string,
            let notBefore = document["nbf"]?.integer, let expires = document["exp"]?.integer
        else { return nil }
        self.init(
            audience: audience, tenantID: tenantID, objectID: objectID, appID: appID,
            notBefore: notBefore, expires: expires,
            managedIdentity: document["xms_mirid"]?.string)
    }

    /// Whether two audiences are one: a slash at the end doesn't count, nor does case.
    public static func isSame(_ first: String, _ second: String) -> Bool {
        func bare(_ text: String) -> String {
            String(text.reversed().drop { $0 == "/" }.reversed())
        }
        return bare(first).equalsIgnoringCase(bare(second))
    }
}
