public import SluiceAccess
public import SluiceNative

extension VaultDirectory: KeyService {
    /// See ``KeyService/describe(_:as:deadline:)``.
    public func describe(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> KeyDescription {
        try operations.describe(key, as: identity, deadline: deadline)
    }

    /// See ``KeyService/authorize(_:for:as:deadline:)``.
    ///
    /// Only a refusal is logged: nothing is done with the key yet.
    public func authorize(
        _ key: KeyIdentifier, for operation: KeyOperation, as identity: Identity,
        deadline: Deadline
    ) throws(VaultError) -> Grant {
        try operations.authorize(key, for: operation, as: identity, deadline: deadline)
    }

    /// See ``KeyService/wrap(_:under:as:deadline:)``.
    public func wrap(
        _ secret: Span<UInt8>, under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> WrappedKey {
        try operations.wrap(secret, under: key, as: identity, deadline: deadline)
    }

    /// See ``KeyService/unwrap(_:under:as:deadline:)``.
    public func unwrap(
        _ wrapped: [UInt8], under key: KeyIdentifier, as identity: Identity, deadline: Deadline
    ) throws(VaultError) -> SecretBytes {
        try operations.unwrap(wrapped, under: key, as: identity, deadline: deadline)
    }

    /// See ``KeyService/anchor(store:scope:under:)``.
    public func anchor(
        store: [UInt8], scope: [UInt8], under key: KeyIdentifier
    ) throws(VaultError) -> [UInt8]? {
        try anchors.anchor(store: store, scope: scope, under: key)
    }

    /// See ``KeyService/registerAnchor(_:store:scope:under:path:)``.
    public func registerAnchor(
        _ commitment: [UInt8], store: [UInt8], scope: [UInt8], under key: KeyIdentifier,
        path: String? = nil
    ) throws(VaultError) {
        try anchors.register(commitment, store: store, scope: scope, under: key, path: path)
    }

    /// See ``KeyService/replaceAnchor(_:with:store:scope:vault:waiting:)``.
    @discardableResult
    public func replaceAnchor(
        _ old: [UInt8], with new: [UInt8], store: [UInt8], scope: [UInt8], vault: String,
        waiting deadline: Deadline?
    ) throws(VaultError) -> BarrierConfirmation? {
        try anchors.replace(
            old, with: new, store: store, scope: scope, vault: vault, waiting: deadline)
    }

    /// See ``KeyService/removeAnchor(store:scope:vault:waiting:)``.
    public func removeAnchor(
        store: [UInt8], scope: [UInt8], vault: String, waiting deadline: Deadline
    ) throws(VaultError) -> BarrierConfirmation {
        try anchors.remove(store: store, scope: scope, vault: vault, waiting: deadline)
    }

    /// Passes on what came of using a key (``KeyUseResult/grant``): within the gate, while the grant holds.
    ///
    /// - Parameter act: Takes it without waiting. It is given the terms, by which what is not out of this process's hands
    ///   yet is looked at again when access changes, and the epoch before the gate was entered: of another one, a change
    ///   has begun since.
    /// - Throws: Why the grant holds no more.
    package func release<Value>(
        under grant: Grant, _ act: (ReleaseTerms, UInt64) -> Value
    ) throws(VaultError) -> Value {
        try operations.release(under: grant, act)
    }

    // MARK: Setting up

    /// The platform-managed key, as a versionless identifier: made, with its vault, when first asked for.
    ///
    /// However many processes ask at once, there is one.
    public func platformKey() throws(VaultError) -> KeyIdentifier { try platform.identifier() }

    /// See ``KeyService/platformVault``.
    public var platformVault: String { ReservedVault.name }

    /// Whether nobody can give a vault this name (in lower case), for Sluice has it.
    package static func isReserved(_ name: String) -> Bool {
        VaultHome.reservedNames.contains(name)
    }

    /// Returns if a store with an identity can be set up with a key: the vault has purge protection, the
    /// identity is switched on and holds `get`, `wrapKey` and `unwrapKey`, and the key is enabled, inside
    /// nbf…exp, and may wrap and unwrap.
    ///
    /// A key that expires later goes on serving a store that was set up with it.
    ///
    /// - Throws: `purgeProtectionMissing`, `identityDisabled`, `accessDenied`, `keyDisabled`,
    ///   `keyNotYetValid`, `keyExpired`, `operationNotPermitted`.
    public func checkSuitableForStore(
        _ key: KeyIdentifier, as identity: Identity, deadline: Deadline = .none
    ) throws(VaultError) {
        try operations.checkSuitableForStore(key, as: identity, deadline: deadline)
    }

    // MARK: Stores that are known

    /// The stores that have ever registered a scope in a vault, in the order of their ids, each with every
    /// place where it was: a copy has the id of what it was made of.
    ///
    /// Before a key version is retired, each is to be asked what it still needs.
    public func registeredStores(vault name: String) throws(VaultError) -> [RegisteredStore] {
        try anchors.registeredStores(vault: name)
    }

    /// Notes where a store is, if it has registered a scope in a vault and has not been there before: it
    /// may have been moved, or copied.
    public func notePlace(
        _ path: String, ofStore store: [UInt8], vault name: String
    ) throws(VaultError) {
        try anchors.notePlace(path, ofStore: store, vault: name)
    }

    /// Forgets a place where a store was and isn't any more: it isn't asked for what it needs.
    public func forgetPlace(
        _ path: String, ofStore store: [UInt8], vault name: String, as identity: Identity
    ) throws(VaultError) {
        try anchors.forgetPlace(path, ofStore: store, vault: name, as: identity)
    }

    /// See ``KeyService/retire(_:waiting:as:unless:)``. The identity needs the permission `update`.
    public func retire<Need: Error>(
        _ key: KeyIdentifier, waiting deadline: Deadline, as identity: Identity,
        unless need: () throws(Need) -> Void
    ) throws(RetirementError<Need>) -> AccessChange<KeyDescription> {
        try retirement.retire(key, waiting: deadline, as: identity, unless: need)
    }

    // MARK: Changes of access

    /// See ``KeyService/gate()``: the read barrier.
    public func gate() throws(VaultError) -> ReleaseGate { .barrier(try barrier()) }

    /// See ``KeyService/presentGate()``.
    public func presentGate() throws(VaultError) -> ReleaseGate? {
        try presentBarrier().map { .barrier($0) }
    }

    /// Wipes what nobody may use any more who has used it here.
    ///
    /// To be called after the epoch has moved, so that keys go even if nobody asks for them again.
    public func dropRevokedKeys() { authorizer.dropRevokedKeys() }
}
