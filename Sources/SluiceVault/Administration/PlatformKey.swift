internal import SluiceAccess
internal import SluiceNative

/// The platform-managed key: made, with its vault, when it is first asked for.
final class PlatformKey: Sendable {
    private let vaults: OpenVaults
    private let reserved: ReservedVault
    private let maker: KeyMaker

    init(_ vaults: OpenVaults, _ reserved: ReservedVault, _ maker: KeyMaker) {
        self.vaults = vaults
        self.reserved = reserved
        self.maker = maker
    }

    /// The key, as a versionless identifier. However many processes ask at once, there is one.
    func identifier() throws(VaultError) -> KeyIdentifier {
        let key = try KeyIdentifier(vault: ReservedVault.name, name: ReservedVault.name)
        try reserved.make()
        let exists = try vaults.read(key.vault) { tables, _ throws(DatabaseError) in
            .success(try tables.version(key) != nil)
        }
        if exists { return key }
        // Generated outside the lock, since it takes long; whoever comes second drops his.
        let made = try maker.generate(key, .rsa2048)
        try vaults.write(key.vault) { tables, _ throws(DatabaseError) in
            guard try tables.version(key) == nil else { return .success(()) }
            return try maker.insert(made, in: key.vault, tables).map { _ in }
        }
        return key
    }
}
