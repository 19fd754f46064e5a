/// A secret with several owners, wiped when the last lets go of it. Safe from any thread.
public final class SharedSecret: Sendable {
    /// The secret.
    public let bytes: SecretBytes

    /// Takes a secret over.
    public init(_ bytes: consuming SecretBytes) {
        self.bytes = bytes
    }
}
