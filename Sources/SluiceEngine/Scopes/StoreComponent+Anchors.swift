internal import Logging
internal import SluiceAccess

extension StoreComponent {
    /// Has a vault forget a scope that was removed, and notes that it has; whether it has. What fails stands in nobody's
    /// way: only an older copy of the scope's row needs what the vault knows, and whoever opens the store next tries again.
    @discardableResult
    func forgetAnchor(
        ofScope scope: RemovedScope, in vault: String, waiting deadline: Deadline
    ) throws(StoreError) -> (isForgotten: Bool, confirmation: BarrierConfirmation?) {
        var confirmation: BarrierConfirmation?
        do throws(VaultError) {
            let known = try keyService.anchor(
                store: catalog.store.storeID, scope: scope.scopeID,
                under: KeyIdentifier(vault: vault, name: "any"))
            if known != nil {
                confirmation = try keyService.removeAnchor(
                    store: catalog.store.storeID, scope: scope.scopeID, vault: vault,
                    waiting: deadline)
            }
        } catch {
            // With the vault went what it knew.
            guard error.code == .vaultNotFound else {
                logger.warning(
                    "a vault could not forget a scope that was removed",
                    metadata: ["vault": "\(vault)", "error": "\(error)"])
                return (false, nil)
            }
        }
        try catalog.noteForgotten(inVault: vault, removedScope: scope.rowID)
        return (true, confirmation)
    }
}
