/// A vault as Azure's resource interface shows it.
public struct VaultProperties: Codable, Hashable, Sendable {
    /// The vault's name.
    public let name: String
    /// The resource type: `Microsoft.KeyVault/vaults`.
    public let type: String
    /// Address and settings.
    public let properties: Settings

    /// A vault's address and settings.
    public struct Settings: Codable, Hashable, Sendable {
        /// What key identifiers of the vault begin with.
        public let vaultURI: String
        /// Whether deleted keys can be recovered: always.
        public let enableSoftDelete: Bool
        /// For how many days, 7 to 90.
        public let softDeleteRetentionInDays: Int
        /// Whether deleted keys can't be purged before that.
        public let enablePurgeProtection: Bool

        private enum CodingKeys: String, CodingKey {
            case vaultURI = "vaultUri"
            case enableSoftDelete, softDeleteRetentionInDays, enablePurgeProtection
        }
    }
}
