internal import CLinux
internal import Glibc

/// What is done with paths rather than with open files; for several threads at once.
public enum FileSystem {
    /// What the file system knows of a path.
    public static func status(
        _ path: String, followLinks: Bool = true
    ) throws(SystemError) -> FileStatus {
        try fileStatus(at: AT_FDCWD, cString(path), followLinks: followLinks, path: path)
    }

    /// Whether anything has this path, be it a symbolic link that leads nowhere.
    public static func exists(_ path: String) throws(SystemError) -> Bool {
        do throws(SystemError) {
            _ = try status(path, followLinks: false)
            return true
        } catch {
            guard error.isNotFound || error.isNotDirectory else { throw error }
            return false
        }
    }

    /// The absolute path without symbolic links, `.` and `..`; all of it must exist.
    ///
    /// Throws `EILSEQ` if that path isn't UTF-8.
    public static func realPath(_ path: String) throws(SystemError) -> String {
        let name = try cString(path)
        guard let resolved = unsafe realpath(name, nil) else {
            throw SystemError(call: "realpath", path: path, number: errno)
        }
        defer { unsafe free(resolved) }
        guard let text = unsafe String(validatingCString: resolved) else {
            throw SystemError(call: "realpath", path: path, number: EILSEQ)
        }
        return text
    }

    /// Makes a directory and those above it that are missing, each with the permissions `mode`.
    ///
    /// One that exists is left as it is. Throws `SystemError.isNotDirectory` when something else
    /// is in the way, and `isSymbolicLink` if that is a link on the way that somebody else has put there
    /// (see `Directory.openGuarded`). With `isDurable`, the names of those that were made are durable
    /// afterwards; with `givesToOwner`, what root makes belongs to the owner of the directory it is in.
    public static func makeDirectories(
        _ path: String, mode: UInt32 = 0o700, isDurable: Bool = false, givesToOwner: Bool = false
    ) throws(SystemError) {
        do throws(SystemError) {
            if let parent = parent(of: path) { _ = try Directory.openGuarded(parent) }
        } catch {
            guard error.isNotFound else { throw error }
        }
        do throws(SystemError) {
            try makeDirectory(at: AT_FDCWD, cString(path), mode: mode, path: path)
        } catch {
            if error.isExists {
                try requireDirectory(path)
                return
            } else if error.isNotFound, let parent = parent(of: path) {
                try makeDirectories(
                    parent, mode: mode, isDurable: isDurable, givesToOwner: givesToOwner)
                try makeDirectoryUnlessExists(path, mode: mode)
            } else {
                throw error
            }
        }
        if givesToOwner { try giveToOwner(path) }
        if isDurable { try syncName(of: path) }
    }

    /// Gives a directory that root has just made to the owner of the one that it is in.
    private static func giveToOwner(_ path: String) throws(SystemError) {
        guard geteuid() == 0 else { return }
        let flags = O_RDONLY | O_DIRECTORY
        let made = Directory(
            descriptor: try openDescriptor(
                at: AT_FDCWD, cString(path), flags: flags | O_NOFOLLOW, path: path), path: path)
        let parent = Directory(
            descriptor: try openDescriptor(
                at: made.descriptor, cString(".."), flags: flags, path: path), path: path)
        defer { withExtendedLifetime((made, parent)) {} }
        let owner = try Owner(ofDirectory: parent.descriptor, path: path)
        try owner?.give(made.descriptor, path: path)
    }

    /// Makes the name of a directory durable, in the one that it is in.
    public static func syncName(of path: String) throws(SystemError) {
        try Directory.open("\(path)/..").sync()
    }

    /// Makes a directory with a fresh name, mode 0700, in `$TMPDIR` or `/tmp`, and gives its path.
    public static func temporaryDirectory(prefix: String) throws(SystemError) -> String {
        _ = try FileName(prefix)
        let parent = try Environment.variable("TMPDIR").flatMap { $0.isEmpty ? nil : $0 } ?? "/tmp"
        var template = try cString("\(parent)/\(prefix)XXXXXX")
        guard unsafe mkdtemp(&template) != nil else {
            throw SystemError(call: "mkdtemp", path: parent, number: errno)
        }
        let bytes = template.dropLast().map { UInt8(bitPattern: $0) }
        let path = String(decoding: bytes, as: UTF8.self)
        try setPermissions(at: AT_FDCWD, template, mode: 0o700, path: path)
        return path
    }
}

// MARK: - Making directories

extension FileSystem {
    private static func makeDirectoryUnlessExists(
        _ path: String, mode: UInt32
    ) throws(SystemError) {
        do throws(SystemError) {
            try makeDirectory(at: AT_FDCWD, cString(path), mode: mode, path: path)
        } catch {
            guard error.isExists else { throw error }
            try requireDirectory(path)
        }
    }

    private static func requireDirectory(_ path: String) throws(SystemError) {
        guard try status(path).kind == .directory else {
            throw SystemError(call: "mkdir", path: path, number: ENOTDIR)
        }
    }

    /// The path without its last component; nil when there is nothing above.
    private static func parent(of path: String) -> String? {
        let slash = UInt8(ascii: "/")
        var bytes = Array(path.utf8)
        while bytes.last == slash { bytes.removeLast() }
        guard let last = bytes.lastIndex(of: slash), last > 0 else { return nil }
        return String(decoding: bytes[..<last], as: UTF8.self)
    }
}
