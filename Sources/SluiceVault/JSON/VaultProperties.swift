internal import SluiceAccess

/// A vault as Azure's resource interface shows it.
public struct VaultProperties: Codable, Hashable, Sendable {
    /// The vault's name.
    public let name: String
    /// The resource type: `Microsoft.KeyVault/vaults`.
    public let type: String
    /// Address, settings and policies.
    public let properties: Settings

    /// A vault's address, settings and policies.
    public struct Settings: Codable, Hashable, Sendable {
        /// What key identifiers of the vault begin with.
        public let vaultURI: String
        /// Who may do what, in the order of object ids; the owner may do everything.
        public let accessPolicies: [AccessPolicy]
        /// Whether deleted keys can be recovered: always.
        public let enableSoftDelete: Bool
        /// For how many days, 7 to 90.
        public let softDeleteRetentionInDays: Int
        /// Whether deleted keys can't be purged before that.
        public let enablePurgeProtection: Bool

        private enum CodingKeys: String, CodingKey {
            case vaultURI = "vaultUri"
            case accessPolicies
            case enableSoftDelete, softDeleteRetentionInDays, enablePurgeProtection
        }
    }
}

/// A deleted vault as Azure's resource interface shows it; times are in seconds since 1970.
public struct DeletedVault: Codable, Hashable, Sendable {
    /// The vault's name.
    public let name: String
    /// The resource type: `Microsoft.KeyVault/deletedVaults`.
    public let type: String
    /// When it was deleted, and when it goes for good.
    public let properties: Settings

    /// When a vault was deleted, and when it goes for good.
    public struct Settings: Codable, Hashable, Sendable {
        /// When it was deleted.
        public let deletionDate: Int
        /// When it goes for good.
        public let scheduledPurgeDate: Int
        /// Whether it can't be purged before that.
        public let purgeProtectionEnabled: Bool
    }
}
