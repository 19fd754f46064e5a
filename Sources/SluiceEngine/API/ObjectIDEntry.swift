public import SluiceAccess

/// What is known of an object without any key: no name, no type, no metadata.
public struct ObjectIDEntry: Sendable, Equatable {
    /// What ``Store/remove(id:in:)`` takes.
    public let id: ObjectID
    /// Plaintext bytes.
    public let byteCount: Int
    /// Bytes on disk.
    public let storedByteCount: Int
    /// The key version that wraps its data key.
    public let keyIdentifier: KeyIdentifier
    /// Where the next page goes on.
    let rowID: Int
}
