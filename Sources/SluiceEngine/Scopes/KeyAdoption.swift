internal import Logging
internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// How a scope moves to another key version: its scope key is wrapped anew. Thread-safe.
final class KeyAdoption: Sendable, StoreComponent {
    let context: StoreContext
    let opener: ScopeOpener

    init(context: StoreContext, opener: ScopeOpener) {
        self.context = context
        self.opener = opener
    }

    /// The row of a scope that is set to another key, of whichever vault, its scope key wrapped anew. What is sealed under
    /// the older key needs that until it is rewrapped.
    func movedScope(
        _ old: ScopeRecord, to key: KeyIdentifier
    ) throws(StoreError) -> ScopeRecord {
        var record = old
        record.keySetting = key
        record.currentKey = key
        if key.vault != old.currentKey.vault {
            // First, for the platform's key serves only whom it knows. A vault that the scope was in before may know it as
            // it was then.
            try opener.register(record, inPlaceOf: try opener.registeredAnchor(of: record))
        }
        do throws(VaultError) {
            let principal = principal(of: record)
            if key.vault != keyService.platformVault {
                try keyService.checkSuitableForStore(key, as: principal, deadline: .none)
            }
            record.currentKey = try keyService.describe(key, as: principal, deadline: .none)
                .identifier
        } catch {
            throw StoreError(
                vault: error, "set the scope '\(old.name)' to \(key)",
                about: .scope(old.name.description))
        }
        record.polledMilliseconds = clock.nowMilliseconds()
        return try wrappingAnew(record, from: old)
    }

    /// `record` with the scope key of `old` wrapped under the version that `record` names.
    private func wrappingAnew(
        _ record: ScopeRecord, from old: ScopeRecord
    ) throws(StoreError) -> ScopeRecord {
        let scopeKey = try opener.unwrapKey(old)
        _ = try opener.keys(scopeKey, of: old)
        var record = record
        do throws(VaultError) {
            let wrapped = try opener.wrapTried(
                scopeKey, under: record.currentKey,
                as: principal(of: record))
            record.scheme = wrapped.scheme
            record.wrappedKey = wrapped.bytes
        } catch {
            throw StoreError(
                vault: error, "wrap the key of the scope '\(old.name)'",
                about: .scope(old.name.description))
        }
        // The vault first: a crash in between leaves the old version current.
        try opener.register(record)
        onMoment?(.registered)
        return record
    }

    /// Has a scope's keys be asked for as somebody else from now on; nil for the store itself.
    ///
    /// The vault's anchor is changed first, then the row: who is killed in between finds the scope closed, for its row and
    /// the vault differ, until the same is asked for again.
    func setIdentity(
        _ given: Identity, of name: ScopeName
    ) throws(StoreError) {
        let own = given == identity ? nil : given
        while true {
            guard name != .pins, let old = try catalog.scope(named: name) else {
                throw StoreError.missingScope(name)
            }
            var new = old
            new.ownIdentity = own
            let principals = principals(of: new)
            let (before, after) = (try opener.anchor(of: old), try opener.anchor(of: new))
            let known = try opener.registeredAnchor(of: old)
            guard let known, known == before || known == after else {
                // Says what is wrong, and what to do.
                return try opener.checkAnchor(of: old)
            }
            try translated("set whom the scope '\(name)' asks as") { () throws(VaultError) in
                guard old.currentKey.vault != keyService.platformVault else { return }
                try keyService.checkSuitableForStore(
                    old.currentKey, as: principal(of: new), deadline: .none)
            }
            let keys = try opener.keys(try opener.unwrapKey(old, as: principals), of: old)
            try opener.register(new, inPlaceOf: known)
            onMoment?(.registered)
            new.code = try opener.code(of: new, keys: keys)
            guard try catalog.replace(old, with: new, needs: needs(unwrapping: new, wrapping: new))
            else { continue }
            let confirmation: BarrierConfirmation?
            do throws(VaultError) {
                confirmation = try keyService.replaceAnchor(
                    after, with: after, store: catalog.store.storeID, scope: old.scopeID,
                    vault: old.currentKey.vault, waiting: .seconds(5))
            } catch {
                // Somebody has changed it again.
                guard error.code != .anchorMismatch else { return }
                throw StoreError(vault: error, "have everybody ask anew for the scope '\(name)'")
            }
            guard confirmation?.isConfirmed == false else { return }
            throw StoreError(
                .busy,
                "the scope '\(name)' asks as '\(given.objectID)' from now on, and not every process has confirmed that",
                about: .scope(name.description), remedies: [.run(.confirmAccess)])
        }
    }

    /// What a COMMIT needs that puts one row of a scope in the place of another.
    private func needs(unwrapping old: ScopeRecord, wrapping new: ScopeRecord) -> Set<KeyUse> {
        [
            KeyUse(key: old.currentKey, operation: .unwrapKey, identity: principal(of: old)),
            KeyUse(key: new.currentKey, operation: .wrapKey, identity: principal(of: new)),
        ]
    }

    /// Commits another row of a scope, if it is still as it was; whether it is.
    func replace(
        _ old: ScopeRecord, with new: ScopeRecord
    ) throws(StoreError) -> Bool {
        let keys = try opener.keys(try opener.unwrapKey(old), of: old)
        var complete = new
        complete.code = try opener.code(of: new, keys: keys)
        let needs = needs(unwrapping: old, wrapping: complete)
        return try catalog.replace(old, with: complete, needs: needs)
    }

    /// The row of a scope after the vault was asked for the newest version, if it is time to or
    /// `isAsking`: with that version, if it could be taken up.
    ///
    /// A version that can't be taken up leaves the scope as it is: what reads and writes need is asked
    /// for anyway, and whatever stands against the newer version is logged.
    func adoptingNewest(_ record: ScopeRecord, asking isAsking: Bool) -> ScopeRecord {
        guard record.keySetting.version == nil, context.isWritable else { return record }
        let now = clock.nowMilliseconds()
        if record.pollSeconds > 0, !isAsking {
            let age = now - record.polledMilliseconds
            guard !(0..<record.pollSeconds * 1000).contains(age) else { return record }
        }
        do throws(StoreError) {
            return try adoptNewest(record, at: now)
        } catch {
            logger.warning(
                "a newer key version could not be taken up",
                metadata: ["scope": "\(record.name)", "error": "\(error)"])
            return record
        }
    }

    private func adoptNewest(
        _ old: ScopeRecord, at milliseconds: Int
    ) throws(StoreError) -> ScopeRecord {
        let newest = try translated("ask for the newest version of \(old.keySetting)") {
            () throws(VaultError) in
            try keyService.describe(
                old.keySetting, as: principal(of: old),
                deadline: .none
            )
            .identifier
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
            return try catalog.scope(named: old.name) ?? old
        }
        return try catalog.scope(named: old.name) ?? record
    }
}
