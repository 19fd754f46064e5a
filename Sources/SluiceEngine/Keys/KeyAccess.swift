internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// What a store asks its key service for, each time for the principal that a scope's keys are asked for as: what one is
/// granted is kept for that one. Thread-safe.
final class KeyAccess: Sendable {
    let permit: KeyPermit
    /// The store's own identity, with which its vaults know it.
    let identity: Identity
    /// Grants for unwrapping: many reads a second need one. Of which epoch one is, the gate looks at.
    private let readGrants = Guarded<[GrantPlace: Grant]>([:])

    /// Whose grant, and for which key version: by its row id in the catalog.
    private struct GrantPlace: Hashable {
        let keyRowID: Int
        let identity: Identity
    }

    let onRelease: (@Sendable (ReleaseMoment) -> Void)?
    private let onUnwrap: (@Sendable () -> Void)?
    private let refusalHandler = Mutex<(@Sendable () -> Void)?>(nil)

    init(_ permit: KeyPermit, identity: Identity, seams: StoreSeams) {
        self.permit = permit
        self.identity = identity
        onRelease = permit.onRelease
        onUnwrap = seams.onUnwrap
    }

    private var keyService: any KeyService { permit.keyService }

    /// A grant for unwrapping under a key version; perhaps of an epoch that is over.
    func readGrant(
        _ key: KeyIdentifier, rowID: Int, as identity: Identity
    ) throws(VaultError) -> Grant {
        let place = GrantPlace(keyRowID: rowID, identity: identity)
        if let grant = readGrants.withLock({ $0[place] }) { return grant }
        return try renewedReadGrant(key, rowID: rowID, as: identity)
    }

    /// A grant for unwrapping under a key version, asked for now.
    func renewedReadGrant(
        _ key: KeyIdentifier, rowID: Int, as identity: Identity
    ) throws(VaultError) -> Grant {
        let place = GrantPlace(keyRowID: rowID, identity: identity)
        do throws(VaultError) {
            let grant = try permit.grant(
                KeyUse(key: key, operation: .unwrapKey, identity: identity))
            readGrants.withLock { $0[place] = grant }
            return grant
        } catch {
            readGrants.withLock { $0[place] = nil }
            throw error
        }
    }

    func wrap(
        _ secret: borrowing SecretBytes, under key: KeyIdentifier, as identity: Identity
    ) throws(VaultError) -> WrappedKey {
        try secret.withBytes { bytes throws(VaultError) in
            try keyService.wrap(bytes, under: key, as: identity, deadline: .none)
        }
    }

    func unwrap(
        _ wrapped: WrappedKey, as identity: Identity
    ) throws(VaultError) -> SecretBytes {
        let secret = try keyService.unwrap(
            wrapped.bytes, under: wrapped.key, as: identity, deadline: .none)
        onUnwrap?()
        return secret
    }

    /// What to do when a release was refused, while what was to be released is in use.
    func setRefusalHandler(_ handler: @escaping @Sendable () -> Void) {
        refusalHandler.withLock { $0 = handler }
    }

    /// What a refused release throws; what was to be released is wiped.
    @inline(never)
    func refused(_ error: GateError<StoreError>) -> StoreError {
        error.merged { refusal in
            refusalHandler.withLock({ $0 })?()
            return StoreError(vault: refusal, "read")
        }
    }
}
