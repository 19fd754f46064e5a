internal import CLinux
internal import Glibc

/// A value behind a lock that many threads take for a moment.
///
/// `Synchronization.Mutex` hands a lock that is waited for to the longest waiter, so once a thread loses its
/// processor inside, all that come after it queue up and each passing costs a switch of threads, long after
/// the reason is gone. This lock is taken by whoever runs.
@safe public struct Guarded<Value>: ~Copyable, @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    @usableFromInline let value: UnsafeMutablePointer<Value>

    /// Guards a value.
    public init(_ initial: sending Value) {
        unsafe lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        unsafe value = UnsafeMutablePointer<Value>.allocate(capacity: 1)
        unsafe value.initialize(to: initial)
        let code = unsafe pthread_mutex_init(lock, nil)
        precondition(code == 0, "a lock can't be made")
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
        unsafe value.deinitialize(count: 1)
        unsafe value.deallocate()
    }

    /// Lends the value to `body`, alone.
    @inlinable
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        acquire()
        defer { release() }
        return unsafe try body(&value.pointee)
    }

    @usableFromInline
    func acquire() {
        let code = unsafe pthread_mutex_lock(lock)
        precondition(code == 0, "a lock can't be taken")
    }

    @usableFromInline
    func release() {
        _ = unsafe pthread_mutex_unlock(lock)
    }
}
