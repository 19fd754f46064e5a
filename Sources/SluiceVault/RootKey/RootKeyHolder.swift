internal import SluiceAccess
internal import SluiceNative
internal import Synchronization

/// Comes by the root key of a vaults directory when it is first needed, and keeps it.
///
/// Safe from any thread. What decides about the key on disk is `root.check`, which is made once, under
/// the directory's lock, before the first vault, and replaced when the key, or how it is come by, is changed.
final class RootKeyHolder: Sendable {
    let library: CryptoLibrary
    let source: RootKeySource
    /// Nil in memory.
    let place: RootKeyPlace?
    private let known: Mutex<Known?>

    /// The root keys, and what the files said that they are from; nil in memory.
    private struct Known {
        let keys: RootKeys
        let said: RootKeyPlace.Said?
    }

    /// The root key of the directory at `path`.
    init(_ source: RootKeySource, directoryPath: String, library: CryptoLibrary) {
        self.library = library
        self.source = source
        place = RootKeyPlace(path: directoryPath)
        known = Mutex(nil)
    }

    /// A root key that is nowhere but in memory.
    init(ephemeral key: RootKey) {
        library = key.library
        source = .file()
        place = nil
        known = Mutex(Known(keys: RootKeys(current: key), said: nil))
    }

    /// The root key of vaults that exist, under which what is made is sealed.
    ///
    /// - Throws: As ``keys()``.
    func key() throws(VaultError) -> RootKey { try keys().current }

    /// The root keys of vaults that exist, as the files said when they were last read.
    ///
    /// - Throws: `wrongRootKey`, `rootKeyMissing`, `rootKeyExposed`, `passphraseRequired`, `damaged`,
    ///   `newerVersion`, `olderVersion`, `io`; what the closure throws that provides a passphrase.
    func keys() throws(VaultError) -> RootKeys {
        try known.withLock { known throws(VaultError) in
            if let known { return known.keys }
            return try refresh(&known)
        }
    }

    /// The root keys as the files say now: the same ones if nothing has changed.
    ///
    /// Whoever changes a vault asks here, while he does: whoever changes the root key notes that before he comes by the
    /// vault.
    ///
    /// - Throws: As ``keys()``.
    func presentKeys() throws(VaultError) -> RootKeys {
        try known.withLock { known throws(VaultError) in try refresh(&known) }
    }

    /// Runs `body` with the root keys, and once more if what it read was sealed anew meanwhile.
    func retrying<Result>(
        _ body: (RootKeys) throws(VaultError) -> Result
    ) throws(VaultError) -> Result {
        let known = try keys()
        do throws(VaultError) {
            return try body(known)
        } catch {
            guard error.code == .damaged else { throw error }
            let present = try presentKeys()
            guard present.current !== known.current || present.former !== known.former else {
                throw error
            }
            return try body(present)
        }
    }

    /// The root key; a new one if there never was any, for the first vault.
    ///
    /// To be called under the directory's lock.
    func keyOrNew(hasVaults: Bool) throws(VaultError) -> RootKey {
        try known.withLock { known throws(VaultError) in
            if let known { return known.keys.current }
            var isEstablished = hasVaults
            if !isEstablished, let place { isEstablished = try place.read() != nil }
            if isEstablished { return try refresh(&known).current }
            let (key, record) = try establish()
            known = Known(
                keys: RootKeys(current: key), said: RootKeyPlace.Said(record: record, next: nil))
            return key
        }
    }

    /// The root keys for a restore: also where there are no vaults yet, if the key file is there.
    ///
    /// - Throws: As ``keys()``.
    func keysToRestore() throws(VaultError) -> RootKeys {
        guard let place, try place.read() == nil else { return try keys() }
        guard case .file = source else { throw recordMissing }
        // Not kept: nothing says yet that it is the vaults'.
        return RootKeys(current: RootKey(try existingKeyFile(), library: library))
    }

    /// Forgets the key.
    func forget() { known.withLock { $0 = nil } }

    // MARK: Opening

    private var recordMissing: VaultError {
        let path = place?.recordPath ?? ""
        return VaultError(
            .damaged, "'\(path)' is missing, without which vaults can't be opened",
            about: .file(path), remedies: [.restoreVaults])
    }

    private func refresh(_ known: inout Known?) throws(VaultError) -> RootKeys {
        guard let place else {
            // One in memory is only ever forgotten.
            guard let known else { throw .vaultsClosed }
            return known.keys
        }
        while true {
            guard let said = try place.read() else { throw recordMissing }
            if let known, known.said == said { return known.keys }
            do throws(VaultError) {
                let keys = try open(said, known?.keys.all ?? [])
                known = Known(keys: keys, said: said)
                return keys
            } catch {
                // The key file may be that of another moment.
                guard try place.read() == said else { continue }
                throw error
            }
        }
    }

    /// The root keys that the files are of, one that is known if it is one of them.
    private func open(
        _ said: RootKeyPlace.Said, _ known: [RootKey]
    ) throws(VaultError) -> RootKeys {
        var candidates = known
        var present = try Self.key(of: said.record, candidates)
        if present == nil {
            let key = RootKey(try secret(for: said.record), library: library)
            candidates.append(key)
            if try said.record.isOf(key) { present = key }
        }
        guard let next = said.next else {
            guard let present else { throw wrongKey(said.record) }
            return RootKeys(current: present)
        }
        guard let present else {
            // The key file is exchanged when all is sealed anew: so nothing is under the former one any more.
            guard let following = try Self.key(of: next.record, candidates) else {
                throw wrongKey(said.record)
            }
            return RootKeys(current: following)
        }
        // A note that this root key hasn't made says nothing.
        guard let following = try next.key(after: present) else {
            return RootKeys(current: present)
        }
        let same = try Self.key(of: next.record, candidates)
        return RootKeys(current: same ?? following, former: present)
    }

    private static func key(
        of record: RootKeyRecord, _ candidates: [RootKey]
    ) throws(VaultError) -> RootKey? {
        for key in candidates where try record.isOf(key) { return key }
        return nil
    }

    private func wrongKey(_ record: RootKeyRecord) -> VaultError {
        let path = place?.path ?? ""
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
        return VaultError(.wrongRootKey, reason, about: .file(path), remedies: [remedy])
    }
}
