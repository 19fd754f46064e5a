internal import SluiceFormat
internal import SluiceNative

/// A key of 32 bytes that whoever puts an object provides, and whoever gets it provides again: the store keeps its SHA-256
/// and nothing else of it. Without it, as without the key of the object's scope, nobody opens the bytes.
///
/// An object's name, properties, metadata and size are sealed for its scope alone: they can be seen, changed and listed
/// without the provided key. Immutable, thread-safe, wiped when released.
public final class ProvidedKey: Sendable {
    let secret: SecretBytes

    /// How many bytes one has.
    package static let byteCount = Format.keyByteCount

    /// The key with these bytes, which remain the caller's to wipe; ``StoreError/Code/invalidArgument`` if they aren't 32.
    public init(_ bytes: [UInt8]) throws(StoreError) {
        guard bytes.count == Format.keyByteCount else {
            throw StoreError(
                .invalidArgument,
                "a key that is provided has \(Format.keyByteCount) bytes, not \(bytes.count)")
        }
        secret = SecretBytes(copying: bytes.span)
    }

    /// The key with these bytes, which are 32 and remain the caller's to wipe.
    package init(_ bytes: Span<UInt8>) {
        precondition(bytes.count == Self.byteCount, "a key that is provided has 32 bytes")
        secret = SecretBytes(copying: bytes)
    }

    /// By what the store knows it again: its SHA-256.
    func digest(_ library: CryptoLibrary) throws(StoreError) -> [UInt8] {
        try translated("a key that was provided") { () throws(CryptoError) in
            try secret.withBytes { secret throws(CryptoError) in
                [UInt8](copying: try library.sha256(secret).span)
            }
        }
    }
}

extension ProvidedKey: Hashable {
    /// Whether they have the same bytes; takes as long wherever they differ.
    public static func == (one: ProvidedKey, other: ProvidedKey) -> Bool {
        one.secret.withBytes { one in
            other.secret.withBytes { constantTimeEqual(one, $0) }
        }
    }

    /// Nothing of a key goes into a hash.
    public func hash(into hasher: inout Hasher) {}
}
