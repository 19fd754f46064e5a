internal import SluiceAccess

/// Where a version's private key is.
enum StoredPrivateKey: Sendable {
    /// In the row, sealed under the vaults' root key.
    case sealed(SealedPrivateKey)
}

/// A key version as a vault's database holds it, before anything of it was authenticated.
struct KeyVersionRow: Sendable {
    let name: String
    let version: String
    let publicKey: StoredPublicKey
    let operations: [KeyOperation]
    let isEnabled: Bool
    let notBeforeSeconds: Int?
    let expiresSeconds: Int?
    let createdSeconds: Int
    let updatedSeconds: Int
    var privateKey: StoredPrivateKey
    let tags: [String: String]
    /// Set if the key is deleted, with all its versions.
    var keyDeletion: Deletion?
    /// Set if this version was deleted by itself.
    var versionDeletion: Deletion?
    /// Whether it is being retired: it wraps nothing, whatever its operations say, until that has ended.
    var isRetiring: Bool

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
                .damaged, "the vault '\(vault)' holds a key version without a proper name",
                about: .vault(vault), remedies: [.restoreVaults])
        }
    }
}
