/// What a shared access signature permits.
public struct BlobPermissions: OptionSet, Hashable, Sendable {
    /// A bit for each letter, in the order of `racwdxyltfmeipou`.
    public let rawValue: UInt32

    /// The permissions of these bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Reading content, properties, metadata and block lists.
    public static let read = letter("r")
    /// Making what isn't there yet.
    public static let create = letter("c")
    /// Making and changing.
    public static let write = letter("w")
    /// Deleting, and breaking leases.
    public static let delete = letter("d")
    /// Listing.
    public static let list = letter("l")

    private static let letters = Array("racwdxyltfmeipou".utf8)

    private static func letter(_ letter: Character) -> Self { Self(letters: String(letter)) ?? [] }

    /// The permissions of letters, such as `rcwl`; nil for others, and for one that comes twice.
    public init?(letters text: some StringProtocol) {
        var bits: UInt32 = 0
        for byte in text.utf8 {
            guard let place = Self.letters.firstIndex(of: byte), bits & 1 << UInt32(place) == 0
            else {
                return nil
            }
            bits |= 1 << UInt32(place)
        }
        rawValue = bits
    }
}

extension BlobOperation {
    /// The permissions of which a shared access signature needs one; none where any signature will do, and nil where none
    /// does.
    public func permissions(_ headers: HeaderFields) -> BlobPermissions? {
        switch self {
        case .preflight, .getAccountInformation, .batch: []
        case .getUserDelegationKey, .getContainerACL, .setContainerACL: nil
        case .listContainers, .listBlobs: .list
        case .getServiceProperties, .getServiceStats, .getContainerProperties,
            .getContainerMetadata,
            .getBlob, .getBlobProperties, .getBlobMetadata, .getBlockList:
            .read
        case .createContainer, .putBlob, .putBlobFromURL, .snapshotBlob, .copyBlob,
            .copyBlobFromURL,
            .putBlock, .putBlockFromURL, .putBlockList:
            [.create, .write]
        case .leaseContainer, .leaseBlob:
            headers["x-ms-lease-action"]?.lowercased() == "break" ? [.write, .delete] : .write
        case .deleteContainer, .deleteBlob: .delete
        case .setServiceProperties, .setContainerMetadata, .restoreContainer, .setBlobProperties,
            .setBlobMetadata, .setBlobTier, .undeleteBlob, .abortCopyBlob:
            .write
        }
    }

    /// The action that a role has to have, and whether it is one on data, which ownership of the account doesn't give.
    public var action: (name: String, isOnData: Bool) {
        let base = "Microsoft.Storage/storageAccounts/blobServices"
        switch self {
        case .preflight, .batch, .getAccountInformation, .getServiceProperties, .getServiceStats:
            return ("\(base)/read", false)
        case .setServiceProperties: return ("\(base)/write", false)
        case .getUserDelegationKey: return ("\(base)/generateUserDelegationKey/action", false)
        case .listContainers, .getContainerProperties, .getContainerMetadata, .getContainerACL:
            return ("\(base)/containers/read", false)
        case .createContainer, .setContainerMetadata, .setContainerACL, .leaseContainer,
            .restoreContainer:
            return ("\(base)/containers/write", false)
        case .deleteContainer: return ("\(base)/containers/delete", false)
        case .deleteBlob: return ("\(base)/containers/blobs/delete", true)
        case .listBlobs, .getBlob, .getBlobProperties, .getBlobMetadata, .getBlockList:
            return ("\(base)/containers/blobs/read", true)
        default: return ("\(base)/containers/blobs/write", true)
        }
    }
}
