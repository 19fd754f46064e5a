internal import SluiceNative
internal import TestSupport

/// A directory in memory where there is a file system for that, and else below another; gone with the
/// value. For files whose durability is not the point: a store's 256 shards take long to make on a disk,
/// and ext4 looks long for an inode where many files were just removed.
final class MemoryDirectory: Sendable {
    let path: String

    init(or other: String) throws {
        let parent = (try? FileSystem.kind("/dev/shm").name) == "tmpfs" ? "/dev/shm" : other
        var generator = SystemRandomNumberGenerator()
        path = "\(parent)/sluice-torture-\(String(generator.next(), radix: 16))"
        try FileSystem.makeDirectories(path)
    }

    deinit {
        try? FileSystem.remove(tree: path)
    }
}
