internal import SluiceAccess
internal import SluiceNative

/// The vault that nobody makes or deletes: it holds the platform-managed key, and which identities are switched
/// off.
final class ReservedVault: Sendable {
    static let name = "platform"

    private let context: VaultContext
    private let vaults: OpenVaults

    init(_ context: VaultContext, _ vaults: OpenVaults) {
        self.context = context
        self.vaults = vaults
    }

    /// Makes it unless it is there.
    ///
    /// - Throws: `damaged` if it was there and is lost, unless `evenIfLost`.
    func make(evenIfLost: Bool = false) throws(VaultError) {
        do throws(VaultError) {
            _ = try vaults.vault(named: Self.name)
        } catch {
            guard error.code == .vaultNotFound else { throw error }
            if !evenIfLost { try checkNotLost() }
            let time = try context.presentTime()
            _ = try vaults.make(
                VaultRow(
                    name: Self.name, createdSeconds: time.seconds, retentionDays: 90,
                    isPurgeProtected: true, noted: time.moment))
        }
    }

    /// Returns unless it is missing though there once was one: the first policy of any vault makes it. Nobody
    /// can tell who was switched off then.
    ///
    /// - Throws: `damaged`.
    func checkNotLost() throws(VaultError) {
        for name in try vaults.names() where name != Self.name {
            // Of one that is hidden or deleted, too.
            let hasPolicies = try? vaults.vault(named: name).read { tables throws(DatabaseError) in
                try !tables.policies().isEmpty
            }
            // One that can't be read may have some.
            guard hasPolicies ?? true else { continue }
            throw VaultError(
                .damaged,
                "the vault '\(Self.name)' is missing, which says which identities are switched off",
                about: .vault(Self.name),
                remedies: [.putBack("it"), .make(.identityVault)])
        }
    }

    /// Refuses what would change the keys that platform-managed encryption relies on.
    static func refuse(_ vault: String, to doing: String) throws(VaultError) {
        guard vault != name else {
            throw VaultError(
                .accessDenied, "can't \(doing): that vault is reserved for the platform's key",
                about: .vault(vault), remedies: [.other("use another vault")])
        }
    }
}
