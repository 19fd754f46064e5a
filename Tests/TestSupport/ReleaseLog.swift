public import SluiceNative
internal import Synchronization

/// When a process released plaintext: stamps of the monotonic clock, each taken inside the release.
///
/// A file of 8-byte words in the machine's order, each the nanoseconds of one release, or 0. It is written
/// in shared memory: a process that is killed leaves all that it had appended, and a stamp costs no
/// system call. All threads of one process append, anyone reads.
public final class ReleaseLog: Sendable {
    private let memory: SharedMemory
    private let count = Atomic<Int>(0)
    private let capacity: Int

    /// Makes the file, with all of its space.
    public init(path: String, capacity: Int = 1 << 20) throws(SystemError) {
        let file = try File.createExclusively(path)
        try file.preallocate(byteCount: capacity * 8)
        try file.truncate(to: capacity * 8)
        memory = try SharedMemory(file, byteCount: capacity * 8)
        self.capacity = capacity
    }

    /// Appends a stamp; false if there is no room.
    @discardableResult
    public func append(_ nanoseconds: Int) -> Bool {
        let index = count.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < capacity else { return false }
        memory.storeReleasing64(UInt64(nanoseconds), at: index * 8)
        return true
    }

    /// Whether it is nearly full: readers end then, before a release finds no room.
    public var isNearlyFull: Bool { count.load(ordering: .relaxed) > capacity * 7 / 8 }

    /// Whether a release found no room.
    public var hasOverflowed: Bool { count.load(ordering: .relaxed) > capacity }

    /// The stamps of a file, in ascending order.
    public static func stamps(path: String) throws(SystemError) -> [Int] {
        let file = try File.open(path, .readWrite)
        let byteCount = try file.status().byteCount
        guard byteCount > 0 else { return [] }
        let memory = try SharedMemory(file, byteCount: byteCount)
        var stamps: [Int] = []
        for index in 0..<byteCount / 8 {
            // A thread that was killed between taking its place and filling it leaves a 0.
            let stamp = memory.load64(at: index * 8)
            if stamp != 0 { stamps.append(Int(stamp)) }
        }
        return stamps.sorted()
    }
}
