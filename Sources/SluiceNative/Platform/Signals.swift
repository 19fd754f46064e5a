internal import CLinux
internal import Glibc

/// The signals that a command answers; a library leaves them to its host.
public enum Signals {
    /// A request to end.
    public enum Termination: Sendable {
        /// SIGINT: a person pressed Control-C.
        case interrupt
        /// SIGTERM: another process asks.
        case terminate
        /// SIGHUP: the terminal is gone.
        case hangUp

        /// How a command that was ended so exits: 128 and the signal's number.
        public var exitCode: Int32 {
            switch self {
            case .interrupt: 128 + SIGINT
            case .terminate: 128 + SIGTERM
            case .hangUp: 128 + SIGHUP
            }
        }

        fileprivate init?(_ number: Int32) {
            switch number {
            case SIGINT: self = .interrupt
            case SIGTERM: self = .terminate
            case SIGHUP: self = .hangUp
            default: return nil
            }
        }
    }

    /// What there is to answer.
    public enum Event: Sendable {
        /// The process is asked to end.
        case termination(Termination)
        /// The process is about to be stopped (SIGTSTP): a person pressed Control-Z.
        case stop
        /// A while has passed since an answer that asked for more.
        case again
    }

    /// Has a write to a pipe without a reader, and one beyond the limit of a file's size, fail with
    /// `SystemError.isBrokenPipe` and `isTooLarge` instead of ending the process.
    public static func ignoreFailedWrites() {
        _ = signal(SIGPIPE, SIG_IGN)
        _ = signal(SIGXFSZ, SIG_IGN)
    }

    /// Calls back, on a thread of its own, each time that the process is asked to end, or is about to be
    /// stopped; and 20 ms after each call that returns true, unless a signal comes before.
    ///
    /// To be called once, before any other thread is started: the signals are blocked in the
    /// calling thread and in those it starts from then on, and a thread without the block would
    /// let the signal end the process. A signal that the process was started to ignore, as `nohup` and
    /// the shell have it for what runs in the background, stays ignored.
    public static func onTermination(
        _ callback: @escaping @Sendable (Event) -> Bool
    ) throws(SystemError) {
        let numbers = unignored([SIGINT, SIGTERM, SIGHUP, SIGTSTP])
        _ = try startWaiting(for: numbers) { number in
            guard let number else { return callback(.again) }
            if let termination = Termination(number) { return callback(.termination(termination)) }
            let wantsMore = callback(.stop)
            stop()
            return wantsMore
        }
    }
}

// MARK: - The waiting thread

extension Signals {
    private static let pauseNanoseconds = 20_000_000

    /// Blocks signals in this thread, and starts one that waits for them. The callback gets a signal's number,
    /// or nil 20 ms after it has returned true.
    static func startWaiting(
        for signals: [Int32], _ callback: @escaping @Sendable (Int32?) -> Bool
    ) throws(SystemError) -> pthread_t {
        var set = signalSet(signals)
        let number = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        guard number == 0 else {
            throw SystemError(call: "pthread_sigmask", path: nil, number: number)
        }
        let thread = try NativeThread.startThread { wait(for: signals, callback) }
        _ = pthread_detach(thread)
        return thread
    }

    private static func wait(
        for signals: [Int32], _ callback: @Sendable (Int32?) -> Bool
    ) {
        var set = signalSet(signals)
        var wantsMore = false
        while true {
            var number: Int32 = 0
            if wantsMore {
                var pause = timespec(tv_sec: 0, tv_nsec: pauseNanoseconds)
                number = unsafe sigtimedwait(&set, nil, &pause)
                wantsMore = callback(number > 0 ? number : nil)
            } else if unsafe sigwait(&set, &number) == 0 {
                wantsMore = callback(number)
            }
        }
    }

    /// Stops the process as SIGTSTP does that nobody waits for, and returns when it goes on.
    private static func stop() {
        var set = signalSet([SIGTSTP])
        _ = pthread_kill(pthread_self(), SIGTSTP)
        _ = unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Those of the signals that the process doesn't ignore.
    static func unignored(_ signals: [Int32]) -> [Int32] {
        signals.filter { number in
            var action = sigaction()
            guard unsafe sigaction(number, nil, &action) == 0 else { return false }
            let handler = unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            let ignored = unsafe unsafeBitCast(SIG_IGN, to: Int.self)
            return handler != ignored
        }
    }

    private static func signalSet(_ signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        _ = unsafe sigemptyset(&set)
        for number in signals { _ = unsafe sigaddset(&set, number) }
        return set
    }
}
