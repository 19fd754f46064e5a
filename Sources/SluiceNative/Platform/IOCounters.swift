internal import Synchronization

/// Exact counts of what the whole process has asked of the system through `File` and `Directory`.
///
/// Counted is each call that succeeded, so a transfer that the system cut in two counts twice.
/// What SQLite does by itself is not in it. A snapshot taken while other threads work may hold a
/// call without its bytes. For several threads at once.
public struct IOCounters: Sendable, Equatable {
    /// Calls that read, also those that found the end of the file.
    public var readCallCount: Int
    /// Bytes they read.
    public var readByteCount: Int
    /// Calls that wrote.
    public var writeCallCount: Int
    /// Bytes they wrote.
    public var writeByteCount: Int
    /// Calls that made a file or a directory durable, also those that failed.
    public var syncCallCount: Int

    /// The counts since the process started.
    public static func snapshot() -> IOCounters {
        IOCounters(
            readCallCount: readCalls.load(ordering: .relaxed),
            readByteCount: readBytes.load(ordering: .relaxed),
            writeCallCount: writeCalls.load(ordering: .relaxed),
            writeByteCount: writeBytes.load(ordering: .relaxed),
            syncCallCount: syncCalls.load(ordering: .relaxed))
    }

    /// What was added between two snapshots.
    public static func - (later: IOCounters, earlier: IOCounters) -> IOCounters {
        IOCounters(
            readCallCount: later.readCallCount - earlier.readCallCount,
            readByteCount: later.readByteCount - earlier.readByteCount,
            writeCallCount: later.writeCallCount - earlier.writeCallCount,
            writeByteCount: later.writeByteCount - earlier.writeByteCount,
            syncCallCount: later.syncCallCount - earlier.syncCallCount)
    }
}

// MARK: - Counting

extension IOCounters {
    enum Direction {
        case read
        case write
    }

    private static let readCalls = Atomic<Int>(0)
    private static let readBytes = Atomic<Int>(0)
    private static let writeCalls = Atomic<Int>(0)
    private static let writeBytes = Atomic<Int>(0)
    private static let syncCalls = Atomic<Int>(0)

    static func count(_ direction: Direction, byteCount: Int) {
        switch direction {
        case .read:
            readCalls.wrappingAdd(1, ordering: .relaxed)
            readBytes.wrappingAdd(byteCount, ordering: .relaxed)
        case .write:
            writeCalls.wrappingAdd(1, ordering: .relaxed)
            writeBytes.wrappingAdd(byteCount, ordering: .relaxed)
        }
    }

    static func countSync() {
        syncCalls.wrappingAdd(1, ordering: .relaxed)
    }
}
