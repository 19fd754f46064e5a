internal import CLinux
internal import Glibc

/// What is known of the file system that holds a path.
public struct FileSystemKind: Sendable, Equatable {
    /// Its usual name (`ext4`, also for its predecessors, `tmpfs`, `nfs`, `overlay`, `fuse`), or
    /// its number in hexadecimal where none is known.
    public let name: String
    /// Whether other machines may have it mounted, so that locks and shared memory may not reach
    /// them; a FUSE file system doesn't tell and counts as local.
    public let isRemote: Bool
    /// The size of its blocks.
    public let blockByteCount: Int
    /// What this user may still write.
    public let freeByteCount: Int
    /// What it holds altogether.
    public let totalByteCount: Int
    /// How many more files and directories it can hold; nil where that has no limit of its own.
    public let freeFileCount: Int?
}

extension FileSystem {
    /// What holds this directory, which must exist.
    public static func kind(_ path: String) throws(SystemError) -> FileSystemKind {
        let directory = try Directory.open(path)
        var record = statfs()
        _ = try systemCall("fstatfs", path: path) { unsafe fstatfs(directory.descriptor, &record) }
        let number = UInt32(truncatingIfNeeded: record.f_type)
        let known = knownFileSystems[number]
        let blockByteCount = Int(record.f_bsize)
        return FileSystemKind(
            name: known?.name ?? "0x" + String(number, radix: 16),
            isRemote: known?.isRemote ?? false,
            blockByteCount: blockByteCount,
            freeByteCount: Int(record.f_bavail) * blockByteCount,
            totalByteCount: Int(record.f_blocks) * blockByteCount,
            freeFileCount: record.f_files == 0 ? nil : Int(clamping: record.f_ffree))
    }

    /// Whether a file can be made without a name (`O_TMPFILE`) in this directory, which is tried; false where
    /// this user can't.
    public static func supportsUnnamedFiles(_ path: String) -> Bool {
        do throws(SystemError) {
            return try Directory.open(path).createUnnamed() != nil
        } catch {
            return false
        }
    }

    /// By the numbers of statfs(2) and linux/magic.h.
    private static let knownFileSystems: [UInt32: (name: String, isRemote: Bool)] = [
        0x0000_EF53: ("ext4", false),
        0x5846_5342: ("xfs", false),
        0x9123_683E: ("btrfs", false),
        0x2FC1_2FC1: ("zfs", false),
        0xCA45_1A4E: ("bcachefs", false),
        0xF2F5_2010: ("f2fs", false),
        0x0102_1994: ("tmpfs", false),
        0x8584_58F6: ("ramfs", false),
        0x794C_7630: ("overlay", false),
        0x7371_7368: ("squashfs", false),
        0x0000_4D44: ("vfat", false),
        0x2011_BAB0: ("exfat", false),
        0x7366_746E: ("ntfs3", false),
        0x6573_5546: ("fuse", false),
        0x0000_6969: ("nfs", true),
        0xFF53_4D42: ("cifs", true),
        0xFE53_4D42: ("smb2", true),
        0x0102_1997: ("9p", true),
        0x00C3_6400: ("ceph", true),
        0x5346_414F: ("afs", true),
        0x6B41_4653: ("afs", true),
        0x0BD0_0BD0: ("lustre", true),
        0x0116_1970: ("gfs2", true),
        0x7461_636F: ("ocfs2", true),
    ]
}
