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
    /// - Throws: What ``authorize(_:for:as:deadline:)`` throws for `wrapKey`; `unsupportedKey` for a key of another kind
    ///   than ``KeyKind/ofStores``; `invalidArgument` for a secret that is too long.
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

    /// Puts another commitment, 32 bytes, in the place of one that is registered; if that has been done, only tells of it.
    ///
    /// - Parameter deadline: How long to wait until everybody who has the scope open has confirmed to look at it again; nil to
    ///   tell nobody yet.
    /// - Returns: Whether they have; nil if nobody was to be told.
    /// - Throws: `anchorMismatch` if neither is registered.
    @discardableResult
    func replaceAnchor(
        _ old: [UInt8], with new: [UInt8], store: [UInt8], scope: [UInt8], vault: String,
        waiting deadline: Deadline?
    ) throws(VaultError) -> BarrierConfirmation?

    /// Forgets what a vault has registered for a scope of a store: who has the scope open looks again whether it is there
    /// still, and who brings its row back can't open it. One that isn't registered is no error.
    func removeAnchor(
        store: [UInt8], scope: [UInt8], vault: String, waiting deadline: Deadline
    ) throws(VaultError) -> BarrierConfirmation

    // MARK: Setting up

    /// The key of the platform, versionless, under which scopes are that have no key of their own: made when it
    /// is first asked for.
    func platformKey() throws(VaultError) -> KeyIdentifier

    /// The vault that ``platformKey()`` is in, whether it has been made or not.
    var platformVault: String { get }

    /// Returns if a scope may be set up with a key: the key can't be purged, is of a kind of ``KeyKind/ofStores``, and the
    /// identity may use it now.
    ///
    /// - Throws: `purgeProtectionMissing`, `unsupportedKey`, and what ``authorize(_:for:as:deadline:)`` throws for the operations
    ///   of ``KeyOperation/ofStores``.
    func checkSuitableForStore(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError)

    // MARK: Stores that are known

    /// The stores that have ever registered a scope in a vault, in the order of their ids, each with every
    /// place where it was.
    func registeredStores(vault: String) throws(VaultError) -> [RegisteredStore]

    /// Notes where a store is, if it has registered a scope in a vault and wasn't known to be there.
    func notePlace(_ path: String, ofStore store: [UInt8], vault: String) throws(VaultError)

    /// Forgets a place where a store was and isn't any more.
    func forgetPlace(
        _ path: String, ofStore store: [UInt8], vault: String, as identity: Identity
    ) throws(VaultError)

    /// Disables a version, unless something needs it.
    ///
    /// - Parameters:
    ///   - deadline: Until when every process may confirm that it wraps no more under it.
    ///   - need: Throws what needs the version, if anything does. Called first, and again when nothing can come to
    ///     need it any more.
    /// - Throws: ``RetirementError/needed(_:)`` with what `need` threw, nothing being changed; or
    ///   ``RetirementError/refused(_:)``, with `busy` if a process doesn't confirm, or another one retires.
    func retire<Need: Error>(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity,
        unless need: () throws(Need) -> Void
    ) throws(RetirementError<Need>) -> AccessChange<KeyDescription>

    // MARK: Changes of access

    /// What releases go through, made when it is first needed: a barrier, if whoever takes access away can wait for
    /// every reader, and else a lease.
    ///
    /// - Throws: `closed`, `replaced`, `damaged`.
    func gate() throws(VaultError) -> ReleaseGate

    /// What releases go through, unless there are no keys: for a question's sake none is made.
    func presentGate() throws(VaultError) -> ReleaseGate?

    /// Wipes the keys that are in memory for identities which may not use them any more.
    func dropRevokedKeys()

    /// Where its files are; nil if they are nowhere on this machine.
    var path: String? { get }

    /// Forgets all keys; whatever is asked for afterwards throws `closed`.
    func close()
}

/// Why a version was not retired.
public enum RetirementError<Need: Error>: Error {
    /// It could not be, or may not be.
    case refused(VaultError)
    /// Something needs it.
    case needed(Need)

    /// What needs it, or what `wrap` makes of the refusal.
    public func merged(_ wrap: (VaultError) -> Need) -> Need {
        switch self {
        case .refused(let refusal): wrap(refusal)
        case .needed(let need): need
        }
    }
}
