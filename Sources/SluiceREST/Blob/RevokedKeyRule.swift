/// What goes on, and what is refused, while a customer's key is taken away.
public enum RevokedKeyRule {
    /// Why the key can't be had.
    public enum Cause: String, CaseIterable, Sendable {
        /// The vault is gone.
        case vaultGone
        /// The account's identity gets no token.
        case noToken
        /// The key is gone, disabled, or not permitted.
        case noKey

        /// What the client is told, with status 403 also on HEAD.
        public var code: BlobErrorCode {
            switch self {
            case .vaultGone: .keyVaultVaultNotFound
            case .noToken: .keyVaultAccessTokenCannotBeAcquired
            case .noKey: .keyVaultEncryptionKeyNotFound
            }
        }
    }

    /// The refusal for the first cause that applies, in the order of the cases; nil without any.
    public static func refusal(_ causes: Set<Cause>) -> BlobRefusal? {
        Cause.allCases.first(where: causes.contains).map { BlobRefusal($0.code) }
    }

    /// The operations that the service's documentation lists.
    ///
    /// Page and append blobs' are among them and aren't emulated, and Put Blob stands for Put Blob From URL too.
    public static let documented = [
        "List Blobs with include=metadata", "Get Blob", "Get Blob Properties", "Get Blob Metadata",
        "Set Blob Metadata", "Snapshot Blob with x-ms-meta-", "Copy Blob", "Copy Blob From URL",
        "Set Blob Tier", "Put Block", "Put Block From URL", "Append Block", "Append Block From URL",
        "Put Blob", "Put Page", "Put Page From URL", "Incremental Copy Blob",
    ]

    /// Whether a request needs the key. Put Block List, which isn't in the list, needs it here: committing seals.
    public static func needsKey(_ route: BlobRoute, _ headers: HeaderFields) -> Bool {
        switch route.operation {
        case .getBlob, .getBlobProperties, .getBlobMetadata, .setBlobMetadata, .copyBlob,
            .copyBlobFromURL, .setBlobTier, .putBlock, .putBlockFromURL, .putBlob, .putBlobFromURL,
            .putBlockList:
            true
        case .listBlobs:
            (route.parameters["include"] ?? "").lowercased().split(separator: ",")
                .contains("metadata")
        case .snapshotBlob:
            headers.fields.contains { $0.name.lowercased().hasPrefix(BlobMetadata.prefix) }
        default: false
        }
    }
}
