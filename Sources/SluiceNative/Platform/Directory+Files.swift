internal import CLinux
internal import Glibc

extension Directory {
    /// Opens a file in this directory; a symbolic link throws `SystemError.isSymbolicLink`.
    ///
    /// Never waits: a named pipe that someone put there opens at once, and `status()` tells it.
    public func openFile(
        _ name: String, _ access: File.Access = .read
    ) throws(SystemError) -> File {
        try openFile(FileName(name), access)
    }

    /// Opens a file of this directory likewise; nil if nothing has this name.
    public func openFileIfThere(
        _ name: String, _ access: File.Access = .read
    ) throws(SystemError) -> File? {
        do throws(SystemError) {
            return try openFile(name, access)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    func openFile(_ name: FileName, _ access: File.Access) throws(SystemError) -> File {
        let file = try openDescriptor(
            at: descriptor, name.cString, flags: access.flags | O_NOFOLLOW | O_NONBLOCK,
            path: path(of: name))
        return File(descriptor: file, path: path(of: name))
    }

    /// Opens a file for reading and writing, made first, as by `createExclusively`, if there is
    /// none; of several processes that do this at once one makes it.
    public func openOrCreateFile(
        _ name: String, mode: UInt32 = 0o600
    ) throws(SystemError) -> File {
        while true {
            do throws(SystemError) {
                return try openFile(name, .readWrite)
            } catch {
                guard error.isNotFound else { throw error }
            }
            do throws(SystemError) {
                return try createExclusively(name, mode: mode)
            } catch {
                guard error.isExists else { throw error }
            }
        }
    }

    /// Makes a file, open for reading and writing, with exactly the permissions `mode`.
    ///
    /// Throws `SystemError.isExists` when anything has this name.
    public func createExclusively(
        _ name: String, mode: UInt32 = 0o600
    ) throws(SystemError) -> File {
        let name = try FileName(name)
        let file = File(
            descriptor: try createDescriptor(
                at: descriptor, name.cString, flags: O_CREAT | O_EXCL, mode: mode,
                path: path(of: name)),
            path: path(of: name))
        guard let owner else { return file }
        do throws(SystemError) {
            try owner.give(file.descriptor, path: path(of: name))
        } catch {
            try? unlink(name)
            throw error
        }
        return file
    }

    /// Makes a file without a name in this directory, as `File.createUnnamed(inDirectory:)` does.
    public func createUnnamed() throws(SystemError) -> File? {
        do throws(SystemError) {
            let file = try createDescriptor(
                at: descriptor, cString("."), flags: Int32(SLUICE_O_TMPFILE), mode: 0o600,
                path: path)
            let unnamed = File(descriptor: file, path: "an unnamed file in \(path)")
            try owner?.give(file, path: path)
            return unnamed
        } catch {
            // A file system, and a kernel, that doesn't know the flag.
            guard error.number == EOPNOTSUPP || error.number == EISDIR else { throw error }
            return nil
        }
    }

    /// What the file system knows of an entry; of a symbolic link, itself.
    public func status(_ name: String) throws(SystemError) -> FileStatus {
        try status(FileName(name))
    }

    /// What has this name, likewise; nil if nothing has.
    public func statusIfThere(_ name: String) throws(SystemError) -> FileStatus? {
        do throws(SystemError) {
            return try status(name)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// Whether this process may make and remove entries, and write to those of the given names that are there.
    public func isWritable(_ names: [String]) throws(SystemError) -> Bool {
        var entries = [FileName(cString: try cString("."))]
        for name in names { entries.append(try FileName(name)) }
        for entry in entries {
            do throws(SystemError) {
                _ = try systemCall("faccessat", path: path(of: entry)) {
                    unsafe faccessat(descriptor, entry.cString, W_OK, AT_EACCESS)
                }
            } catch {
                if error.isUnwritable { return false }
                guard error.isNotFound else { throw error }
            }
        }
        return true
    }

    func status(_ name: FileName) throws(SystemError) -> FileStatus {
        try fileStatus(at: descriptor, name.cString, followLinks: false, path: path(of: name))
    }

    /// Gives a file a second name, in this directory or another, never replacing anything.
    ///
    /// Throws `SystemError.isExists` when the name is taken and `isCrossDevice` when the other
    /// directory lies on another file system.
    public func link(
        _ name: String, to newName: String, in target: Directory? = nil
    ) throws(SystemError) {
        let (name, newName, target) = (try FileName(name), try FileName(newName), target ?? self)
        _ = try systemCall("linkat", path: target.path(of: newName)) {
            unsafe linkat(descriptor, name.cString, target.descriptor, newName.cString, 0)
        }
    }

    /// Renames an entry, within this directory or to another, never replacing anything.
    ///
    /// Throws `SystemError.isExists` when the new name is taken, and `isInvalid` where the file
    /// system can't promise not to replace (NFS).
    public func rename(
        _ name: String, to newName: String, in target: Directory? = nil
    ) throws(SystemError) {
        let (name, newName, target) = (try FileName(name), try FileName(newName), target ?? self)
        _ = try systemCall("renameat2", path: target.path(of: newName)) {
            unsafe renameat2(
                descriptor, name.cString, target.descriptor, newName.cString,
                UInt32(SLUICE_RENAME_NOREPLACE))
        }
    }

    /// Puts an entry of this directory, or of `source`, in the place of `name`, whether or not
    /// there is one: anyone who looks finds the old or the new, never neither.
    public func replace(
        _ name: String, with newName: String, from source: Directory? = nil
    ) throws(SystemError) {
        let (name, newName, source) = (try FileName(name), try FileName(newName), source ?? self)
        _ = try systemCall("renameat", path: path(of: name)) {
            unsafe renameat(source.descriptor, newName.cString, descriptor, name.cString)
        }
    }

    /// Removes the name of anything but a directory.
    public func unlink(_ name: String) throws(SystemError) {
        try unlink(FileName(name))
    }

    func unlink(_ name: FileName) throws(SystemError) {
        _ = try systemCall("unlinkat", path: path(of: name)) {
            unsafe unlinkat(descriptor, name.cString, 0)
        }
    }

    /// The names of all entries but `.` and `..`, in no order.
    public func names() throws(SystemError) -> [FileName] {
        let stream = try DirectoryStream(self)
        var names: [FileName] = []
        while let entry = try stream.next() { names.append(entry.name) }
        return names
    }
}
