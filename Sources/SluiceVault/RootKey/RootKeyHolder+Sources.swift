internal import SluiceAccess
internal import SluiceNative

/// Where a root key comes from, and how it is put there.
extension RootKeyHolder {
    var keyFilePath: String { keyFile(of: source).path }

    /// The key file that a source means.
    func keyFile(of source: RootKeySource) -> RootKeyFile {
        if case .file(let path?) = source { return RootKeyFile(path: path, isNamed: true) }
        return RootKeyFile(
            path: "\(place?.path ?? "")/\(RootKeyPlace.usualKeyName)", isNamed: false)
    }

    // MARK: Opening

    func existingKeyFile() throws(VaultError) -> SecretBytes {
        if let secret = try keyFile(of: source).read() { return secret }
        throw VaultError(
            .rootKeyMissing,
            "the root key '\(keyFilePath)' is missing, and the keys in '\(place?.path ?? "")' can't be opened "
                + "without it", about: .file(keyFilePath),
            remedies: [.putBack("it"), .choose(.rootKey)])
    }

    /// The secret that the source gives for a record; random where the passphrase is another.
    func secret(for record: RootKeyRecord) throws(VaultError) -> SecretBytes {
        let path = place?.path ?? ""
        switch (record.kind, source) {
        case (.keyFile, .file): return try existingKeyFile()
        case (.passphrase(let logN), .passphrase(let provide)):
            let sealing = RootKey(
                try stretch(try provide(), salt: record.salt, logN: logN), library: library)
            let secret = try sealing.open(
                record.sealed, for: .rootKey, salt: record.salt,
                authenticating: RootKeyRecord.head(record.kind), while: "opening the root key")
            guard let secret, secret.byteCount == RootKey.byteCount else {
                throw VaultError(
                    .wrongRootKey,
                    "the vaults in '\(path)' have another passphrase than the one given",
                    about: .file(path), remedies: [.other("give that one")])
            }
            return secret
        case (.keyFile, .passphrase):
            throw VaultError(
                .wrongRootKey,
                "the vaults in '\(path)' are sealed under a key file, not a passphrase",
                about: .file(path), remedies: [.choose(.noPassphrase)])
        case (.passphrase, .file):
            throw VaultError(
                .passphraseRequired, "the vaults in '\(path)' are sealed under a passphrase",
                about: .file(path), remedies: [.choose(.passphrase)])
        }
    }

    private func stretch(
        _ passphrase: borrowing SecretBytes, salt: [UInt8], logN: UInt8
    ) throws(VaultError) -> SecretBytes {
        var stretched = SecretBytes(byteCount: RootKey.byteCount)
        try translated(while: "stretching the passphrase with scrypt") { () throws(CryptoError) in
            try passphrase.withBytes { passphrase throws(CryptoError) in
                try stretched.withMutableBytes { stretched throws(CryptoError) in
                    try library.scrypt(
                        passphrase: passphrase, salt: salt.span, n: UInt64(1) << logN,
                        r: UInt32(RootKeyRecord.scryptR), p: UInt32(RootKeyRecord.scryptP),
                        into: &stretched)
                }
            }
        }
        return stretched
    }

    // MARK: Making

    /// A record of a root key that is come by in a way.
    ///
    /// - Throws: `invalidArgument` for a passphrase that is too short; what the closure throws that provides one.
    func record(
        of key: RootKey, from source: RootKeySource
    ) throws(VaultError) -> RootKeyRecord {
        let salt = try key.newSalt(while: "sealing a root key")
        guard case .passphrase(let provide) = source else {
            return RootKeyRecord(
                kind: .keyFile, salt: salt, check: try RootKeyRecord.check(key, salt, .keyFile))
        }
        let passphrase = try provide()
        try Self.checkLongEnough(passphrase)
        let kind = RootKeyRecord.Kind.passphrase(logN: RootKeyRecord.newLogN)
        let sealing = RootKey(
            try stretch(passphrase, salt: salt, logN: RootKeyRecord.newLogN), library: library)
        let sealed = try key.withSecret { secret throws(VaultError) in
            try sealing.seal(
                secret, for: .rootKey, salt: salt, authenticating: RootKeyRecord.head(kind),
                while: "sealing a root key")
        }
        return RootKeyRecord(
            kind: kind, salt: salt, check: try RootKeyRecord.check(key, salt, kind), sealed: sealed)
    }

    /// Makes the first root key of a directory.
    func establish() throws(VaultError) -> (RootKey, RootKeyRecord) {
        let key: RootKey
        switch source {
        case .file:
            let file = keyFile(of: source)
            let secret: SecretBytes
            if let existing = try file.read() {
                secret = existing
            } else {
                secret = try file.create(library)
            }
            key = RootKey(secret, library: library)
        case .passphrase: key = try .random(library)
        }
        let record = try record(of: key, from: source)
        try place?.establish(record)
        return (key, record)
    }

    private static let leastPassphraseLength = 8

    /// Returns if a passphrase is long enough for a new record. One that is in use is taken as it is.
    private static func checkLongEnough(_ passphrase: borrowing SecretBytes) throws(VaultError) {
        // In UTF-8 each character has one byte that is none of these.
        let length = passphrase.withBytes { bytes in
            bytes.indices.count { bytes[$0] & 0xC0 != 0x80 }
        }
        guard length >= leastPassphraseLength else {
            throw VaultError(
                .invalidArgument,
                "the passphrase has \(length) characters, and whoever has the vaults' files can try them all",
                remedies: [.other("choose one of at least \(leastPassphraseLength)")])
        }
    }
}
