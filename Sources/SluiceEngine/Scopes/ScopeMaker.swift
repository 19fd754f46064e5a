internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Makes scopes. Thread-safe.
final class ScopeMaker: Sendable, StoreComponent {
    let context: StoreContext
    let opener: ScopeOpener

    init(context: StoreContext, opener: ScopeOpener) {
        self.context = context
        self.opener = opener
    }

    func make(
        _ name: ScopeName, key: KeyIdentifier?, wrapping: KeyWrapping = .direct,
        identity given: Identity? = nil, isImplied: Bool = false
    ) throws(StoreError) {
        if isImplied { try checkNoneIsLost(name) }
        try checkVaults()
        let scopeID = try library.identifier()
        let scopeKey = try library.freshKey()
        let keys = try opener.keys(scopeKey, scopeID: scopeID)
        let own = given == identity ? nil : given
        var record: ScopeRecord
        do throws(VaultError) {
            let setting: KeyIdentifier
            if let key { setting = key } else { setting = try keyService.platformKey().versionless }
            let principal = ScopePrincipals(
                store: identity, own: own, platformVault: keyService.platformVault
            ).principal(for: setting)
            if key != nil {
                try keyService.checkSuitableForStore(setting, as: principal, deadline: .none)
            } else {
                // First, for the platform's key serves only whom it knows.
                try keyService.registerAnchor(
                    keys.commitment, store: catalog.store.storeID, scope: scopeID, under: setting,
                    path: context.registeredPath)
            }
            let current = try keyService.describe(setting, as: principal, deadline: .none)
                .identifier
            let wrapped = try opener.wrapTried(scopeKey, under: current, as: principal)
            record = ScopeRecord(
                rowID: 0, scopeID: scopeID, name: name, keySetting: setting,
                rewrapMode: .onRewrite, pollSeconds: 0,
                polledMilliseconds: clock.nowMilliseconds(), retention: RetentionPolicy(),
                wrapping: wrapping, ownIdentity: own, currentKey: current,
                currentKeyRowID: 0, scheme: wrapped.scheme, wrappedKey: wrapped.bytes,
                commitment: keys.commitment, createdMilliseconds: WallClock.nowMilliseconds,
                code: [])
        } catch {
            throw StoreError(
                vault: error, "make the scope '\(name)'", about: .scope(name.description))
        }
        try opener.register(record)
        record.code = try opener.code(of: record, keys: keys)
        let need = KeyUse(
            key: record.currentKey, operation: .wrapKey,
            identity: principal(of: record))
        try catalog.add(record, isImplied: isImplied, needs: [need])
    }

    /// Throws if the store has scopes, and none of the vaults is there that their keys are in: a store that has been used
    /// doesn't begin anew with other vaults, because its own are elsewhere, or not mounted.
    func checkVaults() throws(StoreError) {
        let names = try catalog.vaultsInUse().sorted()
        guard !names.isEmpty else { return }
        for name in names {
            do throws(VaultError) {
                _ = try keyService.registeredStores(vault: name)
                return
            } catch {
                // One that can't be opened is there.
                guard error.code == .vaultNotFound else { return }
            }
        }
        let place = keyService.path.map { " in '\($0)'" } ?? ""
        let list = names.map { "'\($0)'" }.joined(separator: ", ")
        throw StoreError(
            .wrongVault,
            "the store has scopes under keys of \(list), and there is no such vault\(place); none was made anew",
            about: files.map { .store($0.path) },
            remedies: [
                .choose(.vaults), .putBack("that directory"),
                .other("delete those scopes, if the vaults are gone for good"),
            ])
    }

    /// Throws if objects are there whose scope has no row: then a scope that isn't there may be theirs, and
    /// was lost or deleted.
    func checkNoneIsLost(_ name: ScopeName) throws(StoreError) {
        if try catalog.hasStrayObjects() { throw StoreError.lostScope(name) }
    }
}
