internal import Logging
public import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// What a scope's encryption is set to, and how it moves to another key version.
extension Store {
    /// Whom the store is towards its vaults: the object id that their access policies name.
    public var identity: Identity { access.identity }

    /// Changes how a scope is encrypted; what is nil stays as it is. No object is touched.
    ///
    /// - Parameters:
    ///   - key: Another key of the same vault, or another version of the same key: with a version it is
    ///     pinned, without one the scope follows the vault. A scope under the platform's key may move to
    ///     any vault, once and for all.
    ///   - rewrapMode: How objects under older versions come under the current one.
    ///   - pollSeconds: How old the answer may grow which version is the newest, up to 2^32 - 1. With 0 a
    ///     scope notices at once; 86,400 is what the service that Sluice models does.
    /// - Throws: ``StoreError/Code/accessDenied`` with the permission that is missing,
    ///   ``StoreError/Code/invalidArgument``.
    @available(*, noasync)
    @discardableResult
    public func updateScope(
        _ name: ScopeName, key: KeyIdentifier? = nil, rewrapMode: RewrapMode? = nil,
        pollSeconds: Int? = nil
    ) throws(StoreError) -> ScopeInfo {
        if let pollSeconds, UInt32(exactly: pollSeconds) == nil {
            throw StoreError(
                .invalidArgument, "a poll interval of \(pollSeconds) s can't be had: 0 to 2^32 - 1")
        }
        while true {
            let scope = try scopeForPut(name)
            var record = scope.record
            if let key { record = try movedScope(record, to: key) }
            record.rewrapMode = rewrapMode ?? record.rewrapMode
            record.pollSeconds = pollSeconds ?? record.pollSeconds
            if try replace(scope.record, with: record) {
                forgetScope(name)
                return try self.scope(name)
            }
            // Another process changed the scope meanwhile: look again.
            scope.distrust()
        }
    }

    /// The row of a scope that is set to another key, its scope key wrapped anew.
    private func movedScope(
        _ old: ScopeRecord, to key: KeyIdentifier
    ) throws(StoreError) -> ScopeRecord {
        var record = old
        do throws(VaultError) {
            let platform = try keyService.platformKey()
            guard key.vault == old.currentKey.vault || old.currentKey.vault == platform.vault else {
                throw VaultError(
                    .invalidArgument,
                    key.vault == platform.vault
                        ? "a scope under a customer's key doesn't go back to the platform's"
                        : "a scope moves within its vault only, and \(key) is in another than "
                            + "'\(old.currentKey.vault)': make a scope under that key, and copy")
            }
            if key.vault != platform.vault {
                try keyService.checkSuitableForStore(key, as: identity, deadline: .none)
            }
            record.keySetting = key
            record.currentKey = try keyService.describe(key, as: identity, deadline: .none).identifier
        } catch {
            throw StoreError(vault: error, "set the scope '\(old.name)' to \(key)")
        }
        record.polledMilliseconds = clock.nowMilliseconds()
        return try wrappingAnew(record, from: old)
    }

    /// `record` with the scope key of `old` wrapped under the version that `record` names.
    private func wrappingAnew(
        _ record: ScopeRecord, from old: ScopeRecord
    ) throws(StoreError) -> ScopeRecord {
        let scopeKey = try unwrapScopeKey(old)
        let keys = try scopeKeys(scopeKey, of: old)
        var record = record
        do throws(VaultError) {
            let wrapped = try wrapTried(scopeKey, under: record.currentKey)
            record.scheme = wrapped.scheme
            record.wrappedKey = wrapped.bytes
            // The vault first: a crash in between leaves the old version current.
            try keyService.registerAnchor(
                keys.commitment, store: catalog.store.storeID, scope: record.scopeID,
                under: record.currentKey, path: registeredPath)
            onMoment?(.registered)
        } catch {
            throw StoreError(vault: error, "wrap the key of the scope '\(old.name)'")
        }
        return record
    }

    /// Commits another row of a scope, if it is still as it was; whether it is.
    private func replace(
        _ old: ScopeRecord, with new: ScopeRecord
    ) throws(StoreError) -> Bool {
        let keys = try scopeKeys(try unwrapScopeKey(old), of: old)
        var complete = new
        complete.code = try code(of: new, keys: keys)
        let record = complete
        return try catalog.write { writer throws(StoreError) in
            writer.needs.insert(KeyUse(key: old.currentKey, operation: .unwrapKey))
            writer.needs.insert(KeyUse(key: record.currentKey, operation: .wrapKey))
            return try writer.replace(old, with: record)
        }
    }

    // MARK: Taking up

    /// The row of a scope after the vault was asked for the newest version, if it is time to or
    /// `isAsking`: with that version, if it could be taken up.
    ///
    /// A version that can't be taken up leaves the scope as it is: what reads and writes need is asked
    /// for anyway, and whatever stands against the newer version is logged.
    func takingUpNewest(_ record: ScopeRecord, asking isAsking: Bool) -> ScopeRecord {
        guard record.keySetting.version == nil else { return record }
        let now = clock.nowMilliseconds()
        if record.pollSeconds > 0, !isAsking {
            let age = now - record.polledMilliseconds
            guard !(0..<record.pollSeconds * 1000).contains(age) else { return record }
        }
        do throws(StoreError) {
            return try takeUpNewest(record, at: now)
        } catch {
            logger.warning(
                "a newer key version could not be taken up",
                metadata: ["scope": "\(record.name)", "error": "\(error)"])
            return record
        }
    }

    private func takeUpNewest(
        _ old: ScopeRecord, at milliseconds: Int
    ) throws(StoreError) -> ScopeRecord {
        let newest: KeyIdentifier
        do throws(VaultError) {
            newest = try keyService.describe(old.keySetting, as: identity, deadline: .none).identifier
        } catch {
            throw StoreError(vault: error, "ask for the newest version of \(old.keySetting)")
        }
        var record = old
        record.polledMilliseconds = milliseconds
        if newest != old.currentKey {
            record.currentKey = newest
            record = try wrappingAnew(record, from: old)
        } else if old.pollSeconds == 0 {
            // Nothing to note: the vault is asked each time.
            return old
        }
        guard try replace(old, with: record) else {
            // Another process was first, or has set the scope to something else.
            return try self.record(of: old.name) ?? old
        }
        return try self.record(of: old.name) ?? record
    }
}
