internal import CLinux
internal import Glibc
internal import Synchronization

/// Another program, running beside this one.
///
/// It inherits the environment, unless it is given one, no signal that is blocked or ignored here, and no open file but the
/// three it is given. One thread at a time, but for `terminate`.
public final class ChildProcess: Sendable {
    /// Its process.
    public let processID: Int32
    private let path: String
    private let exitCode = Mutex<Int32?>(nil)

    /// The child of that number, which nobody else waits for.
    package init(processID: Int32, path: String) {
        self.processID = processID
        self.path = path
    }

    /// Starts the program at `path`, which isn't looked for on the PATH.
    ///
    /// - Parameters:
    ///   - directory: Where it starts; here if nil.
    ///   - input: Its standard input; nothing can be read there if nil.
    ///   - output: Its standard output; dropped if nil.
    ///   - errors: Its standard error; dropped if nil.
    ///   - ownGroup: Whether it has a process group of its own: then what a terminal's Ctrl-C means is for
    ///     this process to say, and it can't ask anything there.
    ///   - environment: Its variables, each `NAME=VALUE`; those of this process if nil.
    public static func start(
        _ path: String, _ arguments: [String], in directory: String? = nil, input: File? = nil,
        output: File? = nil, errors: File? = nil, ownGroup: Bool = true,
        environment: [String]? = nil
    ) throws(SystemError) -> ChildProcess {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, file) in [
            (STDIN_FILENO, input), (STDOUT_FILENO, output), (STDERR_FILENO, errors),
        ] {
            if let file {
                unsafe posix_spawn_file_actions_adddup2(&actions, file.descriptor, number)
            } else {
                unsafe posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
            }
        }
        if let directory {
            unsafe posix_spawn_file_actions_addchdir_np(&actions, try cString(directory))
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        let group = ownGroup ? POSIX_SPAWN_SETPGROUP : 0
        unsafe posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | group))

        let program = try cString(path)
        var words: [UnsafeMutablePointer<CChar>?] = unsafe []
        defer { unsafe words.forEach { word in unsafe free(word) } }
        for argument in [path] + arguments { unsafe words.append(strdup(try cString(argument))) }
        unsafe words.append(nil)
        var variables: [UnsafeMutablePointer<CChar>?] = unsafe []
        defer { unsafe variables.forEach { variable in unsafe free(variable) } }
        for variable in environment ?? [] {
            unsafe variables.append(strdup(try cString(variable)))
        }
        unsafe variables.append(nil)
        var processID: pid_t = 0
        let number =
            unsafe environment == nil
            ? posix_spawn(&processID, program, &actions, &attributes, words, sluice_environment())
            : posix_spawn(&processID, program, &actions, &attributes, words, variables)
        guard number == 0 else {
            throw SystemError(call: "posix_spawn", path: path, number: number)
        }
        return ChildProcess(processID: processID, path: path)
    }

    /// Waits for its end, and gives how it exited: 128 and the signal's number if a signal ended it.
    public func wait() throws(SystemError) -> Int32 {
        if let exitCode = exitCode.withLock({ $0 }) { return exitCode }
        // Without collecting it, so that its number stays its own until that is noted.
        var information = unsafe siginfo_t()
        _ = try systemCall("waitid", path: path) {
            unsafe waitid(P_PID, id_t(processID), &information, WEXITED | WNOWAIT)
        }
        while true {
            if let exitCode = try exitCodeIfEnded() { return exitCode }
        }
    }

    /// Asks it to end, with SIGTERM, unless its end is known already. From any thread.
    public func terminate() {
        exitCode.withLock { exitCode in
            if exitCode == nil { _ = kill(processID, SIGTERM) }
        }
    }

    /// As ``wait()``, but nil at once if it hasn't ended.
    public func exitCodeIfEnded() throws(SystemError) -> Int32? {
        try exitCode.withLock { exitCode throws(SystemError) in
            if let exitCode { return exitCode }
            var status: Int32 = 0
            let ended = try systemCall("waitpid", path: path) {
                unsafe waitpid(processID, &status, WNOHANG)
            }
            guard ended == processID else { return nil }
            let signal = status & 0x7F
            exitCode = signal == 0 ? status >> 8 & 0xFF : 128 + signal
            return exitCode
        }
    }
}

extension File {
    /// Makes a pipe.
    public static func makePipe() throws(SystemError) -> (reader: File, writer: File) {
        var ends: [Int32] = [-1, -1]
        _ = try systemCall("pipe2", path: nil) { unsafe pipe2(&ends, O_CLOEXEC) }
        return (
            File(descriptor: ends[0], path: "a pipe"), File(descriptor: ends[1], path: "a pipe")
        )
    }
}
