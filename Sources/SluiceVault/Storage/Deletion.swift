internal import SluiceAccess

/// When a vault, key or version was deleted, and when it goes for good; in seconds since 1970.
struct Deletion: Hashable, Sendable {
    let deletedSeconds: Int
    let purgeSeconds: Int

    /// A deletion now, in a vault with these settings. A clock that was put back shortens no retention.
    init(at time: PresentTime, in vault: VaultRow) {
        deletedSeconds = time.seconds
        purgeSeconds = time.notBefore(vault.noted) + vault.retentionDays * 86_400
    }

    init(deletedSeconds: Int, purgeSeconds: Int) {
        self.deletedSeconds = deletedSeconds
        self.purgeSeconds = purgeSeconds
    }

    /// Whether the scheduled date has come.
    func isDue(atSeconds now: Int) -> Bool { now >= purgeSeconds }
}
