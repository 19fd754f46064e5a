public import SluiceNative

/// Where keys are kept that never leave it: wraps and unwraps other keys, each time for a named identity.
///
/// Every method may be called from any thread. `deadlineExceeded` is thrown by all that take a deadline,
/// and `keyNotFound`, `keyDeleted`, `vaultNotFound`, `vaultDeleted`, `identityDisabled`, `accessDenied`,
/// `io` and `damaged` by all.
public protocol KeyService: Sendable {
    /// What a key version is; of a versionless identifier, the newest enabled version.
    ///
    /// - Throws: `keyDisabled` if the identifier is versionless and no version is enabled.
    func describe(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyDescription

    /// Whether an identity may use a key version for an operation now.
    ///
    /// - Returns: A grant for the version, also if the identifier has none, of the epoch that was current
    ///   before the vault was read.
    /// - Throws: `keyDisabled`, `keyNotYetValid`, `keyExpired`, `operationNotPermitted`.
    func authorize(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        deadline: Deadline
    ) throws(VaultError) -> Grant

    /// Wraps a secret of at most 190 bytes under a key version.
    ///
    /// - Throws: What ``authorize(_:for:as:deadline:)`` throws for `wrapKey`; `invalidArgument` for a
    ///   secret that is too long.
    func wrap(
        _ secret: Span<UInt8>, under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> WrappedKey

    /// Unwraps a secret that was wrapped under a key version.
    ///
    /// - Throws: What ``authorize(_:for:as:deadline:)`` throws for `unwrapKey`; `unwrapFailed`,
    ///   whatever is wrong with the bytes.
    func unwrap(
        _ wrapped: [UInt8], under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> SecretBytes

    /// The scope-key commitment that the key's vault has registered for a scope of a store, or nil.
    ///
    /// - Throws: `damaged` if it was not written by this vault.
    func anchor(
        store: [UInt8], scope: [UInt8], under key: KeyIdentifier
    ) throws(VaultError) -> [UInt8]?

    /// Registers a scope-key commitment, 32 bytes, in the key's vault; the same one again is fine.
    ///
    /// - Parameter path: Where the store is, beside the places that are known; nil if it is in
    ///   memory.
    /// - Throws: `anchorMismatch` if another one is registered; `invalidArgument` if it is not 32 bytes.
    func registerAnchor(
        _ commitment: [UInt8], store: [UInt8], scope: [UInt8], under key: KeyIdentifier,
        path: String?
    ) throws(VaultError)
}
