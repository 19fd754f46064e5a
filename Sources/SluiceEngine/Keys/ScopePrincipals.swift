internal import SluiceAccess

/// As whom the keys of a scope are asked for: the identity that it was given or, if it has none, the store. The platform's
/// key is always asked for as the store, which is the one that it knows.
struct ScopePrincipals: Sendable {
    let store: Identity
    let own: Identity?
    let platformVault: String

    /// The same of another row of the scope's.
    func of(_ record: ScopeRecord) -> ScopePrincipals {
        ScopePrincipals(store: store, own: record.ownIdentity, platformVault: platformVault)
    }

    func principal(for key: KeyIdentifier) -> Identity {
        key.vault == platformVault ? store : own ?? store
    }
}
