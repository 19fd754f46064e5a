public import SluiceAccess

/// What came of using a key.
public struct KeyUseResult<Value: Sendable>: Sendable {
    /// The ciphertext, plaintext or signature, or whether a signature is valid.
    public let value: Value
    /// What it was handed out under: who passes it on, as a server does, passes it on while that holds.
    public let grant: Grant

    init(value: Value, grant: Grant) {
        self.value = value
        self.grant = grant
    }

    /// The key version that was used.
    public var key: KeyIdentifier { grant.key }
}
