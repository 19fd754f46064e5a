internal import CLinux
internal import Glibc

/// The three descriptors that a process is started with, or without.
public enum StandardStreams {
    /// Has the numbers of those that are closed taken, so that no file that is opened later gets one: a
    /// message would be written into it, or it would be read as input.
    ///
    /// What stands in their place fails as they would: reading from the one and writing to the others is
    /// refused with `EBADF`. Programs that are started inherit that. To be called before anything is
    /// opened, and before the first thread.
    public static func takeClosed() throws(SystemError) {
        for (number, flags) in [
            (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
        ] where fcntl(number, F_GETFD) == -1 {
            // The lowest free number is this one, for those below it are open by now.
            _ = try systemCall("open", path: "/dev/null") { unsafe open("/dev/null", flags) }
        }
    }
}

extension File {
    /// Throws `SystemError.isClosed` unless it is open for writing.
    public func requireWritable() throws(SystemError) {
        let flags = try systemCall("fcntl", path: path) { fcntl(descriptor, F_GETFL) }
        guard flags & O_ACCMODE != O_RDONLY else {
            throw SystemError(call: "write", path: path, number: EBADF)
        }
    }
}
