/// How readily a blob is to be had. Here all are kept alike; an archived one isn't read until it has been taken out.
public enum BlobTier: String, CaseIterable, Sendable {
    /// At once, the default.
    case hot = "Hot"
    /// At once.
    case cool = "Cool"
    /// At once.
    case cold = "Cold"
    /// Only after a while.
    case archive = "Archive"

    /// The tier that a request's header says; nil without it.
    ///
    /// Throws `InvalidHeaderValue` for another, also for those of page blobs.
    public static func read(_ headers: HeaderFields) throws(BlobRefusal) -> Self? {
        let name = "x-ms-access-tier"
        guard let text = headers[name], !text.isEmpty else { return nil }
        guard let tier = allCases.first(where: { $0.rawValue.equalsIgnoringCase(text) }) else {
            throw .header(name, text, "It is Hot, Cool, Cold or Archive.")
        }
        return tier
    }
}

/// How soon an archived blob is to be taken out.
public enum RehydratePriority: String, CaseIterable, Sendable {
    /// In the turn of all.
    case standard = "Standard"
    /// Before them.
    case high = "High"

    /// What a request's header says; nil without it. Throws `InvalidHeaderValue` for another.
    public static func read(_ headers: HeaderFields) throws(BlobRefusal) -> Self? {
        let name = "x-ms-rehydrate-priority"
        guard let text = headers[name], !text.isEmpty else { return nil }
        guard let priority = allCases.first(where: { $0.rawValue.equalsIgnoringCase(text) }) else {
            throw .header(name, text, "It is Standard or High.")
        }
        return priority
    }
}

/// The headers of Set Blob Tier.
public struct TierRequest: Hashable, Sendable {
    /// Where the blob is to go.
    public let tier: BlobTier
    /// How soon, out of the archive.
    public let priority: RehydratePriority?
    /// The lease that it is done under.
    public let lease: String?

    /// Throws `MissingRequiredHeader` without a tier, and `InvalidHeaderValue`.
    public init(_ headers: HeaderFields) throws(BlobRefusal) {
        guard let tier = try BlobTier.read(headers) else {
            throw .missingHeader("x-ms-access-tier")
        }
        guard headers["x-ms-if-tags"] == nil else { throw .notEmulated("Conditions on tags") }
        self.tier = tier
        priority = try RehydratePriority.read(headers)
        lease = try LeaseRequest.id(headers)
    }

    /// HTTP's status: 202 where the blob is taken out of the archive, which takes a while.
    public func successStatus(from before: BlobTier) -> Int {
        before == .archive && tier != .archive ? 202 : 200
    }
}
