internal import SluiceAccess

/// A vault's own row.
struct VaultRow: Sendable {
    let name: String
    let createdSeconds: Int
    let retentionDays: Int
    var isPurgeProtected: Bool
    var deletion: Deletion?
    /// Whether the vault is gone, and only its directory has yet to go.
    var isPurged = false
    /// A time that was believed, and what has passed since is measured from.
    var noted: BootMoment?

    /// Whether the vault is to be treated as if it were purged already.
    func isGone(atSeconds now: Int) -> Bool {
        isPurged || deletion?.isDue(atSeconds: now) ?? false
    }
}
