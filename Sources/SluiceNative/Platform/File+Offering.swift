internal import Glibc

/// Writing to what may keep its writer waiting: a pipe, a terminal, a socket.
extension File {
    /// The same pipe, opened anew so that writing never waits; nil if this is no pipe, or its system has
    /// no way to do that.
    ///
    /// Other processes that share this file's description are not affected.
    public func reopenedWithoutWaiting() -> File? {
        guard (try? status().kind) == .pipe else { return nil }
        let twin = "/proc/self/fd/\(descriptor)"
        guard
            let name = try? cString(twin),
            let reopened = try? openDescriptor(
                at: AT_FDCWD, name, flags: O_WRONLY | O_NONBLOCK, path: twin)
        else { return nil }
        return File(descriptor: reopened, path: path)
    }

    /// Writes as many of `bytes` as it takes without waiting; 0 if it takes none now.
    ///
    /// Throws as ``write(_:)`` does.
    public func offer(_ bytes: Span<UInt8>) throws(SystemError) -> Int {
        try unsafe bytes.withUnsafeBytes { (buffer) throws(SystemError) in
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard try systemCall("poll", path: path, { unsafe poll(&request, 1, 0) }) > 0 else {
                return 0
            }
            // So many a pipe takes at once, if it says that it takes any.
            let isWaiting = fcntl(descriptor, F_GETFL) & O_NONBLOCK == 0
            let isEndless = isWaiting && (try? status().kind) != .regular
            let count = isEndless ? min(buffer.count, Int(PIPE_BUF)) : buffer.count
            do throws(SystemError) {
                let written = try systemCall("write", path: path) {
                    unsafe Glibc.write(descriptor, buffer.baseAddress, count)
                }
                IOCounters.count(.write, byteCount: written)
                return written
            } catch {
                guard error.number == EAGAIN else { throw error }
                return 0
            }
        }
    }

    /// Waits until it takes bytes, or that time has passed.
    public func waitUntilWritable(milliseconds: Int32) throws(SystemError) {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        do throws(SystemError) {
            _ = try systemCall("poll", path: path) { unsafe poll(&request, 1, milliseconds) }
        } catch {
            // An interruption is as good as the time's passing.
            guard error.number == EINTR else { throw error }
        }
    }
}
