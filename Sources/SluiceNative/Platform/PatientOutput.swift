internal import Glibc

/// Writing in order to what may keep its writer waiting (a pipe, a socket, a terminal), where waiting and
/// writing are to be apart. Belongs to one thread at a time.
public struct PatientOutput: Sendable {
    private let file: File
    private let kind: Kind

    private enum Kind {
        /// Takes everything at once, as far as its writer can tell: a regular file, a device.
        case prompt
        /// A pipe that was opened anew so that writing to it doesn't wait.
        case nonBlocking
        case socket
        /// What takes so many bytes without waiting once it takes any: a terminal, another's pipe.
        case inParts
    }

    /// Writes to what `file` writes to. Other processes that share its description are not affected.
    public init(_ file: File) {
        let status = try? file.status()
        if status?.kind == .pipe {
            if let twin = Self.reopened(file) {
                self.file = twin
                kind = .nonBlocking
            } else {
                self.file = file
                kind = .inParts
            }
            return
        }
        self.file = file
        kind =
            if file.isTerminal {
                .inParts
            } else if Self.isSocket(file) {
                .socket
            } else {
                .prompt
            }
    }

    /// Writes as many of `bytes` as are taken without waiting; 0 if none are now.
    ///
    /// Throws as ``File/write(_:)`` does.
    public func offer(_ bytes: Span<UInt8>) throws(SystemError) -> Int {
        if kind == .prompt {
            try file.write(bytes)
            return bytes.count
        }
        if kind == .inParts, try !isReady(milliseconds: 0) { return 0 }
        do throws(SystemError) {
            let count = try unsafe bytes.withUnsafeBytes { (buffer) throws(SystemError) in
                try systemCall("write", path: file.path) {
                    switch kind {
                    case .socket:
                        unsafe send(
                            file.descriptor, buffer.baseAddress, buffer.count,
                            Int32(MSG_DONTWAIT))
                    case .inParts:
                        unsafe Glibc.write(
                            file.descriptor, buffer.baseAddress, min(buffer.count, Int(PIPE_BUF)))
                    case .nonBlocking, .prompt:
                        unsafe Glibc.write(file.descriptor, buffer.baseAddress, buffer.count)
                    }
                }
            }
            IOCounters.count(.write, byteCount: count)
            return count
        } catch {
            guard error.number == EAGAIN else { throw error }
            return 0
        }
    }

    /// Waits until bytes are taken, or that time has passed.
    public func wait(milliseconds: Int32) throws(SystemError) {
        _ = try isReady(milliseconds: milliseconds)
    }

    private func isReady(milliseconds: Int32) throws(SystemError) -> Bool {
        var request = pollfd(fd: file.descriptor, events: Int16(POLLOUT), revents: 0)
        return try systemCall("poll", path: file.path) {
            unsafe poll(&request, 1, milliseconds)
        } > 0
    }

    private static func reopened(_ file: File) -> File? {
        let twin = "/proc/self/fd/\(file.descriptor)"
        guard
            let name = try? cString(twin),
            let descriptor = try? openDescriptor(
                at: AT_FDCWD, name, flags: O_WRONLY | O_NONBLOCK, path: twin)
        else { return nil }
        return File(descriptor: descriptor, path: file.path)
    }

    private static func isSocket(_ file: File) -> Bool {
        var kind: Int32 = 0
        var byteCount = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(file.descriptor, SOL_SOCKET, SO_TYPE, &kind, &byteCount) == 0
    }
}
