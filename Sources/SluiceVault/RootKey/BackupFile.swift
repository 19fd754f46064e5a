package import SluiceAccess
internal import SluiceNative

/// A backup of a key or of a vault as a file: sealed as a whole under the root key, and bound to what it says it is.
///
///     offset  size  meaning
///          0     8  "SLUICEBK"
///          8     1  version of this layout: 1
///          9     1  kind: 1 a key, 2 a vault
///         10     2  length of the vault's name, big-endian
///         12     2  length of the key's name, big-endian; 0 for a vault
///         14     2  zero
///         16    32  salt, random
///         48    32  check value: derived from the root key and the salt
///         80        the vault's name, the key's name, in UTF-8
///                   what is in it (`BackupContents`), sealed with AES-256-GCM: the rest, the last 16 bytes being the tag
///
/// All that comes before what is sealed is authenticated with it.
package struct BackupFile {
    enum Kind: UInt8 {
        case key = 1
        case vault = 2

        var text: String { self == .key ? "a key" : "a vault" }
    }

    let kind: Kind
    let vault: String
    /// Of a key; else empty.
    let key: String
    private let salt: [UInt8]
    private let check: [UInt8]
    private let sealed: [UInt8]

    private static let magic = Array("SLUICEBK".utf8)
    private static let version: UInt8 = 1
    private static let fixedByteCount = 80
    private static let longestNameByteCount = 127

    // MARK: Making

    /// Seals a backup.
    static func seal(
        _ contents: [UInt8], of kind: Kind, vault: String, key: String = "", under rootKey: RootKey
    ) throws(VaultError) -> [UInt8] {
        let doing = "sealing a backup"
        let salt = try rootKey.newSalt(while: doing)
        let check = try Self.check(rootKey, salt)
        let head = head(kind, vault, key, salt, check)
        return head
            + (try rootKey.seal(
                contents.span, for: .backup, salt: salt, authenticating: head, while: doing))
    }

    private static func head(
        _ kind: Kind, _ vault: String, _ key: String, _ salt: [UInt8], _ check: [UInt8]
    ) -> [UInt8] {
        let names = [Array(vault.utf8), Array(key.utf8)]
        var head = magic + [version, kind.rawValue]
        for name in names { head += [UInt8(name.count >> 8), UInt8(name.count & 0xFF)] }
        return head + [0, 0] + salt + check + names[0] + names[1]
    }

    private static func check(_ rootKey: RootKey, _ salt: [UInt8]) throws(VaultError) -> [UInt8] {
        let derived = try rootKey.derive(.backupCheck, salt: salt)
        return derived.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    }

    // MARK: Reading

    /// Reads what a file says that it is, which nothing has authenticated yet.
    ///
    /// - Throws: `damaged`, `newerVersion`.
    package init(decoding bytes: [UInt8]) throws(VaultError) {
        guard bytes.count > Self.magic.count, bytes.starts(with: Self.magic) else {
            throw .noBackup("it doesn't begin as one")
        }
        guard bytes[8] <= Self.version else {
            throw VaultError(
                .newerVersion, "the backup was made by a newer version of Sluice",
                remedies: [.updateSluice])
        }
        guard bytes.count > Self.fixedByteCount, let kind = Kind(rawValue: bytes[9]) else {
            throw .noBackup("its head is damaged")
        }
        let lengths = [10, 12].map { Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]) }
        let sealedOffset = Self.fixedByteCount + lengths[0] + lengths[1]
        guard lengths.allSatisfy({ $0 <= Self.longestNameByteCount }),
            bytes.count > sealedOffset + AES256GCM.tagByteCount
        else { throw .noBackup("it was cut short") }
        let keyOffset = Self.fixedByteCount + lengths[0]
        self.kind = kind
        vault = String(decoding: bytes[Self.fixedByteCount..<keyOffset], as: UTF8.self)
        key = String(decoding: bytes[keyOffset..<sealedOffset], as: UTF8.self)
        salt = Array(bytes[16..<48])
        check = Array(bytes[48..<80])
        sealed = Array(bytes[sealedOffset...])
        guard Self.head(kind, vault, key, salt, check) == Array(bytes[..<sealedOffset]) else {
            throw .noBackup("its head is damaged")
        }
    }

    /// Opens what is in it, with one of these root keys: that one.
    ///
    /// - Throws: `wrongRootKey` if it was made under another; `damaged`.
    func open(
        under rootKeys: RootKeys
    ) throws(VaultError) -> (contents: [UInt8], rootKey: RootKey) {
        for rootKey in rootKeys.all {
            let expected = try Self.check(rootKey, salt)
            guard constantTimeEqual(expected.span, check.span) else { continue }
            return (try open(under: rootKey), rootKey)
        }
        throw VaultError(
            .wrongRootKey,
            "the backup of \(kind.text) in '\(vault)' was made under another root key than these vaults have, or was changed",
            about: .vault(vault),
            remedies: [
                .run(.restoreApart), .other("give another backup, made since then"),
            ])
    }

    private func open(under rootKey: RootKey) throws(VaultError) -> [UInt8] {
        let opened = try rootKey.openBytes(
            sealed, for: .backup, salt: salt,
            authenticating: Self.head(kind, vault, key, salt, check), while: "opening a backup")
        guard let opened else { throw .noBackup("it was changed since it was made") }
        return opened
    }
}

extension VaultError {
    /// The refusal of bytes that are no backup, or not as they were made.
    static func noBackup(_ reason: String) -> VaultError {
        VaultError(
            .damaged, "this is no backup of a key or a vault: \(reason)",
            remedies: [.other("give the file as it was made, or another backup")])
    }
}
