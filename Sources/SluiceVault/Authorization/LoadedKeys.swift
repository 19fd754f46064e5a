internal import SluiceAccess
internal import Synchronization

/// The key versions in memory, with who may use each, and which version an identifier without one has meant.
///
/// A key is kept as long as somebody may use it; its private key is wiped when nobody may use that. Whether
/// what is kept still holds is for the caller to judge, by its epoch. One lock, held for a look-up.
final class LoadedKeys: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        var keys: [KeyIdentifier: LoadedKey] = [:]
        /// By identifiers without a version.
        var newest: [KeyIdentifier: NewestVersion] = [:]
        /// The states of vaults' databases that were seen in an epoch, after it was loaded.
        var versions: [String: VaultVersion] = [:]
        var versionsEpoch: UInt64 = 0
    }

    private struct LoadedKey {
        let material: KeyMaterial
        var authorizations: [Identity: Authorization] = [:]
    }

    /// Which version an identifier without one has meant.
    struct NewestVersion {
        let key: KeyIdentifier
        /// The epoch that was current before the vault was asked.
        let epoch: UInt64
        /// What it was read from; nil if that isn't known.
        let source: Authorization.Source?
        /// When the key's rotation policy may have another one made, in seconds since 1970.
        let untilSeconds: Int
    }

    /// What the vault has said in this epoch of an identity and a key version.
    func authorization(
        _ key: KeyIdentifier, of identity: Identity, in epoch: UInt64, _ clock: any VaultClock
    ) -> Authorization? {
        let known = state.withLock { state in
            guard key.version == nil else { return state.keys[key]?.authorizations[identity] }
            guard let newest = state.newest[key], newest.epoch == epoch,
                clock.nowSeconds() < newest.untilSeconds
            else { return nil }
            return state.keys[newest.key]?.authorizations[identity]
        }
        return known?.epoch == epoch ? known : nil
    }

    /// Whether anything is kept of an identity and a key version, of whichever epoch.
    func isKept(_ key: KeyIdentifier, of identity: Identity) -> Bool {
        state.withLock { state in
            let version = key.version == nil ? state.newest[key]?.key : key
            return version.map { state.keys[$0]?.authorizations[identity] != nil } ?? false
        }
    }

    /// What was kept in a former epoch, if nothing that it was read from has changed; kept for this epoch from now on.
    ///
    /// - Parameters:
    ///   - source: The states of the databases, seen in this epoch.
    ///   - present: The epoch now, asked for when nobody else can change what is kept.
    func renewed(
        _ key: KeyIdentifier, of identity: Identity, from source: Authorization.Source,
        in epoch: UInt64, _ clock: any VaultClock, unlessEpochMovedFrom present: () -> UInt64
    ) -> Authorization? {
        state.withLock { state in
            var version = key
            if key.version == nil {
                guard let newest = state.newest[key], newest.source == source,
                    clock.nowSeconds() < newest.untilSeconds
                else { return nil }
                version = newest.key
            }
            guard let former = state.keys[version]?.authorizations[identity],
                former.source == source, former.epoch <= epoch, present() == epoch
            else { return nil }
            let renewed =
                former.epoch == epoch ? former : Authorization(former, epoch: epoch)
            state.keys[version]?.authorizations[identity] = renewed
            if key.version == nil, let newest = state.newest[key] {
                state.newest[key] = NewestVersion(
                    key: version, epoch: epoch, source: source, untilSeconds: newest.untilSeconds)
            }
            return renewed
        }
    }

    /// The state of a vault's database that was seen in this epoch.
    func version(of vault: String, in epoch: UInt64) -> VaultVersion? {
        state.withLock { $0.versionsEpoch == epoch ? $0.versions[vault] : nil }
    }

    /// Keeps the state of a vault's database that was seen after this epoch was loaded.
    func keep(_ version: VaultVersion, of vault: String, in epoch: UInt64) {
        state.withLock { state in
            guard epoch >= state.versionsEpoch else { return }
            if epoch > state.versionsEpoch { state.versions = [:] }
            state.versionsEpoch = epoch
            state.versions[vault] = version
        }
    }

    /// The keys of a version, if they are in memory.
    func material(_ key: KeyIdentifier) -> KeyMaterial? {
        state.withLock { $0.keys[key]?.material }
    }

    /// All that is kept.
    var authorizations: [Authorization] {
        state.withLock { $0.keys.values.flatMap(\.authorizations.values) }
    }

    /// Keeps an authorization if it is of use, in the place of what was kept; unless another epoch has begun.
    ///
    /// - Parameter epoch: The epoch now, asked for when nobody else can change what is kept.
    func keep(_ authorization: Authorization, unlessEpochMovedFrom epoch: () -> UInt64) {
        let key = authorization.key
        state.withLock { state in
            guard !state.isClosed else { return }
            var loaded = state.keys[key] ?? LoadedKey(material: authorization.material)
            // What was revoked meanwhile has been dropped already, and must not come back.
            let isTrue = authorization.epoch == epoch()
            loaded.authorizations[authorization.identity] =
                isTrue && authorization.isOfUse ? authorization : nil
            Self.put(loaded, for: key, in: &state)
        }
    }

    /// Keeps which version an identifier without one means.
    func keep(_ newest: NewestVersion, for key: KeyIdentifier) {
        state.withLock { $0.newest[key] = newest }
    }

    /// Forgets what an identity may do with a version.
    func forget(_ key: KeyIdentifier, of identity: Identity) {
        state.withLock { state in
            guard var loaded = state.keys[key] else { return }
            loaded.authorizations[identity] = nil
            Self.put(loaded, for: key, in: &state)
        }
    }

    /// Forgets the keys of a vault.
    func forget(vault: String) {
        state.withLock { state in
            for (key, loaded) in state.keys where key.vault == vault {
                loaded.material.privateKey.forget()
                state.keys[key] = nil
            }
            state.newest = state.newest.filter { $0.key.vault != vault }
            state.versions[vault] = nil
        }
    }

    /// Forgets all, and keeps nothing from now on if `isForGood`.
    func forgetAll(isForGood: Bool = false) {
        state.withLock { state in
            if isForGood { state.isClosed = true }
            state.keys = [:]
            state.newest = [:]
            state.versions = [:]
        }
    }

    private static func put(
        _ loaded: LoadedKey, for key: KeyIdentifier, in state: inout State
    ) {
        state.keys[key] = loaded.authorizations.isEmpty ? nil : loaded
        if !loaded.authorizations.values.contains(where: \.isOfPrivateUse) {
            loaded.material.privateKey.forget()
        }
    }
}
