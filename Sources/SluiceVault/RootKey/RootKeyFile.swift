internal import SluiceAccess
internal import SluiceNative

/// A file that holds a root key and nothing else.
struct RootKeyFile {
    let path: String
    /// Whether somebody has named it: then it may be a link, as secrets that are mounted often are.
    let isNamed: Bool

    /// Reads the key; nil if there is no file.
    ///
    /// - Throws: `rootKeyExposed` if others than the owner may do anything with the file, or it is another
    ///   user's; `damaged` if it is not 32 bytes.
    func read() throws(VaultError) -> SecretBytes? {
        let file: File
        let status: FileStatus
        let isTrusted: Bool
        do throws(SystemError) {
            let (directoryPath, name) = Self.split(isNamed ? try FileSystem.realPath(path) : path)
            let directory = try Directory.openGuarded(directoryPath)
            // Neither follows a link nor waits for the other end of a pipe.
            file = try directory.openFile(name)
            status = try file.status()
            isTrusted = try directory.trusts(status)
        } catch {
            if error.isNotFound { return nil }
            throw VaultError(error, while: "reading the root key")
        }
        guard isTrusted else {
            throw VaultError(
                .rootKeyExposed,
                "the root key '\(path)' belongs to another user (\(status.ownerID)), who has every key in "
                    + "the vaults", about: .file(path),
                remedies: [.other("make it yours"), .choose(.rootKey)])
        }
        guard status.kind != .regular || status.mode & 0o077 == 0 else {
            throw VaultError(
                .rootKeyExposed,
                "the root key '\(path)' is open to others than its owner, and with it every key in the vaults",
                about: .file(path), remedies: [.machine(.makePrivate(path))])
        }
        guard status.kind == .regular, status.byteCount == RootKey.byteCount else {
            throw VaultError(
                .damaged,
                "'\(path)' is not a root key, which is a file of \(RootKey.byteCount) bytes",
                about: .file(path), remedies: [.choose(.rootKey), .restoreVaults])
        }
        var secret = SecretBytes(byteCount: RootKey.byteCount)
        _ = try translated(while: "reading the root key") { () throws(SystemError) in
            try secret.withMutableBytes { bytes throws(SystemError) in
                try file.read(into: &bytes)
            }
        }
        return secret
    }

    /// Makes a file with a fresh key, durably, and returns the key; if meanwhile another process has
    /// made one, that one.
    func create(_ library: CryptoLibrary) throws(VaultError) -> SecretBytes {
        let secret: SecretBytes
        do {
            secret = try library.randomSecret(byteCount: RootKey.byteCount)
        } catch {
            throw VaultError(error, while: "making a root key")
        }
        let isMine: Bool
        do throws(SystemError) {
            let (directoryPath, name) = Self.split(path)
            let directory = try Directory.openGuarded(directoryPath, givesToOwner: true)
            isMine = try secret.withBytes { bytes throws(SystemError) in
                try directory.createWhole(name, bytes)
            }
        } catch {
            throw VaultError(error, while: "making the root key \(path)")
        }
        if isMine { return secret }
        guard let other = try read() else {
            throw VaultError(
                .io, "the root key '\(path)' was removed while it was read", about: .file(path),
                remedies: [.tryAgain])
        }
        return other
    }

    /// Puts the file that holds this key in the place of the one that there is.
    func replace(with key: RootKey) throws(VaultError) {
        try inPlace { directory, name throws(SystemError) in
            try key.withSecret { secret throws(SystemError) in
                try directory.replaceWhole(name, secret)
            }
        }
    }

    /// Makes the file that holds this key, unless it is there.
    ///
    /// - Throws: `alreadyExists` if there is another.
    func establish(_ key: RootKey) throws(VaultError) {
        let existing = try read()
        guard let existing else {
            return try inPlace { directory, name throws(SystemError) in
                try key.withSecret { secret throws(SystemError) in
                    _ = try directory.createWhole(name, secret)
                }
            }
        }
        guard isOf(key, existing) else {
            throw VaultError(
                .alreadyExists, "'\(path)' is another root key, and is not replaced",
                about: .file(path), remedies: [.other("name a file that doesn't exist yet")])
        }
    }

    /// Whether the file holds this key.
    func holds(_ key: RootKey) throws(VaultError) -> Bool {
        guard let existing = try read() else { return false }
        return isOf(key, existing)
    }

    private func isOf(_ key: RootKey, _ secret: borrowing SecretBytes) -> Bool {
        secret.withBytes { secret in key.withSecret { constantTimeEqual($0, secret) } }
    }

    /// Returns if the file can be replaced.
    ///
    /// - Throws: `readOnly`.
    func requireReplaceable() throws(VaultError) {
        var isReplaceable = false
        try inPlace { directory, name throws(SystemError) in
            isReplaceable = try directory.isWritable([name])
        }
        guard !isReplaceable else { return }
        throw VaultError(
            .readOnly, "the root key '\(path)' can't be replaced: this process can't write there",
            about: .file(path), remedies: [.machine(.runAsFileOwner)])
    }

    private func inPlace(
        _ body: (Directory, String) throws(SystemError) -> Void
    ) throws(VaultError) {
        try translated(while: "replacing the root key \(path)") { () throws(SystemError) in
            var place = path
            if isNamed, try FileSystem.exists(path) { place = try FileSystem.realPath(path) }
            let (directoryPath, name) = Self.split(place)
            try body(try Directory.openGuarded(directoryPath, givesToOwner: true), name)
        }
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let name = String(path[path.utf8.index(after: slash)...])
        return (slash == path.startIndex ? "/" : String(path[..<slash]), name)
    }
}
