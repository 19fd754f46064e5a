public import SluiceNative
internal import Synchronization

/// When one worker released plaintext: stamps of the monotonic clock, each taken inside the release.
///
/// A file of 8-byte words in the machine's order, each the nanoseconds of one release, ascending, up to
/// the first 0 or the end. It is written in shared memory: a worker that is killed leaves all that it
/// had appended, and a stamp costs no system call. One worker appends, anyone reads.
public final class ReleaseLog: Sendable {
    private let memory: SharedMemory
    private let count = Atomic<Int>(0)
    private let capacity: Int

    /// Makes the file, with all of its space.
    public init(path: String, capacity: Int) throws(SystemError) {
        let file = try File.createExclusively(path)
        try file.preallocate(byteCount: capacity * 8)
        try file.truncate(to: capacity * 8)
        memory = try SharedMemory(file, byteCount: capacity * 8)
        self.capacity = capacity
    }

    /// Appends a stamp; false if there is no room.
    public func append(_ nanoseconds: Int) -> Bool {
        let index = count.load(ordering: .relaxed)
        guard index < capacity else { return false }
        memory.storeReleasing64(UInt64(nanoseconds), at: index * 8)
        count.store(index + 1, ordering: .relaxed)
        return true
    }

    /// The stamps of a file.
    public static func stamps(path: String) throws(SystemError) -> [Int] {
        let file = try File.open(path, .readWrite)
        let byteCount = try file.status().byteCount
        guard byteCount > 0 else { return [] }
        let memory = try SharedMemory(file, byteCount: byteCount)
        var stamps: [Int] = []
        for index in 0..<byteCount / 8 {
            let stamp = memory.load64(at: index * 8)
            guard stamp != 0 else { break }
            stamps.append(Int(stamp))
        }
        return stamps
    }
}
