/// What was done when the root key was changed.
public struct RootKeyRotation: Codable, Hashable, Sendable {
    /// The names of the vaults that were sealed anew.
    public let vaults: [String]
    /// How many key versions are in them.
    public let keyVersionCount: Int
}
