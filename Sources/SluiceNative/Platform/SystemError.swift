internal import CLinux
internal import Glibc

/// What the operating system answered when it refused a call.
///
/// A path that isn't what it must be (empty, with a NUL byte, a name with a slash) is refused the
/// same way, with `EINVAL`, before the system is asked. May be sent among threads.
public struct SystemError: Error, Equatable, CustomStringConvertible {
    /// The name of the call, as in its manual page.
    public let call: String
    /// The path it was about, repaired where it isn't UTF-8: for a message, not for another call.
    public let path: String?
    /// The value of `errno`.
    public let number: Int32

    /// Where a symbolic link stands that may not be followed.
    public static func symbolicLink(_ path: String) -> SystemError {
        SystemError(call: "openat", path: path, number: ELOOP)
    }

    /// Where something stands that somebody else has put there, and bytes may not go.
    public static func foreign(_ path: String) -> SystemError {
        SystemError(call: "openat", path: path, number: EPERM)
    }

    /// Where something else stands than a moment ago.
    public static func exchanged(_ path: String) -> SystemError {
        SystemError(call: "openat", path: path, number: ESTALE)
    }

    /// Where a directory stands in the place of a file.
    public static func directory(_ path: String) -> SystemError {
        SystemError(call: "openat", path: path, number: EISDIR)
    }

    /// Where a pipe, a socket or a device stands in the place of a file.
    public static func notAFile(_ path: String) -> SystemError {
        SystemError(call: "openat", path: path, number: ENXIO)
    }

    /// Where something has a name that was to be free.
    public static func exists(_ path: String) -> SystemError {
        SystemError(call: "mkdirat", path: path, number: EEXIST)
    }

    /// Where a file has ended earlier than it says.
    public static func shortRead(_ file: File) -> SystemError {
        SystemError(call: "read", path: file.path, number: EIO)
    }

    /// Makes an error out of a value of `errno`.
    public init(call: String, path: String?, number: Int32) {
        self.call = call
        self.path = path
        self.number = number
    }

    /// Makes it the error that C code finds in `errno`.
    func becomeLast() { errno = number }

    /// The system's own words for `number`, or better ones.
    public var reason: String {
        var text = [CChar](repeating: 0, count: 256)
        // The system's words for these say nothing to those who read them.
        if number == EBADF { return "it is closed, or not open for this" }
        if number == EILSEQ { return "its path isn't UTF-8; rename it, or name another" }
        let result = unsafe strerror_r(number, &text, text.count)
        guard result == 0 else { return "error \(number)" }
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The call, the path if there is one, and the reason.
    public var description: String {
        guard let path else { return "\(call): \(reason)" }
        return "\(call) \(path): \(reason)"
    }
}

// MARK: - Limits

extension SystemError {
    /// A limit that the system sets to a process.
    public enum Limit: Sendable {
        /// Open files; processes and threads; memory; the size of a file.
        case openFiles, processes, memory, fileSize
    }

    /// The limit that the process has reached; nil for any other reason.
    public var reachedLimit: Limit? {
        if isOutOfDescriptors { return .openFiles }
        if isOutOfThreads { return .processes }
        if isOutOfMemory { return .memory }
        return isTooLarge ? .fileSize : nil
    }
}

// MARK: - What callers tell apart

extension SystemError {
    /// The disk or the quota is full, or the file would be larger than allowed.
    public var isNoSpace: Bool { number == ENOSPC || number == EDQUOT || number == EFBIG }

    /// The file would be larger than the process's limit, or the file system, allows.
    public var isTooLarge: Bool { number == EFBIG }

    /// No file can have a name of this length.
    public var isNameTooLong: Bool { number == ENAMETOOLONG }

    /// There is nothing by this name.
    public var isNotFound: Bool { number == ENOENT }

    /// Something by this name exists already.
    public var isExists: Bool { number == EEXIST }

    /// The path leads through something that isn't a directory.
    public var isNotDirectory: Bool { number == ENOTDIR }

    /// A directory stands where a file was wanted.
    public var isDirectory: Bool { number == EISDIR }

    /// The directory to be removed isn't empty.
    public var isNotEmpty: Bool { number == ENOTEMPTY }

    /// A symbolic link stands where none may, or there are too many of them.
    public var isSymbolicLink: Bool { number == ELOOP }

    /// The user may not do this.
    public var isPermissionDenied: Bool { number == EACCES || number == EPERM }

    /// What was looked at is no longer what stands there.
    public var isExchanged: Bool { number == ESTALE }

    /// Root may not give a file to the owner of the directory that it is in.
    public var isGivingAway: Bool { call == "fchown" }

    /// Something is mounted there, or uses it.
    public var isInUse: Bool { number == EBUSY }

    /// The file system is mounted for reading only.
    public var isReadOnly: Bool { number == EROFS }

    /// It can't be written: by this user, or by anybody.
    public var isUnwritable: Bool { isPermissionDenied || isReadOnly }

    /// The reader of a pipe is gone.
    public var isBrokenPipe: Bool { number == EPIPE }

    /// The file isn't open, or not for this: a standard stream that the process was started without.
    public var isClosed: Bool { number == EBADF }

    /// The process or the system has no descriptor left.
    public var isOutOfDescriptors: Bool { number == EMFILE || number == ENFILE }

    /// No thread can be started, or no process: a limit (`ulimit -u`), or the memory for it, is used up.
    public var isOutOfThreads: Bool { number == EAGAIN && call == "pthread_create" }

    /// There is no memory, or a limit of it (`ulimit -v`, `-d`) is reached.
    public var isOutOfMemory: Bool { number == ENOMEM }

    /// A hard link or a rename would lead to another file system.
    public var isCrossDevice: Bool { number == EXDEV }

    /// Whether the file has as many names as the file system allows.
    public var isTooManyLinks: Bool { number == EMLINK }

    /// The path or name isn't one: it is empty, holds a NUL byte, or a name holds a slash.
    public var isInvalid: Bool { number == EINVAL }
}
