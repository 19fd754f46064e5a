/// What the Blob service is asked to do, of what is emulated.
public enum BlobOperation: String, CaseIterable, Sendable {
    // The account.
    case listContainers, getServiceProperties, setServiceProperties, getServiceStats
    case getUserDelegationKey, getAccountInformation, batch, preflight
    // A container.
    case createContainer, getContainerProperties, getContainerMetadata, setContainerMetadata
    case getContainerACL, setContainerACL, leaseContainer, deleteContainer, restoreContainer
    case listBlobs
    // A blob.
    case putBlob, putBlobFromURL, getBlob, getBlobProperties, getBlobMetadata, setBlobProperties
    case setBlobMetadata, setBlobTier, snapshotBlob, deleteBlob, undeleteBlob, leaseBlob
    case copyBlob, copyBlobFromURL, abortCopyBlob, putBlock, putBlockFromURL, putBlockList
    case getBlockList

    /// What of the store an operation is about: the letter of a shared access signature.
    public enum Subject: Character, Sendable {
        /// The account as a whole.
        case service = "s"
        /// A container.
        case container = "c"
        /// A blob.
        case object = "o"
    }

    /// What it is about.
    public var subject: Subject {
        switch self {
        case .listContainers, .getServiceProperties, .setServiceProperties, .getServiceStats,
            .getUserDelegationKey, .getAccountInformation, .batch, .preflight:
            .service
        case .createContainer, .getContainerProperties, .getContainerMetadata,
            .setContainerMetadata, .getContainerACL, .setContainerACL, .leaseContainer,
            .deleteContainer, .restoreContainer, .listBlobs:
            .container
        default: .object
        }
    }

    /// Whether it changes nothing.
    public var isRead: Bool {
        switch self {
        case .listContainers, .getServiceProperties, .getServiceStats, .getUserDelegationKey,
            .getAccountInformation, .preflight, .getContainerProperties, .getContainerMetadata,
            .getContainerACL, .listBlobs, .getBlob, .getBlobProperties, .getBlobMetadata,
            .getBlockList:
            true
        default: false
        }
    }

    /// HTTP's status of its success; a range of a blob is 206.
    public var successStatus: Int {
        switch self {
        case .createContainer, .restoreContainer, .putBlob, .putBlobFromURL, .snapshotBlob,
            .putBlock, .putBlockFromURL, .putBlockList:
            201
        case .setServiceProperties, .batch, .deleteContainer, .deleteBlob, .copyBlob,
            .copyBlobFromURL:
            202
        case .abortCopyBlob: 204
        default: 200
        }
    }
}
