internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Wraps the data keys of scopes, and unwraps them: each under the scope's key or, if the scope says so, under an
/// intermediate key, which alone is wrapped under that. Thread-safe.
///
/// A kept key, intermediate or not, is kept for the scope and the key version that it was unwrapped with, and goes with
/// either.
final class DataKeys: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache

    init(context: StoreContext, cache: ObjectCache) {
        self.context = context
        self.cache = cache
    }

    // MARK: Wrapping

    /// A fresh data key, wrapped under the scope's current version.
    func fresh(in scope: Scope) throws(StoreError) -> DataKey {
        try wrapped(try library.freshKey(), in: scope)
    }

    /// A data key, wrapped under the scope's current version.
    func wrapped(
        _ secret: consuming SecretBytes, in scope: Scope
    ) throws(StoreError) -> DataKey {
        let wrapped = try translated("wrap the object's key") { () throws(VaultError) in
            try wrap(secret, in: scope)
        }
        return DataKey(secret, wrapped: wrapped)
    }

    /// What the catalog is to have of a data key.
    func wrap(
        _ secret: borrowing SecretBytes, in scope: Scope
    ) throws(VaultError) -> WrappedKey {
        let key = scope.currentKey
        switch scope.record.wrapping {
        case .direct: return try access.wrap(secret, under: key, as: scope.identity)
        case .intermediate:
            let intermediate = try intermediateKey(of: scope)
            do throws(StoreError) {
                return WrappedKey(
                    scheme: Format.schemeIntermediateKey, key: key,
                    bytes: try DataKeySeal(scope: scope, intermediate: intermediate)
                        .seal(secret, library: library).bytes)
            } catch {
                throw VaultError(.cryptography, error.reason, cause: error)
            }
        }
    }

    /// The intermediate key with which a scope seals data keys: the one that it has used already, by the catalog, or a fresh
    /// one. Processes that begin at the same time may each make one.
    private func intermediateKey(of scope: Scope) throws(VaultError) -> DataKey {
        try scope.intermediateKey.value { () throws(VaultError) in
            if let known = try usedIntermediateKey(of: scope) { return known }
            return try freshIntermediateKey(of: scope)
        }
    }

    private func freshIntermediateKey(of scope: Scope) throws(VaultError) -> DataKey {
        let asking = cache.asking(scope.gate)
        do throws(StoreError) {
            let secret = try library.freshKey()
            let wrapped = try translated("wrap an intermediate key") { () throws(VaultError) in
                try access.wrap(secret, under: scope.currentKey, as: scope.identity)
            }
            let key = DataKey(secret, wrapped: wrapped)
            keep(key, under: scope.record.currentKeyRowID, in: scope, asked: asking)
            return key
        } catch {
            throw error.cause as? VaultError
                ?? VaultError(.cryptography, error.reason, cause: error)
        }
    }

    /// The intermediate key of a data key of the catalog's, if that opens: then this scope has sealed with it.
    private func usedIntermediateKey(of scope: Scope) throws(VaultError) -> DataKey? {
        let found: WrappedKey?
        do throws(StoreError) {
            found = try catalog.wrappedKeys(
                scope: scope.record.rowID,
                in: KeyGroup(
                    keyRowID: scope.record.currentKeyRowID, scheme: Format.schemeIntermediateKey),
                afterRow: .min, limit: 1
            ).first?.wrapped
        } catch {
            throw VaultError(.io, error.reason, cause: error)
        }
        guard let found, let sealed = SealedDataKey(found.bytes) else { return nil }
        do throws(VaultError) {
            let intermediate = try intermediateKey(
                of: sealed, under: scope.currentKey, scope.record.currentKeyRowID, in: scope)
            _ = try open(sealed, of: found, under: intermediate, in: scope)
            return intermediate
        } catch {
            // One that was damaged is nobody's: another is made.
            guard error.code == .unwrapFailed else { throw error }
            return nil
        }
    }

    // MARK: Unwrapping

    /// A data key that a row references, kept or unwrapped: one that small objects share serves all of them after one key
    /// operation.
    func dataKey(
        _ wrapped: WrappedKey, under keyRowID: Int, in scope: Scope
    ) throws(VaultError) -> DataKey {
        let asking = cache.asking(scope.gate)
        if let known = cache.keptDataKey(wrapped, under: keyRowID, in: scope) { return known }
        let key = try unwrap(wrapped, under: keyRowID, in: scope)
        keep(key, under: keyRowID, in: scope, asked: asking)
        return key
    }

    /// Unwraps a data key, which isn't kept.
    func unwrap(
        _ wrapped: WrappedKey, under keyRowID: Int, in scope: Scope
    ) throws(VaultError) -> DataKey {
        guard wrapped.scheme == Format.schemeIntermediateKey else {
            let secret = try access.unwrap(wrapped, as: scope.identity(for: wrapped.key))
            guard secret.byteCount == Format.keyByteCount else {
                throw VaultError(.unwrapFailed, "its data key has a wrong length")
            }
            return DataKey(secret, wrapped: wrapped)
        }
        guard let sealed = SealedDataKey(wrapped.bytes) else {
            throw VaultError(.unwrapFailed, "its data key is too short")
        }
        let intermediate = try intermediateKey(
            of: sealed, under: wrapped.key, keyRowID, in: scope)
        return try open(sealed, of: wrapped, under: intermediate, in: scope)
    }

    private func intermediateKey(
        of sealed: SealedDataKey, under key: KeyIdentifier, _ keyRowID: Int, in scope: Scope
    ) throws(VaultError) -> DataKey {
        let wrapped = WrappedKey(
            scheme: Format.schemeRSAOAEP256, key: key, bytes: sealed.wrapped)
        if let known = cache.keptDataKey(wrapped, under: keyRowID, in: scope) { return known }
        return try scope.intermediateKey.inTurn(keyRowID) { () throws(VaultError) in
            try dataKey(wrapped, under: keyRowID, in: scope)
        }
    }

    private func open(
        _ sealed: SealedDataKey, of wrapped: WrappedKey, under intermediate: DataKey,
        in scope: Scope
    ) throws(VaultError) -> DataKey {
        do throws(StoreError) {
            return try DataKeySeal(scope: scope, intermediate: intermediate)
                .open(sealed, of: wrapped)
        } catch {
            throw VaultError(
                error.code == .integrity ? .unwrapFailed : .cryptography, error.reason,
                cause: error)
        }
    }

    private func keep(
        _ key: DataKey, under keyRowID: Int, in scope: Scope, asked asking: Asking
    ) {
        // What is too short to be an id fails to unwrap.
        let id = key.wrapped.bytes
        cache.dataKeys.insert(key, of: id, under: keyRowID, inScope: scope.record.rowID)
        if !asking.isCurrent(scope.gate, in: cache) { cache.dataKeys.remove(key, of: id) }
    }
}
