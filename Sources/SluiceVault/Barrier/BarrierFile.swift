internal import SluiceNative

/// The file that a barrier's memory is, in a directory of vaults or in memory: finds it, or makes it
/// without ever replacing one, and opens it again for each set of locks.
///
/// Two barriers for one directory would be none. So the file is never unlinked, and once it is there,
/// its nonce is noted in a second file: a barrier that is missing then, or another, is refused.
struct BarrierFile: Sendable {
    static let name = "barrier"
    static let nonceName = "barrier.nonce"

    /// Where the file is: in a directory, or nowhere but in memory.
    private enum Place {
        case directory(Directory)
        case memory(File)
    }

    private let place: Place
    let layout: BarrierLayout
    let memory: SharedMemory
    private let nonce: [UInt8]
    /// The file's device and its number there: which file it is.
    private let identity: [UInt64]

    /// The barrier of the vaults in a directory, which must exist; the file is made if there is none.
    ///
    /// - Throws: `io`, also for a file system that other machines may have mounted; `damaged`;
    ///   `newerVersion`.
    static func open(directoryPath path: String, blockCount: Int) throws(VaultError) -> BarrierFile
    {
        let directory = try attempt(path) { () throws(SystemError) in
            try Directory.openGuarded(path)
        }
        try refuseRemote(path)
        // The nonce first: it is noted after the barrier is there, by whoever makes it just now.
        let isNoted = try notedNonce(in: directory) != nil
        let file: File
        if let existing = try existing(in: directory) {
            file = existing
        } else if isNoted {
            // There has been a barrier, which somebody may use still.
            throw damaged(directory.path, "it has vanished")
        } else {
            file = try make(in: directory, blockCount: blockCount)
        }
        let opened = try BarrierFile(file, in: .directory(directory))
        try opened.publishNonce(in: directory)
        try opened.check(file)
        return opened
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
    /// - Throws: `damaged` if the directory has another barrier by now, or none.
    func reopened() throws(VaultError) -> UnsharedFile {
        switch place {
        case .memory(let file):
            return UnsharedFile(
                try Self.attempt("memory") { () throws(SystemError) in try file.reopened() })
        case .directory(let directory):
            guard let file = try Self.existing(in: directory) else {
                throw Self.damaged(directory.path, "it has vanished")
            }
            try check(file)
            return UnsharedFile(file)
        }
    }

    // MARK: Checks

    /// Reads what a file says that it is.
    private init(_ file: File, in place: Place) throws(VaultError) {
        let path =
            switch place {
            case .directory(let directory): directory.path
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
            Self.word(header, UInt64.self, at: BarrierLayout.magicOffset) == BarrierLayout.magic
        else { throw Self.damaged(path, "it is none") }
        let version = Self.word(header, UInt32.self, at: BarrierLayout.versionOffset)
        guard version <= BarrierLayout.version else {
            throw VaultError(
                .newerVersion,
                "the barrier of the vaults in \(path) was made by a newer version of Sluice: use "
                    + "that one")
        }
        let blockCount = Int(Self.word(header, UInt32.self, at: BarrierLayout.blockCountOffset))
        layout = BarrierLayout(blockCount: blockCount)
        guard
            version == BarrierLayout.version,
            (1...BarrierLayout.largestBlockCount).contains(blockCount),
            status.byteCount == layout.byteCount
        else { throw Self.damaged(path, "it hasn't the size it should have") }
        let nonceEnd = BarrierLayout.nonceOffset + BarrierLayout.nonceByteCount
        nonce = Array(header[BarrierLayout.nonceOffset..<nonceEnd])
        identity = [status.device, status.inode]
        self.place = place
        let byteCount = layout.byteCount
        memory = try Self.attempt(path) { () throws(SystemError) in
            try SharedMemory(file, byteCount: byteCount)
        }
        let epoch = memory.load64(at: BarrierLayout.epochOffset)
        guard (BarrierLayout.firstEpoch..<BarrierLayout.epochLimit).contains(epoch) else {
            throw Self.damaged(path, "its epoch is none")
        }
    }

    /// Checks that a file found by its name is the one in use here, and the one that was noted.
    private func check(_ file: File) throws(VaultError) {
        guard case .directory(let directory) = place else { return }
        let status = try Self.attempt(directory.path) { () throws(SystemError) in
            try file.status()
        }
        guard [status.device, status.inode] == identity, status.byteCount == layout.byteCount else {
            throw Self.damaged(directory.path, "it is another one than when it was opened")
        }
        guard let noted = try Self.notedNonce(in: directory) else {
            throw Self.damaged(directory.path, "the file \(Self.nonceName) has vanished")
        }
        guard noted == nonce else {
            throw Self.damaged(directory.path, "it is not the one that \(Self.nonceName) names")
        }
    }

    private static func refuseRemote(_ path: String) throws(VaultError) {
        let kind = try attempt(path) { () throws(SystemError) in try FileSystem.kind(path) }
        guard kind.isRemote else { return }
        throw VaultError(
            .io,
            "the vaults in \(path) are on a remote file system (\(kind.name)), where a revocation "
                + "can't reach the readers of other machines: keep them on a local disk")
    }

    private static func word<Word: FixedWidthInteger>(
        _ bytes: [UInt8], _ type: Word.Type, at offset: Int
    ) -> Word {
        bytes[offset..<offset + Word.bitWidth / 8].reversed().reduce(0) { $0 << 8 | Word($1) }
    }

    // MARK: Making it

    private static func existing(in directory: Directory) throws(VaultError) -> File? {
        try attempt(directory.path) { () throws(SystemError) in
            do throws(SystemError) {
                return try directory.openFile(name, .readWrite)
            } catch {
                guard error.isNotFound else { throw error }
                return nil
            }
        }
    }

    /// Makes the file, durably, or finds that another process was faster.
    private static func make(
        in directory: Directory, blockCount: Int
    ) throws(VaultError) -> File {
        let bytes = BarrierLayout(blockCount: blockCount).initialBytes(nonce: newNonce())
        try publish(bytes, as: name, in: directory)
        guard let file = try existing(in: directory) else {
            throw damaged(directory.path, "it has vanished")
        }
        return file
    }

    /// Notes the nonce of a barrier that is there, unless one is noted already.
    private func publishNonce(in directory: Directory) throws(VaultError) {
        guard try Self.notedNonce(in: directory) == nil else { return }
        try Self.publish(nonce, as: Self.nonceName, in: directory)
    }

    private static func notedNonce(in directory: Directory) throws(VaultError) -> [UInt8]? {
        try attempt(directory.path) { () throws(SystemError) in
            let file: File
            do throws(SystemError) {
                file = try directory.openFile(nonceName)
            } catch {
                guard error.isNotFound else { throw error }
                return nil
            }
            // One byte more than it should have: a longer one is no nonce.
            var bytes = [UInt8](repeating: 0, count: BarrierLayout.nonceByteCount + 1)
            var span = bytes.mutableSpan
            let count = try file.read(into: &span, at: 0)
            return Array(bytes.prefix(count))
        }
    }

    /// Writes a file aside, with all of its space, and gives it its name once it is durable; leaves
    /// one that is there by then as it is.
    private static func publish(
        _ bytes: [UInt8], as name: String, in directory: Directory
    ) throws(VaultError) {
        try attempt(directory.path) { () throws(SystemError) in
            let aside = "\(name).\(UInt64.random(in: 0 ... .max))"
            let unnamed = try directory.createUnnamed()
            let file: File
            if let unnamed { file = unnamed } else { file = try directory.createExclusively(aside) }
            defer { if unnamed == nil { try? directory.unlink(aside) } }
            try file.write(bytes.span, at: 0)
            try file.sync()
            do throws(SystemError) {
                try file.link(into: directory, name: name)
            } catch {
                guard error.isExists else { throw error }
            }
            try directory.sync()
        }
    }

    private static func newNonce() -> [UInt8] {
        (0..<BarrierLayout.nonceByteCount).map { _ in UInt8.random(in: 0 ... .max) }
    }

    // MARK: Errors

    private static func attempt<Value>(
        _ path: String, _ body: () throws(SystemError) -> Value
    ) throws(VaultError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw VaultError(error, while: "opening the barrier of the vaults in \(path)")
        }
    }

    private static func damaged(_ path: String, _ reason: String) -> VaultError {
        VaultError(
            .damaged,
            "the barrier of the vaults in \(path) can't be trusted, \(reason): end every process that "
                + "uses these vaults, remove \(name) and \(nonceName) there, and try again")
    }
}
