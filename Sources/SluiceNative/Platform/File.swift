internal import CLinux
internal import Glibc

/// An open file, closed when the last reference to it goes.
///
/// Every call handles interruption and short transfers inside. Calls with an offset may be made
/// from several threads at once, the sequential ones from one at a time. Descriptors are closed
/// on exec, and none that this type opens is ever one of the three standard streams.
public final class File: Sendable {
    /// What an opened file may be used for.
    public enum Access: Sendable {
        /// Reading.
        case read
        /// Writing.
        case write
        /// Reading and writing.
        case readWrite

        var flags: Int32 {
            switch self {
            case .read: O_RDONLY
            case .write: O_WRONLY
            case .readWrite: O_RDWR
            }
        }
    }

    let descriptor: Int32
    /// The path it was opened by, for messages.
    let path: String?

    /// Takes a descriptor over.
    init(descriptor: Int32, path: String?) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        // Not repeated: Linux has closed the descriptor even if it says that it was interrupted.
        _ = close(descriptor)
    }

    /// Opens a file that exists; a named pipe waits for its other end.
    ///
    /// With `followLinks: false` a symbolic link as the last component throws
    /// `SystemError.isSymbolicLink`; those before it are followed.
    public static func open(
        _ path: String, _ access: Access = .read, followLinks: Bool = true
    ) throws(SystemError) -> File {
        let flags = access.flags | (followLinks ? 0 : O_NOFOLLOW)
        let descriptor = try openDescriptor(
            at: AT_FDCWD, cString(path), flags: flags, path: path)
        return File(descriptor: descriptor, path: path)
    }

    /// Makes a file, open for reading and writing, with exactly the permissions `mode`.
    ///
    /// Throws `SystemError.isExists` when anything has this name, be it a dangling link.
    public static func createExclusively(
        _ path: String, mode: UInt32 = 0o600
    ) throws(SystemError) -> File {
        let descriptor = try createDescriptor(
            at: AT_FDCWD, cString(path), flags: O_CREAT | O_EXCL, mode: mode, path: path)
        return File(descriptor: descriptor, path: path)
    }

    /// Makes a file without a name, which vanishes when closed unless `link` gives it one.
    ///
    /// Open for reading and writing, mode 0600. Nil where the file system knows no such files.
    public static func createUnnamed(
        inDirectory path: String
    ) throws(SystemError) -> File? {
        try Directory.open(path).createUnnamed()
    }

    /// The process's standard input.
    public static let standardInput = File(descriptor: STDIN_FILENO, path: "standard input")

    /// The process's standard output.
    public static let standardOutput = File(descriptor: STDOUT_FILENO, path: "standard output")

    /// The process's standard error.
    public static let standardError = File(descriptor: STDERR_FILENO, path: "standard error")

    /// What the file system knows of it.
    public func status() throws(SystemError) -> FileStatus {
        var record = stat()
        _ = try systemCall("fstat", path: path) { unsafe fstat(descriptor, &record) }
        return FileStatus(record)
    }

    /// When it was made, in nanoseconds since 1970; 0 where the file system doesn't keep that.
    public var birthNanoseconds: Int { sluice_birth_time(descriptor) }

    /// Whether a person may sit at the other end.
    public var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Gives the file a name (another, if it has one already) without ever replacing anything.
    ///
    /// Throws `SystemError.isExists` when the name is taken and `isNotFound` when the file's last
    /// name is gone. Durable after `sync()` of the file, then of the directory.
    public func link(into directory: Directory, name: String) throws(SystemError) {
        try linkDescriptor(into: directory, FileName(name))
    }
}
