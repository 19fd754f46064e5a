internal import SluiceAccess

/// The key that the service gave a user to sign shared access signatures with: what names it, not its value.
///
/// The value is derived from this and a secret of the account, so that none needs to be kept.
public struct UserDelegation: Hashable, Sendable {
    /// The longest that a key is valid, in seconds.
    public static let longestSeconds: Int64 = 7 * 86_400

    /// The user's object id.
    public var objectID: String
    /// The user's tenant.
    public var tenantID: String
    /// From when on it is valid.
    public var start: BlobTime
    /// Until when.
    public var expiry: BlobTime
    /// The service it is for: `b`.
    public var service: String
    /// The version it was asked for with.
    public var version: String
    /// The tenant of the user that signatures may be made for; nil for anybody's.
    public var delegatedTenantID: String?

    /// A key that is given now.
    public init(
        objectID: String, tenantID: String, request: UserDelegationRequest, version: String
    ) {
        self.objectID = objectID
        self.tenantID = tenantID
        start = request.start
        expiry = request.expiry
        service = "b"
        self.version = version
        delegatedTenantID = request.delegatedTenantID
    }

    /// The one in a signature; nil for one under the account's key.
    init?(_ sent: [String: String]) throws(BlobRefusal) {
        let names = ["skoid", "sktid", "skt", "ske", "sks", "skv"]
        guard names.contains(where: { sent[$0] != nil }) else { return nil }
        guard let objectID = sent["skoid"], let tenantID = sent["sktid"],
            let start = try SharedAccessSignature.time("skt", sent),
            let expiry = try SharedAccessSignature.time("ske", sent), let version = sent["skv"],
            sent["sks"] == "b"
        else {
            throw .authentication("A user delegation has skoid, sktid, skt, ske, sks=b and skv.")
        }
        self.objectID = objectID
        self.tenantID = tenantID
        self.start = start
        self.expiry = expiry
        service = "b"
        self.version = version
        delegatedTenantID = sent["skdutid"]
    }

    /// What the key's value is the HMAC of: fields that hold no line end, a line each.
    public var derivationInput: [UInt8] {
        let fields = [
            objectID, tenantID, start.plain, expiry.plain, service, version,
            delegatedTenantID ?? "",
        ]
        return Array(fields.joined(separator: "\n").utf8)
    }

    /// The answer's document, with the key's value.
    public func document(value: [UInt8]) -> [UInt8] {
        var writer = XMLWriter()
        writer.open("UserDelegationKey")
        writer.element("SignedOid", objectID)
        writer.element("SignedTid", tenantID)
        writer.element("SignedStart", start.plain)
        writer.element("SignedExpiry", expiry.plain)
        writer.element("SignedService", service)
        writer.element("SignedVersion", version)
        if let delegatedTenantID { writer.element("SignedDelegatedUserTid", delegatedTenantID) }
        writer.element("Value", Base64.encode(value))
        writer.close("UserDelegationKey")
        return writer.bytes
    }
}

/// A request for a key to delegate with.
public struct UserDelegationRequest: Hashable, Sendable {
    /// From when on.
    public let start: BlobTime
    /// Until when.
    public let expiry: BlobTime
    /// The tenant of the user that it may be for.
    public let delegatedTenantID: String?

    /// Reads the document of the request, `KeyInfo`.
    ///
    /// Throws `InvalidXmlDocument`, `MissingRequiredXmlNode`, and `InvalidXmlNodeValue` for what is no time, an end that isn't
    /// behind the start and the present, or more than seven days from now.
    public init(_ document: [UInt8], at now: BlobTime) throws(BlobRefusal) {
        var reader = try XMLReader(document, root: "KeyInfo")
        var start = now
        var expiry: BlobTime?
        var tenant: String?
        while let name = try reader.child() {
            switch name {
            case "Start": start = try Self.time(name, try reader.text())
            case "Expiry": expiry = try Self.time(name, try reader.text())
            case "DelegatedUserTid":
                tenant = try reader.text()
                guard tenant?.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) ?? true else {
                    throw .node(name)
                }
            default: try reader.skip()
            }
        }
        try reader.finish()
        guard let expiry else { throw .node("Expiry", .missingRequiredXmlNode) }
        guard start < expiry, now < expiry,
            expiry.seconds - now.seconds <= UserDelegation.longestSeconds
        else { throw .node("Expiry") }
        self.start = BlobTime(seconds: start.seconds)
        self.expiry = BlobTime(seconds: expiry.seconds)
        delegatedTenantID = tenant
    }

    private static func time(_ name: String, _ text: String) throws(BlobRefusal) -> BlobTime {
        guard let time = BlobTime(iso: text) else { throw .node(name) }
        return time
    }
}
