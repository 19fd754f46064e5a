internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// Comes by the root key of a vaults directory when it is first needed, and keeps it.
///
/// Safe from any thread. What decides about the key on disk is `root.check`, which is made once, under
/// the directory's lock, before the first vault.
final class RootKeyHolder: Sendable {
    private let library: CryptoLibrary
    private let source: RootKeySource
    private let path: String
    private let known: Mutex<RootKey?>

    /// The root key of the directory at `path`.
    init(_ source: RootKeySource, directoryPath: String, library: CryptoLibrary) {
        self.library = library
        self.source = source
        path = directoryPath
        known = Mutex(nil)
    }

    /// A root key that is nowhere but in memory.
    init(ephemeral key: RootKey) {
        library = key.library
        source = .file()
        path = ""
        known = Mutex(key)
    }

    /// The root key of vaults that exist.
    ///
    /// - Throws: `wrongRootKey`, `rootKeyMissing`, `rootKeyExposed`, `passphraseRequired`, `damaged`,
    ///   `newerVersion`, `io`; what the closure throws that provides a passphrase.
    func key() throws(VaultError) -> RootKey {
        try known.withLock { known throws(VaultError) in
            if let known { return known }
            guard let record = try readRecord() else { throw recordMissing }
            let key = try open(record)
            known = key
            return key
        }
    }

    /// The root key; a new one if there never was any, for the first vault.
    ///
    /// To be called under the directory's lock.
    func keyOrNew(hasVaults: Bool) throws(VaultError) -> RootKey {
        try known.withLock { known throws(VaultError) in
            if let known { return known }
            let key: RootKey
            if let record = try readRecord() {
                key = try open(record)
            } else if hasVaults {
                throw recordMissing
            } else {
                key = try establish()
            }
            known = key
            return key
        }
    }

    /// Forgets the key.
    func forget() { known.withLock { $0 = nil } }

    // MARK: The record

    static let recordName = BarrierFile.witnessName
    private var recordPath: String { "\(path)/\(Self.recordName)" }
    private var keyFilePath: String {
        if case .file(let path?) = source { path } else { "\(path)/root.key" }
    }

    private var keyFile: RootKeyFile {
        let isNamed = if case .file(.some) = source { true } else { false }
        return RootKeyFile(path: keyFilePath, isNamed: isNamed)
    }

    private var recordMissing: VaultError {
        VaultError(
            .damaged, "'\(recordPath)' is missing, without which vaults can't be opened",
            about: .file(recordPath), remedies: [.restoreVaults])
    }

    private func readRecord() throws(VaultError) -> RootKeyRecord? {
        var bytes = [UInt8](repeating: 0, count: RootKeyRecord.byteCount + 1)
        do throws(SystemError) {
            let directory = try Directory.openGuarded(path)
            // Neither follows a link nor waits for the other end of a pipe.
            let file = try directory.openFile(Self.recordName)
            // What is no file holds nothing, which is no record.
            let isFile = try file.status().kind == .regular
            var span = bytes.mutableSpan
            let count = isFile ? try file.read(into: &span) : 0
            bytes.removeSubrange(count...)
        } catch {
            if error.isNotFound || error.isNotDirectory { return nil }
            throw VaultError(error, while: "reading how the vaults are sealed")
        }
        return try RootKeyRecord(decoding: bytes, path: recordPath)
    }

    // MARK: Opening

    private func open(_ record: RootKeyRecord) throws(VaultError) -> RootKey {
        let key = RootKey(try secret(for: record), library: library)
        guard try isRight(key, record) else {
            let (reason, remedy): (String, Remedy) =
                switch record.kind {
                case .keyFile:
                    (
                        "the vaults in '\(path)' are not under the key in '\(keyFilePath)'",
                        .choose(.rootKey)
                    )
                case .passphrase:
                    (
                        "the vaults in '\(path)' have another passphrase than the one given",
                        .other("give that one")
                    )
                }
            throw VaultError(.wrongRootKey, reason, about: .file(path), remedies: [remedy])
        }
        return key
    }

    private func secret(for record: RootKeyRecord) throws(VaultError) -> SecretBytes {
        switch (record.kind, source) {
        case (.keyFile, .file):
            guard let secret = try keyFile.read() else {
                throw VaultError(
                    .rootKeyMissing,
                    "the root key '\(keyFilePath)' is missing, and the keys in '\(path)' can't be opened "
                        + "without it", about: .file(keyFilePath),
                    remedies: [.putBack("it"), .choose(.rootKey)])
            }
            return secret
        case (.passphrase(let logN), .passphrase(let provide)):
            return try stretch(try provide(), salt: record.salt, logN: logN)
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

    private func isRight(_ key: RootKey, _ record: RootKeyRecord) throws(VaultError) -> Bool {
        let check = try key.derive(
            .check, salt: record.salt, context: RootKeyRecord.head(record.kind))
        return check.withBytes { constantTimeEqual($0, record.check.span) }
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

    private static let leastPassphraseLength = 8

    /// Returns if a passphrase is long enough for a new root key. One that is in use is taken as it is.
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

    private func establish() throws(VaultError) -> RootKey {
        let salt: [UInt8]
        do {
            salt = try library.randomBytes(byteCount: RootKeyRecord.saltByteCount)
        } catch {
            throw VaultError(error, while: "making a root key")
        }
        let kind: RootKeyRecord.Kind
        let secret: SecretBytes
        switch source {
        case .file:
            kind = .keyFile
            let file = keyFile
            if let existing = try file.read() {
                secret = existing
            } else {
                secret = try file.create(library)
            }
        case .passphrase(let provide):
            kind = .passphrase(logN: RootKeyRecord.newLogN)
            let passphrase = try provide()
            try Self.checkLongEnough(passphrase)
            secret = try stretch(passphrase, salt: salt, logN: RootKeyRecord.newLogN)
        }
        let key = RootKey(secret, library: library)
        let check = try key.derive(.check, salt: salt, context: RootKeyRecord.head(kind))
        let record = RootKeyRecord(
            kind: kind, salt: salt,
            check: check.withBytes { bytes in bytes.indices.map { bytes[$0] } })
        do throws(SystemError) {
            let directory = try Directory.openGuarded(path, givesToOwner: true)
            let isMine = try directory.createWhole(Self.recordName, record.encoded.span)
            precondition(isMine, "a root key was made without the directory's lock")
        } catch {
            throw VaultError(error, while: "noting how the vaults are sealed")
        }
        return key
    }
}
