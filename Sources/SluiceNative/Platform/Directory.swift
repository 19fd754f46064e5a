internal import CLinux
internal import Glibc

/// An open directory, below which names are looked up without following a symbolic link.
///
/// Every name is one component: an empty one, `.`, `..`, one with a slash or a NUL byte throws
/// `SystemError.isInvalid`. The directory stays the same one when it is renamed. For several
/// threads at once.
public final class Directory: Sendable {
    let descriptor: Int32
    /// The path it was opened by, for messages.
    public let path: String
    /// To whom what is made in it is given; nil if to nobody. See ``Owner``.
    let owner: Owner?

    init(descriptor: Int32, path: String, owner: Owner? = nil) {
        self.descriptor = descriptor
        self.path = path
        self.owner = owner
    }

    deinit { _ = close(descriptor) }

    /// Opens a directory; symbolic links in this path are followed.
    public static func open(_ path: String) throws(SystemError) -> Directory {
        let descriptor = try openDescriptor(
            at: AT_FDCWD, cString(path), flags: O_RDONLY | O_DIRECTORY, path: path)
        return Directory(descriptor: descriptor, path: path)
    }

    /// Makes the directory's entries durable: files made, linked, renamed and removed in it.
    ///
    /// An error means that the outcome is unknown, and that calling again proves nothing.
    public func sync() throws(SystemError) {
        try syncDescriptor(descriptor, path: path)
    }

    /// Makes all of the file system durable that the directory is in, and everything done to it before. Takes as
    /// long as the disk needs for it, be it others' work.
    ///
    /// An error means that the outcome is unknown, and that calling again proves nothing.
    public func syncFileSystem() throws(SystemError) {
        IOCounters.countSync()
        if syncfs(descriptor) == -1 {
            throw SystemError(call: "syncfs", path: path, number: errno)
        }
    }

    /// What the file system knows of the directory itself.
    public func status() throws(SystemError) -> FileStatus {
        var record = stat()
        _ = try systemCall("fstat", path: path) { unsafe fstat(descriptor, &record) }
        return FileStatus(record)
    }

    /// The path of an entry, for messages.
    func path(of name: FileName) -> String { "\(path)/\(name.repairedString)" }
}

// MARK: - Directories in it

extension Directory {
    /// Opens a directory in this one; a symbolic link is `SystemError.isNotDirectory`.
    public func openDirectory(_ name: String) throws(SystemError) -> Directory {
        try openDirectory(FileName(name))
    }

    func openDirectory(_ name: FileName) throws(SystemError) -> Directory {
        let child = try openDescriptor(
            at: descriptor, name.cString, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
            path: path(of: name))
        return Directory(descriptor: child, path: path(of: name), owner: owner)
    }

    /// Makes a directory with exactly the permissions `mode`; throws `SystemError.isExists` when
    /// anything has this name.
    public func makeDirectory(_ name: String, mode: UInt32 = 0o700) throws(SystemError) {
        let name = try FileName(name)
        try SluiceNative.makeDirectory(
            at: descriptor, name.cString, mode: mode, path: path(of: name))
        guard let owner else { return }
        do throws(SystemError) {
            let made = try openDirectory(name)
            defer { withExtendedLifetime(made) {} }
            try owner.give(made.descriptor, path: path(of: name))
        } catch {
            try? removeDirectory(name)
            throw error
        }
    }

    /// Opens a directory in this one, made first if there is none.
    public func openOrMakeDirectory(
        _ name: String, mode: UInt32 = 0o700
    ) throws(SystemError) -> Directory {
        do throws(SystemError) {
            return try openDirectory(name)
        } catch {
            guard error.isNotFound else { throw error }
        }
        do throws(SystemError) {
            try makeDirectory(name, mode: mode)
        } catch {
            guard error.isExists else { throw error }
        }
        return try openDirectory(name)
    }

    /// Removes a directory; throws `SystemError.isNotEmpty` if it isn't empty.
    public func removeDirectory(_ name: String) throws(SystemError) {
        try removeDirectory(FileName(name))
    }

    func removeDirectory(_ name: FileName) throws(SystemError) {
        _ = try systemCall("unlinkat", path: path(of: name)) {
            unsafe unlinkat(descriptor, name.cString, AT_REMOVEDIR)
        }
    }
}
