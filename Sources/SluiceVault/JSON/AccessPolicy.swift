public import SluiceAccess

/// What an identity may do with the keys of a vault, as Azure's resource interface shows it.
public struct AccessPolicy: Codable, Hashable, Sendable {
    /// The identity.
    public let objectId: String
    /// The directory that the identity belongs to; there is one, whose id is all zeroes.
    public let tenantId: String
    /// What it may do.
    public let permissions: Permissions

    /// What an identity may do; keys are all there is in a vault here.
    public struct Permissions: Codable, Hashable, Sendable {
        /// With keys.
        public let keys: [KeyOperation]
    }

    init(_ identity: Identity, _ operations: [KeyOperation]) {
        objectId = identity.objectID
        tenantId = "00000000-0000-0000-0000-000000000000"
        permissions = Permissions(keys: operations)
    }
}
