internal import SluiceAccess

extension StoreComponent {
    /// As whom keys are asked for by a scope with this row.
    func principals(of record: ScopeRecord) -> ScopePrincipals {
        ScopePrincipals(
            store: identity, own: record.ownIdentity, platformVault: keyService.platformVault)
    }

    /// As whom the key that a scope with this row is under is asked for.
    func principal(of record: ScopeRecord) -> Identity {
        principals(of: record).principal(for: record.currentKey)
    }
}
