internal import CLinux
internal import Glibc
internal import Synchronization

/// Knows whether this process is a forked child of the one that began something.
///
/// A child has its parent's memory and descriptors but not its threads: what it would do with shared
/// memory or a lock, it would do in its parent's name. The calls are for any thread.
public enum ForkGuard {
    /// How many forks, each in the child of the one before, lie between this process and the one
    /// that first asked: note it, and compare later.
    public static var generation: UInt32 { childCount.load(ordering: .relaxed) }

    // MARK: Descriptors

    private static let childCount = Atomic<UInt32>(0)
    /// The descriptors that children lose. A free entry is -1.
    private static let table = Table(capacity: 1024)
    private static let isInstalled: Bool = {
        // Made now: a child must not be the first who needs it.
        _ = table
        return pthread_atfork(nil, nil, { ForkGuard.beginChild() }) == 0
    }()

    /// Has forked children lose a descriptor; gives the entry, or nil if the system can't tell of forks.
    static func protect(_ descriptor: Int32) -> Int? {
        isInstalled ? table.add(descriptor) : nil
    }

    /// Forgets what `protect` noted.
    static func unprotect(_ entry: Int) { table.remove(entry) }

    /// In the child, before anything else runs there: only calls that are safe after a fork.
    ///
    /// A descriptor is not closed but put on `/dev/null`: whoever holds its number still will close
    /// it, and must not close another file by then.
    private static func beginChild() {
        childCount.wrappingAdd(1, ordering: .relaxed)
        let null = unsafe open("/dev/null", O_RDWR | O_CLOEXEC)
        table.forEach { descriptor in
            if null < 0 {
                _ = close(descriptor)
            } else {
                _ = dup2(null, descriptor)
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
            }
        }
        if null >= 0 { _ = close(null) }
    }

    /// Atomics, since a fork may come while another thread changes the table. One that is full is continued
    /// in another, and none ever goes.
    @safe private final class Table: @unchecked Sendable {
        private let entries: UnsafeMutableBufferPointer<Atomic<Int32>>
        private let capacity: Int
        private let next = AtomicLazyReference<Table>()

        init(capacity: Int) {
            self.capacity = capacity
            unsafe entries = .allocate(capacity: capacity)
            for index in unsafe entries.indices {
                unsafe entries.initializeElement(at: index, to: Atomic(-1))
            }
        }

        func add(_ descriptor: Int32) -> Int {
            for index in unsafe entries.indices {
                let result = unsafe entries[index].compareExchange(
                    expected: -1, desired: descriptor, ordering: .acquiringAndReleasing)
                if result.exchanged { return index }
            }
            let rest = next.load() ?? next.storeIfNil(Table(capacity: capacity))
            return capacity + rest.add(descriptor)
        }

        func remove(_ index: Int) {
            if index < capacity {
                unsafe entries[index].store(-1, ordering: .releasing)
            } else {
                next.load()?.remove(index - capacity)
            }
        }

        func forEach(_ body: (Int32) -> Void) {
            for index in unsafe entries.indices {
                let descriptor = unsafe entries[index].load(ordering: .acquiring)
                if descriptor >= 0 { body(descriptor) }
            }
            next.load()?.forEach(body)
        }
    }
}
