/// A key version as a vault's database holds it, before anything of it was authenticated.
struct KeyVersionRow: Sendable {
    let name: String
    let version: String
    let modulus: [UInt8]
    let exponent: [UInt8]
    /// The key's operations, joined by commas.
    let operations: String
    let isEnabled: Bool
    let notBeforeSeconds: Int?
    let expiresSeconds: Int?
    let createdSeconds: Int
    let updatedSeconds: Int
    let sealed: SealedPrivateKey
    let tags: [String: String]

    /// Those of the operations that this code knows.
    var keyOperations: [KeyOperation] {
        operations.split(separator: ",").compactMap { KeyOperation(rawValue: String($0)) }
    }

    /// The version's identifier.
    ///
    /// - Throws: `damaged` if the names in the row are none.
    func identifier(in vault: Vault) throws(VaultError) -> KeyIdentifier {
        do {
            return try KeyIdentifier(vault: vault.row.name, name: name, version: version)
        } catch {
            throw VaultError(
                .damaged,
                "the vault '\(vault.row.name)' holds a key version without a proper name: restore "
                    + "the vault from a backup")
        }
    }
}

/// A vault's own row.
struct VaultRow: Sendable {
    let name: String
    let createdSeconds: Int
    let retentionDays: Int
    let isPurgeProtected: Bool
}

/// A scope-key commitment that was registered in a vault.
struct AnchorRow: Sendable {
    let store: [UInt8]
    let scope: [UInt8]
    let commitment: [UInt8]
    let authentication: [UInt8]
}
