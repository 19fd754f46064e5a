internal import SluiceAccess
internal import SluiceNative

/// What all parts of the vaults of a directory share, and none changes.
struct VaultContext: Sendable {
    let clock: any VaultClock
    let library: CryptoLibrary
    let rootKey: RootKeyHolder
    /// Where the vaults are; nil in memory.
    let home: VaultHome?

    /// The present time.
    ///
    /// - Throws: `unreasonableClock`.
    func presentTime() throws(VaultError) -> PresentTime { try PresentTime(clock) }
}

extension VaultError {
    /// The refusal of whatever is asked for after the vaults were closed.
    static var vaultsClosed: VaultError {
        VaultError(.closed, "the key vaults were closed", remedies: [.reopen])
    }
}
