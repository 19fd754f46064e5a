internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// A data key: 32 random bytes, wrapped under a key version (FORMAT section 4).
///
/// The keys of a large object derive from one of its own; many small ones share one, so that a key
/// operation serves them all: their object ids keep their keys apart. Immutable, thread-safe, wiped
/// when released.
final class DataKey: Sendable {
    /// The key itself.
    let secret: SecretBytes
    /// What the catalog holds of it.
    let wrapped: WrappedKey

    init(_ secret: consuming SecretBytes, wrapped: WrappedKey) {
        self.secret = secret
        self.wrapped = wrapped
    }
}

/// The intermediate key with which a scope seals data keys. Thread-safe.
final class IntermediateKey: Sendable {
    private let key = Guarded<DataKey?>(nil)
    private let turns = Guarded<[Int: Turn]>([:])

    private final class Turn: Sendable {
        let lock = Guarded(())
    }

    /// The key: the present one, or what `make` makes. Callers that need it at the same time wait for one of them.
    func value(_ make: () throws(VaultError) -> DataKey) throws(VaultError) -> DataKey {
        try key.withLock { key throws(VaultError) in
            if let key { return key }
            let made = try make()
            key = made
            return made
        }
    }

    /// Has one thread at a time unwrap one that is wrapped under the version in a row of `keys`, present or older, so that many
    /// that need it take one key operation.
    func inTurn(
        _ keyRowID: Int, _ unwrap: () throws(VaultError) -> DataKey
    ) throws(VaultError) -> DataKey {
        let turn = turns.withLock { turns in
            let turn = turns[keyRowID] ?? Turn()
            turns[keyRowID] = turn
            return turn
        }
        return try turn.lock.withLock { _ throws(VaultError) in try unwrap() }
    }

    /// Lets go of the key.
    func forget() { key.withLock { $0 = nil } }
}

/// The data key that a scope's small objects share just now. Thread-safe.
final class SharedDataKey: Sendable {
    private struct State {
        var key: DataKey?
        var objectCount = 0
        var beganNanoseconds = 0
    }

    private let state = Guarded(State())
    private let objectLimit: Int

    /// A data key serves no longer than this, so that few objects hang on one.
    private static let longestNanoseconds = 60_000_000_000

    /// A place for keys of at most `objectLimit` objects each.
    init(objectLimit: Int) {
        self.objectLimit = max(1, objectLimit)
    }

    /// The key for one more object: the present one, or what `make` makes.
    ///
    /// Callers that need a new one at the same time wait for one of them to make it.
    func next(_ make: () throws(StoreError) -> DataKey) throws(StoreError) -> DataKey {
        try state.withLock { state throws(StoreError) in
            if let key = state.key, state.objectCount < objectLimit,
                MonotonicClock.nowNanoseconds - state.beganNanoseconds < Self.longestNanoseconds
            {
                state.objectCount += 1
                return key
            }
            state.key = nil
            let key = try make()
            state = State(
                key: key, objectCount: 1, beganNanoseconds: MonotonicClock.nowNanoseconds)
            return key
        }
    }

    /// Lets go of the key.
    func forget() {
        state.withLock { $0 = State() }
    }
}
