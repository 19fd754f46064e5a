internal import SluiceAccess
internal import SluiceNative

/// The files in a directory of vaults that say which root key is the right one: `root.check`, and `root.next` while it
/// is changed.
struct RootKeyPlace: Sendable {
    static let recordName = BarrierFile.witnessName
    static let nextName = "root.next"
    static let usualKeyName = "root.key"

    /// The directory.
    let path: String

    var recordPath: String { "\(path)/\(Self.recordName)" }

    /// What the files said at one moment.
    struct Said: Equatable {
        let record: RootKeyRecord
        /// What is to follow; nil if nothing is, or if it has.
        let next: NextRootKey?
    }

    /// What the files say; nil if there is no record.
    ///
    /// - Throws: `damaged`, `newerVersion`, `olderVersion`, `io`.
    func read() throws(VaultError) -> Said? {
        // Both are of one moment if the first is after the second what it was before.
        while true {
            guard let record = try record() else { return nil }
            let next = try next()
            guard try self.record() == record else { continue }
            return Said(record: record, next: next?.record == record ? nil : next)
        }
    }

    private func record() throws(VaultError) -> RootKeyRecord? {
        guard let bytes = try bytes(Self.recordName, atMost: 1024) else { return nil }
        return try RootKeyRecord(decoding: bytes, path: recordPath)
    }

    private func next() throws(VaultError) -> NextRootKey? {
        guard let bytes = try bytes(Self.nextName, atMost: 1024) else { return nil }
        return try NextRootKey(decoding: bytes, path: "\(path)/\(Self.nextName)")
    }

    /// What a kill may leave of a file that was to take another's place.
    private static let stagedNames = [recordName, nextName, usualKeyName].map(
        Directory.stagedName)

    /// Whether there may be something to finish of a change that was cut short.
    ///
    /// A key file among vaults under a passphrase is left of one, too.
    func mayHaveLeftovers() -> Bool {
        for name in [Self.nextName] + Self.stagedNames {
            if (try? FileSystem.exists("\(path)/\(name)")) == true { return true }
        }
        guard (try? FileSystem.exists("\(path)/\(Self.usualKeyName)")) == true,
            let record = try? record(), case .passphrase = record.kind
        else { return false }
        return true
    }

    /// A file's bytes; nil if there is none.
    private func bytes(_ name: String, atMost limit: Int) throws(VaultError) -> [UInt8]? {
        while true {
            var bytes = [UInt8](repeating: 0, count: limit)
            do throws(SystemError) {
                let directory = try Directory.openGuarded(path)
                // Neither follows a link nor waits for the other end of a pipe.
                let file = try directory.openFile(name)
                // What is no file holds nothing, which is no record.
                let status = try file.status()
                var span = bytes.mutableSpan
                let count = status.kind == .regular ? try file.read(into: &span) : 0
                bytes.removeSubrange(count...)
                // One whose place was taken meanwhile is overwritten.
                guard try directory.statusIfThere(name)?.identity == status.identity else {
                    continue
                }
                return bytes
            } catch {
                if error.isNotFound || error.isNotDirectory { return nil }
                throw VaultError(error, while: "reading how the vaults are sealed")
            }
        }
    }

    // MARK: Changing

    /// Writes the first record of a directory.
    ///
    /// To be called under the directory's lock, as all below.
    func establish(_ record: RootKeyRecord) throws(VaultError) {
        try change { directory throws(SystemError) in
            let isMine = try directory.createWhole(Self.recordName, record.encoded.span)
            precondition(isMine, "a root key was made without the directory's lock")
        }
    }

    /// Puts another record in the place of the one that there is.
    func replace(with record: RootKeyRecord) throws(VaultError) {
        try change { directory throws(SystemError) in
            try directory.replaceWhole(Self.recordName, record.encoded.span)
        }
    }

    /// Notes what is to follow, in the place of what was noted before.
    func note(_ next: NextRootKey) throws(VaultError) {
        try change { directory throws(SystemError) in
            try directory.replaceWhole(Self.nextName, next.encoded.span)
        }
    }

    /// Removes the note of what was to follow, if there is one, and what was to take another file's place.
    func eraseNext() throws(VaultError) {
        try change { directory throws(SystemError) in
            for name in [Self.nextName] + Self.stagedNames { try directory.erase(name) }
        }
    }

    /// Removes the usual key file, if there is one.
    func eraseUsualKey() throws(VaultError) {
        try change { directory throws(SystemError) in try directory.erase(Self.usualKeyName) }
    }

    private func change(
        _ body: (Directory) throws(SystemError) -> Void
    ) throws(VaultError) {
        try translated(while: "noting how the vaults are sealed") { () throws(SystemError) in
            try body(try Directory.openGuarded(path, givesToOwner: true))
        }
    }
}
