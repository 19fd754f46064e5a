internal import CLinux
internal import Glibc
internal import Synchronization

/// A thread that may wait for as long as it likes.
///
/// It takes no signals, and has 1 MiB of stack, whatever the process's limit of that is. For any thread.
public final class NativeThread: Sendable {
    /// The thread; nil once it was joined.
    private let thread: Mutex<pthread_t?>
    private let generation = ForkGuard.generation

    private init(_ thread: pthread_t) { self.thread = Mutex(thread) }

    deinit {
        if let thread = thread.withLock({ $0 }), generation == ForkGuard.generation {
            _ = pthread_detach(thread)
        }
    }

    /// Starts a thread that runs `body` and ends.
    ///
    /// Throws `SystemError.isOutOfThreads` when the limit of processes (`ulimit -u`), or the memory for its
    /// stack, is used up.
    public static func start(
        _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) -> NativeThread {
        NativeThread(try startThread(body))
    }

    static func startThread(
        stackByteCount: Int = 1 << 20, _ body: @escaping @Sendable () -> Void
    ) throws(SystemError) -> pthread_t {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        // By default it would be the limit of the main thread's, which may be next to nothing.
        unsafe pthread_attr_setstacksize(&attributes, stackByteCount)
        var (all, previous) = (sigset_t(), sigset_t())
        _ = unsafe sigfillset(&all)
        _ = unsafe pthread_sigmask(SIG_SETMASK, &all, &previous)
        let work = unsafe Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        let number = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        _ = unsafe pthread_sigmask(SIG_SETMASK, &previous, nil)
        guard number == 0 else {
            unsafe work.release()
            throw SystemError(call: "pthread_create", path: nil, number: number)
        }
        return thread
    }

    /// Waits for its end; does nothing the second time, in the thread itself, and in a forked child,
    /// which has no such thread.
    public func join() {
        guard generation == ForkGuard.generation else { return }
        let joined = thread.withLock { thread -> pthread_t? in
            guard let known = thread, pthread_equal(known, pthread_self()) == 0 else { return nil }
            thread = nil
            return known
        }
        if let joined { _ = pthread_join(joined, nil) }
    }

    /// Has the calling thread do nothing for about so long.
    public static func sleep(nanoseconds: Int) {
        var time = timespec()
        time.tv_sec = nanoseconds / 1_000_000_000
        time.tv_nsec = nanoseconds % 1_000_000_000
        _ = unsafe nanosleep(&time, nil)
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}
