internal import Glibc

/// The signals that a command answers; a library leaves them to its host.
public enum Signals {
    /// A request to end.
    public enum Termination: Sendable {
        /// SIGINT: a person pressed Control-C.
        case interrupt
        /// SIGTERM: another process asks.
        case terminate
    }

    /// Has a write to a pipe without a reader fail with `SystemError.isBrokenPipe` instead of
    /// ending the process.
    public static func ignoreBrokenPipes() {
        _ = signal(SIGPIPE, SIG_IGN)
    }

    /// Calls back, on a thread of its own, each time that the process is asked to end.
    ///
    /// To be called once, before any other thread is started: the signals are blocked in the
    /// calling thread and in those it starts from then on, and a thread without the block would
    /// let the signal end the process. A signal that the process was started to ignore, as the
    /// shell has it for what runs in the background, stays ignored.
    public static func onTermination(
        _ callback: @escaping @Sendable (Termination) -> Void
    ) throws(SystemError) {
        _ = try startWaiting(for: unignored([SIGINT, SIGTERM])) { number in
            callback(number == SIGINT ? .interrupt : .terminate)
        }
    }
}

// MARK: - The waiting thread

extension Signals {
    private final class Waiter: Sendable {
        let signals: [Int32]
        let callback: @Sendable (Int32) -> Void

        init(signals: [Int32], callback: @escaping @Sendable (Int32) -> Void) {
            self.signals = signals
            self.callback = callback
        }

        func run() -> Never {
            var set = signalSet(signals)
            while true {
                var number: Int32 = 0
                if unsafe sigwait(&set, &number) == 0 { callback(number) }
            }
        }
    }

    /// Blocks signals in this thread, and starts one that waits for them.
    static func startWaiting(
        for signals: [Int32], _ callback: @escaping @Sendable (Int32) -> Void
    ) throws(SystemError) -> pthread_t {
        var set = signalSet(signals)
        var number = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        guard number == 0 else {
            throw SystemError(call: "pthread_sigmask", path: nil, number: number)
        }
        let waiter = unsafe Unmanaged.passRetained(Waiter(signals: signals, callback: callback))
        var thread = pthread_t()
        number = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Waiter>.fromOpaque(argument).takeRetainedValue().run()
            }, waiter.toOpaque())
        guard number == 0 else {
            unsafe waiter.release()
            throw SystemError(call: "pthread_create", path: nil, number: number)
        }
        _ = pthread_detach(thread)
        return thread
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
