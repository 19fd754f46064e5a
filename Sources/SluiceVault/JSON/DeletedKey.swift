public import SluiceAccess

/// A deleted key, with its newest version, as Key Vault's REST interface shows it; or a version that was
/// deleted by itself.
public struct DeletedKeyBundle: Codable, Hashable, Sendable {
    /// The public key and what it might be used for.
    public let key: JSONWebKey
    /// Validity and times.
    public let attributes: KeyAttributes
    /// The caller's own notes; nil for none.
    public let tags: [String: String]?
    /// Where it would be recovered.
    public let recoveryId: RecoveryIdentifier
    /// When it was deleted, in seconds since 1970.
    public let deletedDate: Int
    /// When it goes for good, in seconds since 1970.
    public let scheduledPurgeDate: Int
    /// What the real service would have done otherwise; nil for nothing.
    public let note: String?

    static let singleVersionNote =
        "only this version is deleted; Azure Key Vault deletes all versions of a key at once"
}

/// A deleted key, or a version that was deleted by itself, in a listing.
public struct DeletedKeyItem: Codable, Hashable, Sendable {
    /// The identifier, with its version if that alone is deleted.
    public let kid: KeyIdentifier
    /// Validity and times; of a key, those of its newest version.
    public let attributes: KeyAttributes
    /// The caller's own notes; nil for none.
    public let tags: [String: String]?
    /// As ``DeletedKeyBundle/recoveryId``.
    public let recoveryId: RecoveryIdentifier
    /// When it was deleted, in seconds since 1970.
    public let deletedDate: Int
    /// When it goes for good, in seconds since 1970.
    public let scheduledPurgeDate: Int
}

/// Where a deleted key, or version, is shown and recovered: `https://VAULT.vault.localhost/deletedkeys/NAME[/VERSION]`.
public struct RecoveryIdentifier: Codable, Hashable, Sendable {
    /// The key, or the version that alone is deleted.
    public let key: KeyIdentifier

    init(_ key: KeyIdentifier) { self.key = key }

    /// Reads the identifier's text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        let parts = text.split(separator: "/deletedkeys/", maxSplits: 1)
        do {
            key = try KeyIdentifier(parsing: parts.joined(separator: "/keys/"))
        } catch {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: error.message)
        }
    }

    /// Writes the identifier's text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(key.text(in: "deletedkeys", at: encoder.vaultURI))
    }
}
