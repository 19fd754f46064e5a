internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A key version, what it is needed for, and by whom.
struct KeyUse: Hashable, Sendable {
    let key: KeyIdentifier
    let operation: KeyOperation
    let identity: Identity
}

/// What a store asks its key service for, each time for the principal that a scope's keys are asked for as: what one is
/// granted is kept for that one. Thread-safe.
final class KeyAccess: Sendable {
    let keyService: any KeyService
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

    init(keyService: any KeyService, identity: Identity, seams: StoreSeams) {
        self.keyService = keyService
        self.identity = identity
        onRelease = seams.onRelease
        onUnwrap = seams.onUnwrap
    }

    /// The vault's answer, as of now, that the store may use a key version.
    func grant(_ use: KeyUse) throws(VaultError) -> Grant {
        try keyService.authorize(use.key, for: use.operation, as: use.identity, deadline: .none)
    }

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
            let grant = try grant(KeyUse(key: key, operation: .unwrapKey, identity: identity))
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

    /// Releases under several grants at once, each asked for now: a COMMIT under everything that its transaction
    /// needs, which is a release too (see "The read barrier" in the DESIGN article), or names of several scopes.
    func release<Value, Failure: Error>(
        under needs: Set<KeyUse>, _ act: () throws(Failure) -> Value
    ) throws(GateError<Failure>) -> Value {
        guard let first = needs.first else {
            do { return try act() } catch { throw .act(error) }
        }
        let released: ReleaseGate
        do throws(VaultError) {
            released = try keyService.gate()
        } catch {
            throw .refused(error)
        }
        let gate = GrantGate(released, CommitAuthority(access: self, needs: needs))
        // Of no epoch, so that the vault is asked for all of them.
        var passage = Passage(
            Grant(
                key: first.key, identity: first.identity, operation: first.operation, epoch: 0))
        return try gate.release(&passage) { () throws(Failure) -> Value in
            onRelease?(.entered)
            let value = try act()
            onRelease?(.done)
            return value
        }
    }
}

/// Asks for everything that a transaction needs; its passage stands for all of it.
private struct CommitAuthority: PassageAuthority {
    let access: KeyAccess
    let needs: Set<KeyUse>

    func renew(_ passage: inout Passage) throws(VaultError) {
        for use in needs { passage.first = try access.grant(use) }
    }
}
