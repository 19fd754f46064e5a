internal import SluiceAccess
internal import Synchronization

/// The key versions in memory, with who may use each, and which version an identifier without one has meant.
///
/// A key is kept as long as somebody may use it; its private key is wiped when nobody may unwrap with it. Whether
/// what is kept still holds is for the caller to judge, by its epoch. One lock, held for a look-up.
final class LoadedKeys: Sendable {
    private let state = Mutex(State())

    private struct State {
        var isClosed = false
        var keys: [KeyIdentifier: LoadedKey] = [:]
        /// By identifiers without a version.
        var newest: [KeyIdentifier: NewestVersion] = [:]
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

    /// Forgets all, and keeps nothing from now on if `isForGood`.
    func forgetAll(isForGood: Bool = false) {
        state.withLock { state in
            if isForGood { state.isClosed = true }
            state.keys = [:]
            state.newest = [:]
        }
    }

    private static func put(
        _ loaded: LoadedKey, for key: KeyIdentifier, in state: inout State
    ) {
        state.keys[key] = loaded.authorizations.isEmpty ? nil : loaded
        if !loaded.authorizations.values.contains(where: { $0.allows(.unwrapKey) }) {
            loaded.material.forgetPrivateKey()
        }
    }
}
