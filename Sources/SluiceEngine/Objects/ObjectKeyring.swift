internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// The keys of object versions: kept from an earlier read, or unwrapped by the vault. Thread-safe.
final class ObjectKeyring: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry

    init(context: StoreContext, cache: ObjectCache, registry: ScopeRegistry) {
        self.context = context
        self.cache = cache
        self.registry = registry
    }

    /// The keys of a row that was looked up and authenticated.
    func keys(
        of row: FoundRow, authenticated object: OpenObject
    ) throws(StoreError) -> ObjectKeys {
        if case .known(let known) = row, known.object === object { return known.keys }
        return try keys(of: object)
    }

    /// The keys of an object version: kept from an earlier read, or unwrapped by the vault and
    /// checked against the row's commitment.
    func keys(of object: OpenObject) throws(StoreError) -> ObjectKeys {
        let row = object.row
        let scope = try registry.encryptionScope(of: object)
        let (scopeRowID, namesRowID) = (scope.record.rowID, object.scope.record.rowID)
        if let known = cache.objects.key(
            of: row.tag.span, under: row.keyRowID, inScope: scopeRowID),
            known.object.row.objectID == row.objectID
        {
            if known.object !== object {
                cache.objects.replace(
                    row.tag, by: KnownObject(object, known.keys), of: row.tag, under: row.keyRowID,
                    inScope: scopeRowID, namedIn: namesRowID)
            }
            return known.keys
        }
        let gate = scope.gate
        let asking = cache.asking(gate)
        let keys: ObjectKeys
        do throws(VaultError) {
            keys = try objectKeys(try dataKey(of: row, in: scope), of: object, in: scope)
        } catch {
            throw StoreError(
                vault: error, "open '\(ObjectName.printable(object.name))'",
                about: .object(ObjectName.printable(object.name)))
        }
        let commitment = keys.commitment
        guard constantTimeEqual(commitment.span, row.commitment.span) else {
            throw StoreError(
                .integrity,
                """
                the key of '\(ObjectName.printable(object.name))' is not the one it was sealed under
                """, about: .object(ObjectName.printable(object.name)),
                cause: BindingError.notCommitted)
        }
        let known = KnownObject(object, keys)
        cache.objects.insert(
            known, of: row.tag, under: row.keyRowID, inScope: scopeRowID, namedIn: namesRowID)
        if !asking.isCurrent(gate, in: cache) { cache.objects.remove(known, of: row.tag) }
        return keys
    }

    /// The data key that a row references, kept or unwrapped: one that small objects share serves all
    /// of them after one key operation.
    func dataKey(of row: ObjectRow, in scope: Scope) throws(VaultError) -> DataKey {
        let gate = scope.gate
        let asking = cache.asking(gate)
        if let known = cache.keptDataKey(row.wrapped, under: row.keyRowID, in: scope) {
            return known
        }
        let secret = try access.unwrap(row.wrapped, as: scope.identity)
        guard secret.byteCount == Format.keyByteCount else {
            throw VaultError(.unwrapFailed, "its data key has a wrong length")
        }
        let key = DataKey(secret, wrapped: row.wrapped)
        // What is too short to be an id fails to unwrap.
        cache.dataKeys.insert(
            key, of: key.wrapped.bytes, under: row.keyRowID, inScope: scope.record.rowID)
        if !asking.isCurrent(gate, in: cache) { cache.dataKeys.remove(key, of: key.wrapped.bytes) }
        return key
    }

    /// Whether a wrapped key is of the data key that an object is sealed under, for a scope.
    func isSealed(
        _ object: OpenObject, for scope: Scope, under wrapped: WrappedKey, keyRowID: Int
    ) throws(VaultError) -> Bool {
        var row = object.row
        row.wrapped = wrapped
        row.keyRowID = keyRowID
        let keys = try objectKeys(try dataKey(of: row, in: scope), of: object, in: scope)
        let (commitment, expected) = (keys.commitment, object.row.commitment)
        return constantTimeEqual(commitment.span, expected.span)
    }

    private func objectKeys(
        _ dataKey: DataKey, of object: OpenObject, in scope: Scope
    ) throws(VaultError) -> ObjectKeys {
        do throws(CryptoError) {
            return try ObjectKeys(
                dataKey: dataKey.secret, scope: scope.keys, objectID: object.row.objectID,
                chunkSize: object.row.chunkSize, codec: object.row.codec, library: library)
        } catch {
            throw VaultError(.cryptography, "deriving its keys failed: \(error)")
        }
    }
}
