internal import SluiceAccess

extension StoreComponent {
    /// As whom keys are asked for by a scope with this row.
    func principals(of record: ScopeRecord) -> ScopePrincipals {
        ScopePrincipals(
            store: identity, own: record.ownIdentity, platformVault: keyService.platformVault)
    }
}
