internal import SluiceNative

/// The file that a barrier's memory is, in a directory of vaults or in memory: finds it, or makes it
/// without ever replacing one, and opens it again for each set of locks.
///
/// Two barriers for one directory would be none. So the file is never unlinked, and once it is there,
/// which one it is is noted in a second file (`BarrierNote`): a barrier that is missing then, or another, or
/// a copy, is refused.
package struct BarrierFile: Sendable {
    package static let name = "barrier"
    package static let noteName = "barrier.nonce"
    /// What vaults have beside it from the beginning.
    package static let witnessName = "root.check"

    /// Where the file is: in a directory, or nowhere but in memory.
    private enum Place {
        case directory(Directory, OpenedFiles)
        case memory(File)
    }

    private let place: Place
    let layout: BarrierLayout
    let memory: SharedMemory
    let note: BarrierNote

    /// The barrier of the vaults in a directory, which must exist; the file is made if there is none.
    ///
    /// - Throws: `io`, also for a file system that other machines may have mounted; `damaged`;
    ///   `newerVersion`.
    static func open(directoryPath path: String, blockCount: Int) throws(VaultError) -> BarrierFile
    {
        let directory = try attempt(path) { () throws(SystemError) in
            try Directory.openGuarded(path, givesToOwner: true)
        }
        try refuseRemote(path)
        // The note first: it is written after the barrier is there, by whoever makes it just now.
        let isNoted = try hasNote(in: directory)
        let file: File
        if let existing = try existing(in: directory) {
            file = existing
        } else if isNoted {
            // There has been a barrier, which somebody may use still.
            throw damaged(directory.path, "it has vanished")
        } else {
            file = try make(in: directory, blockCount: blockCount)
        }
        let opened = try open(file, in: directory)
        if !isNoted {
            try letOthersLook(in: directory)
            try opened.publishNote(in: directory)
        }
        try opened.check(file)
        return opened
    }

    /// A barrier that was found by its name, whatever the note says.
    static func open(_ file: File, in directory: Directory) throws(VaultError) -> BarrierFile {
        let files = try attempt(directory.path) { () throws(SystemError) in
            var files = try OpenedFiles(in: directory)
            try files.add(name, try file.status())
            return files
        }
        return try BarrierFile(file, in: .directory(directory, files))
    }

    /// A barrier of this process alone.
    static func inMemory(blockCount: Int) throws(VaultError) -> BarrierFile {
        let layout = BarrierLayout(blockCount: blockCount)
        let file = try attempt("memory") { () throws(SystemError) in
            let file = try File.createInMemory(name: "sluice-barrier")
            try file.write(layout.initialBytes(nonce: newNonce()).span, at: 0)
            return file
        }
        return try BarrierFile(file, in: .memory(file))
    }

    /// The same file opened anew: locks of its own, which a forked child doesn't keep.
    ///
    /// - Throws: `replaced` if the directory has another barrier by now, `damaged` if it has none.
    func reopened() throws(VaultError) -> UnsharedFile {
        switch place {
        case .memory(let file):
            return UnsharedFile(
                try Self.attempt("memory") { () throws(SystemError) in try file.reopened() })
        case .directory(let directory, _):
            guard let file = try Self.existing(in: directory) else {
                throw Self.damaged(directory.path, "it has vanished")
            }
            try check(file)
            return UnsharedFile(file)
        }
    }

    /// Looks whether the barrier's path leads to the file in use here.
    ///
    /// One that is missing is nobody else's either: no change is confirmed until it is back, or there is
    /// another.
    ///
    /// - Throws: `replaced`, `io`.
    func checkPlace() throws(VaultError) {
        guard case .directory(let directory, let files) = place else { return }
        let replaced = try Self.attempt(directory.path) { () throws(SystemError) in
            try files.firstReplaced(orMissing: false)
        }
        if let replaced { throw Self.replaced(replaced) }
    }

    /// Looks whether the file in use has its size: whoever touches what was cut off is killed.
    ///
    /// - Throws: `damaged`.
    func checkSize() throws(VaultError) {
        guard case .directory(let directory, _) = place,
            let status = try? directory.status(Self.name), status.byteCount != layout.byteCount
        else { return }
        throw Self.damaged(directory.path, "it has another size than it should")
    }

    // MARK: Checks

    /// Reads what a file says that it is.
    private init(_ file: File, in place: Place) throws(VaultError) {
        let path =
            switch place {
            case .directory(let directory, _): directory.path
            case .memory: "memory"
            }
        var header = [UInt8](repeating: 0, count: BarrierLayout.headerByteCount)
        let status = try Self.attempt(path) { () throws(SystemError) in
            var span = header.mutableSpan
            _ = try file.read(into: &span, at: 0)
            return try file.status()
        }
        guard
            status.kind == .regular,
            BarrierLayout.word(header, UInt64.self, at: BarrierLayout.magicOffset)
                == BarrierLayout.magic
        else { throw Self.damaged(path, "it is not a barrier") }
        let version = BarrierLayout.word(header, UInt32.self, at: BarrierLayout.versionOffset)
        guard version <= BarrierLayout.version else {
            throw VaultError(
                .newerVersion,
                "the barrier of the vaults in \(path) was made by a newer version of Sluice",
                about: .file(path), remedies: [.updateSluice])
        }
        let blockCount = Int(
            BarrierLayout.word(header, UInt32.self, at: BarrierLayout.blockCountOffset))
        layout = BarrierLayout(blockCount: blockCount)
        guard
            version == BarrierLayout.version,
            (1...BarrierLayout.largestBlockCount).contains(blockCount),
            status.byteCount == layout.byteCount
        else { throw Self.damaged(path, "it has another size than it should") }
        let nonceEnd = BarrierLayout.nonceOffset + BarrierLayout.nonceByteCount
        let nonce = Array(header[BarrierLayout.nonceOffset..<nonceEnd])
        note = try Self.attempt(path) { () throws(SystemError) in
            try BarrierNote(nonce: nonce, of: file)
        }
        self.place = place
        let byteCount = layout.byteCount
        memory = try Self.attempt(path) { () throws(SystemError) in
            try SharedMemory(file, byteCount: byteCount)
        }
        let epoch = memory.load64(at: BarrierLayout.epochOffset)
        guard (BarrierLayout.firstEpoch..<BarrierLayout.epochLimit).contains(epoch) else {
            throw Self.damaged(path, "it has an impossible epoch")
        }
    }

    /// Checks that a file found by its name is the one in use here, and the one that was noted.
    private func check(_ file: File) throws(VaultError) {
        guard case .directory(let directory, _) = place else { return }
        try checkPlace()
        try checkSize()
        let found = try Self.attempt(directory.path) { () throws(SystemError) in
            try BarrierNote(nonce: note.nonce, of: file)
        }
        guard found.isOfSameFile(as: note) else {
            throw Self.replaced("\(directory.path)/\(Self.name)")
        }
        guard try Self.hasNote(in: directory) else {
            throw Self.damaged(directory.path, "the file \(Self.noteName) has vanished")
        }
        guard try isNoted(in: directory) else { throw Self.copied(directory.path) }
    }

    /// Whether the note is of this very file.
    func isNoted(in directory: Directory) throws(VaultError) -> Bool {
        guard let noted = try Self.readNote(in: directory) else { return false }
        return noted.nonce == note.nonce && noted.isOfSameFile(as: note)
    }

    static func refuseRemote(_ path: String) throws(VaultError) {
        let kind = try attempt(path) { () throws(SystemError) in try FileSystem.kind(path) }
        guard kind.isRemote else { return }
        throw VaultError(
            .io,
            "the vaults in \(path) are on a remote file system (\(kind.name)), where a revocation "
                + "can't reach the readers of other machines", about: .file(path),
            remedies: [.choose(.localDisk)])
    }

    // MARK: Errors

    static func attempt<Value>(
        _ path: String, _ body: () throws(SystemError) -> Value
    ) throws(VaultError) -> Value {
        try translated(while: "opening the barrier of the vaults in '\(path)'", body)
    }

    static func damaged(_ path: String, _ reason: String) -> VaultError {
        VaultError(
            .damaged, "the barrier of the vaults in \(path) can't be trusted: \(reason)",
            about: .file("\(path)/\(name)"),
            remedies: [.machine(.removeBarrier(["\(path)/\(name)", "\(path)/\(noteName)"]))])
    }

    private static func replaced(_ path: String) -> VaultError {
        VaultError(
            .replaced,
            "\(path) was exchanged for another while this process used it, so what is revoked by the one "
                + "isn't noticed by the other", about: .file(path),
            remedies: [.machine(.restartProcesses)])
    }

    private static func copied(_ path: String) -> VaultError {
        VaultError(
            .replaced,
            "the barrier of the vaults in \(path) is not the file that \(noteName) names, but a copy, as "
                + "after a restore: a process that still uses the first would not notice a revocation",
            about: .file("\(path)/\(name)"), remedies: [.run(.adoptBarrier)])
    }
}
