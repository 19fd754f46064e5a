internal import SluiceAccess

/// A key version as a vault's database holds it, before anything of it was authenticated.
struct KeyVersionRow: Sendable {
    let name: String
    let version: String
    let modulus: [UInt8]
    let exponent: [UInt8]
    let operations: [KeyOperation]
    let isEnabled: Bool
    let notBeforeSeconds: Int?
    let expiresSeconds: Int?
    let createdSeconds: Int
    let updatedSeconds: Int
    let sealed: SealedPrivateKey
    let tags: [String: String]
    /// Set if the key is deleted, with all its versions.
    var keyDeletion: Deletion?
    /// Set if this version was deleted by itself.
    var versionDeletion: Deletion?
    /// Whether it is being retired: it wraps nothing, whatever its operations say, until that has ended.
    var isRetiring = false

    /// Set if the version is deleted, in either way.
    var deletion: Deletion? { keyDeletion ?? versionDeletion }

    /// Whether the version is to be treated as if it were purged already.
    func isGone(atSeconds now: Int) -> Bool {
        keyDeletion?.isDue(atSeconds: now) ?? false
            || versionDeletion?.isDue(atSeconds: now) ?? false
    }

    /// The version's identifier.
    ///
    /// - Throws: `damaged` if the names in the row are none.
    func identifier(in vault: String) throws(VaultError) -> KeyIdentifier {
        do {
            return try KeyIdentifier(vault: vault, name: name, version: version)
        } catch {
            throw VaultError(
                .damaged,
                "the vault '\(vault)' holds a key version without a proper name: restore the vault "
                    + "from a backup")
        }
    }
}

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

/// A scope-key commitment that was registered in a vault.
struct AnchorRow: Sendable {
    let store: [UInt8]
    let scope: [UInt8]
    let commitment: [UInt8]
    let authentication: [UInt8]
}
