internal import SluiceAccess
internal import SluiceNative

extension BackupContents {
    /// A key version that a backup holds.
    struct SealedVersion {
        let identifier: KeyIdentifier
        let isEnabled: Bool
    }

    /// Which key versions there are, in the order in which they were made.
    ///
    /// - Throws: `damaged`.
    func versions(in vault: String) throws(VaultError) -> [SealedVersion] {
        let names = keyNames
        let deleted = Set((rows["keys"] ?? []).filter { $0[2] != .null }.map { $0[0] })
        return try (rows["versions"] ?? []).map { row throws(VaultError) in
            SealedVersion(
                identifier: try Self.identifier(of: row, names, in: vault),
                // Only what serves: one that is deleted serves nobody.
                isEnabled: row[6].number != 0 && row[13] == .null && !deleted.contains(row[1]))
        }
    }

    /// The same, with all that is sealed or authenticated in it under the current root key.
    ///
    /// - Throws: `damaged` if something is under none of these root keys; it stays as it is with `leavingDamaged`.
    func renewed(
        under rootKeys: RootKeys, vault: String, leavingDamaged: Bool = false
    ) throws(VaultError) -> BackupContents {
        let names = keyNames
        var renewed = self
        renewed.rows["versions"] = try map("versions", leavingDamaged) { row throws(VaultError) in
            let sealed = try rootKeys.renewed(
                SealedPrivateKey(salt: row[11].blob, bytes: row[12].blob),
                as: Self.identifier(of: row, names, in: vault),
                StoredPublicKey(kindName: row[3].text, bytes: row[4].blob))
            guard let sealed else { return row }
            var row = row
            (row[11], row[12]) = (.blob(sealed.salt), .blob(sealed.bytes))
            return row
        }
        renewed.rows["anchors"] = try map("anchors", leavingDamaged) { row throws(VaultError) in
            let (store, scope, commitment) = (row[0].blob, row[1].blob, row[2].blob)
            let owner = try rootKeys.vouching(
                for: row[3].blob, vault: vault, store: store, scope: scope, commitment: commitment)
            guard owner !== rootKeys.current else { return row }
            return try row.dropLast() + [
                .blob(
                    rootKeys.current.authenticateAnchor(
                        vault: vault, store: store, scope: scope, commitment: commitment))
            ]
        }
        return renewed
    }

    private func map(
        _ table: String, _ leavesDamaged: Bool, _ renew: ([Value]) throws(VaultError) -> [Value]
    ) throws(VaultError) -> [[Value]] {
        try (rows[table] ?? []).map { row throws(VaultError) in
            do throws(VaultError) {
                return try renew(row)
            } catch {
                guard error.code == .damaged, leavesDamaged else { throw error }
                return row
            }
        }
    }

    /// The names of the keys, by their numbers.
    private var keyNames: [Value: String] {
        Dictionary(
            (rows["keys"] ?? []).map { ($0[0], $0[1].text) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func identifier(
        of version: [Value], _ names: [Value: String], in vault: String
    ) throws(VaultError) -> KeyIdentifier {
        do throws(VaultError) {
            return try KeyIdentifier(
                vault: vault, name: names[version[1]] ?? "", version: version[2].text)
        } catch {
            throw .noBackup("it holds a key version without a proper name")
        }
    }
}
