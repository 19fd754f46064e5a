internal import SluiceNative

/// How a barrier's two files come to be.
extension BarrierFile {
    /// The file; open for reading alone where it can't be written, and nil if there is none.
    static func existing(in directory: Directory) throws(VaultError) -> File? {
        try attempt(directory.path) { () throws(SystemError) in
            do throws(SystemError) {
                return try directory.openFile(name, .readWrite)
            } catch {
                if error.isUnwritable { return try directory.openFile(name) }
                guard error.isNotFound else { throw error }
                return nil
            }
        }
    }

    /// Makes the file, durably, or finds that another process was faster.
    static func make(
        in directory: Directory, blockCount: Int
    ) throws(VaultError) -> File {
        let bytes = BarrierLayout(blockCount: blockCount).initialBytes(nonce: newNonce())
        try publish(bytes, as: name, in: directory)
        guard let file = try existing(in: directory) else {
            throw damaged(directory.path, "it has vanished")
        }
        return file
    }

    /// Notes which file the barrier is, unless another process was faster.
    func publishNote(in directory: Directory) throws(VaultError) {
        try Self.publish(note.encoded, as: Self.noteName, in: directory)
    }

    /// Puts the note of this barrier in the place of the one that is there.
    func replaceNote(in directory: Directory) throws(VaultError) {
        try Self.attempt(directory.path) { () throws(SystemError) in
            let aside = "\(Self.noteName).\(UInt64.random(in: 0 ... .max))"
            let file = try directory.createExclusively(aside)
            do throws(SystemError) {
                try file.write(note.encoded.span, at: 0)
                try file.sync()
                try directory.replace(Self.noteName, with: aside)
                try directory.sync()
            } catch {
                try? directory.unlink(aside)
                throw error
            }
        }
    }

    /// Waits, where vaults are without a barrier that was noted: there may have been another, which was
    /// removed or left behind, and who uses that one has looked by then, and stops.
    static func letOthersLook(in directory: Directory) throws(VaultError) {
        let hasVaults = try attempt(directory.path) { () throws(SystemError) in
            try directory.statusIfThere(witnessName)?.kind == .regular
        }
        guard hasVaults else { return }
        NativeThread.sleep(nanoseconds: 2 * BarrierWatcher.pollNanoseconds)
    }

    static func hasNote(in directory: Directory) throws(VaultError) -> Bool {
        try noteBytes(in: directory) != nil
    }

    /// The note; nil if there is none, or it is none.
    static func readNote(in directory: Directory) throws(VaultError) -> BarrierNote? {
        try noteBytes(in: directory).flatMap { BarrierNote(decoding: $0) }
    }

    private static func noteBytes(in directory: Directory) throws(VaultError) -> [UInt8]? {
        try attempt(directory.path) { () throws(SystemError) in
            let file: File
            do throws(SystemError) {
                file = try directory.openFile(noteName)
            } catch {
                guard error.isNotFound else { throw error }
                return nil
            }
            // One byte more than it should have: a longer one is no note.
            var bytes = [UInt8](repeating: 0, count: BarrierNote.byteCount + 1)
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

    static func newNonce() -> [UInt8] {
        (0..<BarrierLayout.nonceByteCount).map { _ in UInt8.random(in: 0 ... .max) }
    }
}
