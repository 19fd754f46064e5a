/// Who asks a vault: an object id of a directory, as in an access policy.
public struct Identity: Hashable, Sendable {
    /// The object id.
    public let objectID: String

    /// Names an identity.
    public init(objectID: String) { self.objectID = objectID }

    /// The vaults' owner, to whom every operation is open.
    public static let owner = Identity(objectID: "owner")
}
