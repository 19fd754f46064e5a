internal import CLinux
internal import Glibc

/// The limits that a process is started under (`ulimit`).
public enum ResourceLimits {
    /// Runs a command where it has stack enough: in this thread, whose stack may then grow; or in one of its own,
    /// where the limit of that (`ulimit -s`) is less and can't be raised.
    public static func withStack(_ command: @escaping @Sendable () -> Void) {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_STACK.rawValue)
        guard unsafe getrlimit(kind, &limit) == 0, limit.rlim_cur < leastStackByteCount else {
            return command()
        }
        if limit.rlim_max >= leastStackByteCount {
            // It grows as far as the limit is by then.
            limit.rlim_cur = leastStackByteCount
            if unsafe setrlimit(kind, &limit) == 0 { return command() }
        }
        do throws(SystemError) {
            let thread = try NativeThread.startThread(
                stackByteCount: Int(leastStackByteCount), command)
            _ = pthread_join(thread, nil)
        } catch {
            // There is one way left.
            command()
        }
    }

    /// Sees to it that there is some memory: a process that finds none in the middle of its work can't say so.
    ///
    /// Throws `SystemError.isOutOfMemory`.
    public static func requireMemory() throws(SystemError) {
        let probe = unsafe mmap(
            nil, neededByteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let probe = unsafe probe, unsafe probe != MAP_FAILED else {
            throw SystemError(call: "mmap", path: nil, number: errno)
        }
        _ = unsafe munmap(probe, neededByteCount)
    }

    /// Raises the limit of open files as far as this user may, and gives what it is then.
    public static func raiseOpenFiles() -> Int {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(kind, &limit) == 0 else { return 1024 }
        let before = limit.rlim_cur
        limit.rlim_cur = limit.rlim_max
        guard unsafe setrlimit(kind, &limit) == 0 else { return Int(clamping: before) }
        return Int(clamping: limit.rlim_cur)
    }

    private static let leastStackByteCount: rlim_t = 2 << 20
    /// What a command takes at most besides chunks, whose memory is asked for when it is needed.
    private static let neededByteCount = 32 << 20
}
