internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// The keys of object versions: kept from an earlier read, or unwrapped by the vault. Thread-safe.
final class ObjectKeyring: Sendable, StoreComponent {
    let context: StoreContext
    let cache: ObjectCache
    let registry: ScopeRegistry
    let dataKeys: DataKeys

    init(
        context: StoreContext, cache: ObjectCache, registry: ScopeRegistry, dataKeys: DataKeys
    ) {
        self.context = context
        self.cache = cache
        self.registry = registry
        self.dataKeys = dataKeys
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
        try object.check(object.providedKey, library)
        let gate = scope.gate
        let asking = cache.asking(gate)
        let keys: ObjectKeys
        do throws(VaultError) {
            keys = try objectKeys(
                try dataKeys.dataKey(row.wrapped, under: row.keyRowID, in: scope), of: object,
                in: scope)
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
        // Whoever provides no key, or another, must not find it.
        guard object.providedKeyNote == nil else { return keys }
        let known = KnownObject(object, keys)
        cache.objects.insert(
            known, of: row.tag, under: row.keyRowID, inScope: scopeRowID, namedIn: namesRowID)
        if !asking.isCurrent(gate, in: cache) { cache.objects.remove(known, of: row.tag) }
        return keys
    }

    /// Whether a wrapped key is of the data key that an object is sealed under, for a scope.
    func isSealed(
        _ object: OpenObject, for scope: Scope, under wrapped: WrappedKey, keyRowID: Int
    ) throws(VaultError) -> Bool {
        let dataKey = try dataKeys.dataKey(wrapped, under: keyRowID, in: scope)
        let keys = try objectKeys(dataKey, of: object, in: scope)
        let (commitment, expected) = (keys.commitment, object.row.commitment)
        return constantTimeEqual(commitment.span, expected.span)
    }

    /// Throws if an object's data key can't be unwrapped: all that can be said of it without the key that its callers provide.
    func checkDataKey(of object: OpenObject) throws(StoreError) {
        let scope = try registry.encryptionScope(of: object)
        try translated("open '\(ObjectName.printable(object.name))'") { () throws(VaultError) in
            _ = try dataKeys.dataKey(
                object.row.wrapped, under: object.row.keyRowID, in: scope)
        }
    }

    /// Throws ``StoreError/Code/integrity`` if an object isn't sealed for the scope that its row names: its keys tell or, where
    /// they take a key that callers provide, its document.
    func proveEncryptionScope(of object: OpenObject) throws(StoreError) {
        guard let scopeID = object.providedKeyNote?.scopeID else {
            _ = try keys(of: object)
            return
        }
        guard try registry.encryptionScope(of: object).record.scopeID == scopeID else {
            let name = ObjectName.printable(object.name)
            throw StoreError(
                .integrity, "'\(name)' is sealed for another scope than its row names",
                about: .object(name), cause: BindingError.otherName)
        }
    }

    private func objectKeys(
        _ dataKey: DataKey, of object: OpenObject, in scope: Scope
    ) throws(VaultError) -> ObjectKeys {
        do throws(CryptoError) {
            return try ObjectKeys(
                dataKey: dataKey.secret, scope: scope.keys, provided: object.providedKey,
                objectID: object.row.objectID,
                chunkSize: object.row.chunkSize, codec: object.row.codec, library: library)
        } catch {
            throw VaultError(.cryptography, "deriving its keys failed: \(error)")
        }
    }
}
