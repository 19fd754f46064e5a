internal import CLinux
internal import Glibc

/// Writing in order to what may keep its writer waiting (a pipe, a socket, a terminal, a device), where
/// waiting and writing are to be apart. Belongs to one thread at a time.
public struct PatientOutput: Sendable {
    private let file: File
    private let kind: Kind

    private enum Kind {
        /// Takes everything at once, as far as its writer can tell: a regular file, a disk.
        case prompt
        /// A description of our own, which doesn't wait.
        case nonBlocking
        /// Such a one of a terminal, which may be ready and yet have no room for a line's end.
        case terminal
        case socket
        /// Another's pipe, which can't be opened anew.
        case pipe(PipeFeed)
        /// A device that can't be opened anew: it takes so many bytes without waiting once it takes any.
        case inParts
    }

    /// More is written in several steps: nobody waits for one long.
    private static let stepByteCount = 256 << 10

    /// Writes to what `file`, perhaps shared with other processes, writes to; those that share its
    /// description are not affected.
    ///
    /// Nil for a terminal that can't be opened anew: a write to it could wait for ever.
    public init?(_ file: File) throws(SystemError) {
        let status = try file.status()
        if file.isTerminal {
            guard let twin = Self.reopened(terminal: file) else { return nil }
            self.file = twin
            kind = .terminal
        } else if status.kind == .pipe {
            if let twin = Self.reopened(file, at: Self.link(to: file)) {
                self.file = twin
                kind = .nonBlocking
            } else {
                self.file = file
                kind = .pipe(try PipeFeed())
            }
        } else if Self.isSocket(file) {
            self.file = file
            kind = .socket
        } else if status.isCharacterDevice {
            if let twin = Self.reopened(file, at: Self.link(to: file)) {
                self.file = twin
                kind = .nonBlocking
            } else {
                self.file = file
                kind = .inParts
            }
        } else {
            self.file = file
            kind = .prompt
        }
    }

    /// Writes to a file that ``OutputEntry/open()`` gave: nobody else has its description.
    public init(own file: File) {
        self.file = file
        kind = file.isTerminal ? .terminal : .nonBlocking
    }

    /// Writes as many of `bytes` as are taken without waiting; 0 if none are now. What isn't taken is to be
    /// offered again.
    ///
    /// Throws as ``File/write(_:)`` does.
    public func offer(_ bytes: Span<UInt8>) throws(SystemError) -> Int {
        let step = bytes.extracting(first: Self.stepByteCount)
        if case .prompt = kind {
            try file.write(step)
            return step.count
        }
        if case .inParts = kind, try !isReady(milliseconds: 0) { return 0 }
        do throws(SystemError) {
            let count = try transfer(step)
            IOCounters.count(.write, byteCount: count)
            return count
        } catch {
            guard error.number == EAGAIN else { throw error }
            return 0
        }
    }

    /// Waits, after an offer of which nothing was taken, until something may be, or that time has passed.
    public func wait(milliseconds: Int32) throws(SystemError) {
        let isReady = try isReady(milliseconds: milliseconds)
        if isReady, case .terminal = kind {
            // It was ready before, too: without a pause this would be asked again and again.
            NativeThread.sleep(nanoseconds: 1_000_000)
        }
    }

    // MARK: Inside

    private func transfer(_ bytes: Span<UInt8>) throws(SystemError) -> Int {
        if case .pipe(let feed) = kind { return try feed.offer(bytes, to: file) }
        return try unsafe bytes.withUnsafeBytes { (buffer) throws(SystemError) in
            try systemCall("write", path: file.path) {
                switch kind {
                case .socket:
                    unsafe send(
                        file.descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                case .inParts:
                    unsafe Glibc.write(
                        file.descriptor, buffer.baseAddress, min(buffer.count, Int(PIPE_BUF)))
                default:
                    unsafe Glibc.write(file.descriptor, buffer.baseAddress, buffer.count)
                }
            }
        }
    }

    private func isReady(milliseconds: Int32) throws(SystemError) -> Bool {
        var request = pollfd(fd: file.descriptor, events: Int16(POLLOUT), revents: 0)
        return try systemCall("poll", path: file.path) {
            unsafe poll(&request, 1, milliseconds)
        } > 0
    }

    private static func link(to file: File) -> String { "/proc/self/fd/\(file.descriptor)" }

    /// A description of our own of what `file` leads to. The flag that keeps a write from waiting is the
    /// description's: set on one that others share, it would be theirs, too.
    private static func reopened(_ file: File, at path: String) -> File? {
        guard
            let name = try? cString(path),
            let descriptor = try? openDescriptor(
                at: AT_FDCWD, name, flags: O_WRONLY | O_NONBLOCK, path: path)
        else { return nil }
        return File(descriptor: descriptor, path: file.path)
    }

    /// By the link that /proc has; by its name, where there is no /proc; or, if it is another user's, as the
    /// terminal that controls this process, which anyone may open that it controls.
    private static func reopened(terminal file: File) -> File? {
        let number = terminalNumber(file)
        guard number != nil else { return nil }
        for path in [link(to: file), name(ofTerminal: file), "/dev/tty"] {
            guard let path, let twin = reopened(file, at: path), terminalNumber(twin) == number
            else { continue }
            return twin
        }
        return nil
    }

    private static func name(ofTerminal file: File) -> String? {
        var name = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard unsafe ttyname_r(file.descriptor, &name, name.count) == 0 else { return nil }
        return String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Which terminal it is, by whatever name it was opened.
    private static func terminalNumber(_ file: File) -> UInt32? {
        var number: UInt32 = 0
        guard unsafe ioctl(file.descriptor, UInt(SLUICE_TIOCGDEV), &number) == 0 else { return nil }
        return number
    }

    private static func isSocket(_ file: File) -> Bool {
        var kind: Int32 = 0
        var byteCount = socklen_t(MemoryLayout<Int32>.size)
        return unsafe getsockopt(file.descriptor, SOL_SOCKET, SO_TYPE, &kind, &byteCount) == 0
    }
}
