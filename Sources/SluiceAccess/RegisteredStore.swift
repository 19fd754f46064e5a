/// A store that has registered a scope in a vault.
public struct RegisteredStore: Codable, Hashable, Sendable {
    /// The store's id, 16 bytes.
    public let storeID: [UInt8]
    /// Where it was when it said so; nil for a store in memory.
    public let path: String?

    /// Describes a store.
    public init(storeID: [UInt8], path: String?) {
        self.storeID = storeID
        self.path = path
    }
}
