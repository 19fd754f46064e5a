internal import CLinux
internal import Glibc

/// What is known of the file system that holds a path.
public struct FileSystemKind: Sendable, Equatable {
    /// Its usual name (`ext4`, also for its predecessors, `tmpfs`, `nfs`, `overlay`); of one in user space,
    /// and of one that isn't known, what its mount calls it (`fuse.sshfs`), or its number in hexadecimal.
    public let name: String
    /// Who shares it.
    public let reach: Reach

    /// Whether locks and shared memory reach everybody who may have the file system mounted.
    public enum Reach: Sendable {
        /// It is this machine's alone.
        case local
        /// Other machines may have it mounted, which locks and shared memory don't reach.
        case network
        /// Nothing is known of it: it is in user space, or new.
        case unknown
    }

    /// Whether other machines may have it mounted, as far as that is known.
    public var isRemote: Bool { reach == .network }
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
        var known = knownFileSystems[number]
        if known == nil {
            let type = mountType(of: directory)
            known = (
                type ?? "0x" + String(number, radix: 16),
                type.map(MountType.reach) ?? .unknown
            )
        }
        let blockByteCount = Int(record.f_bsize)
        return FileSystemKind(
            name: known?.name ?? "",
            reach: known?.reach ?? .unknown,
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

    /// What the mount that a directory lies in calls its type; nil if the system doesn't tell.
    private static func mountType(of directory: Directory) -> String? {
        let own = ProcessText("/proc/self/fdinfo/\(directory.descriptor)")
        guard let number = own.value("mnt_id").flatMap({ Int($0) }) else { return nil }
        return MountType.type(
            ofMount: number, in: ProcessText("/proc/self/mountinfo").lines)
    }

    /// By the numbers of statfs(2) and linux/magic.h; not FUSE's, which says nothing of what is behind.
    private static let knownFileSystems: [UInt32: (name: String, reach: FileSystemKind.Reach)] = [
        0x0000_EF53: ("ext4", .local),
        0x5846_5342: ("xfs", .local),
        0x9123_683E: ("btrfs", .local),
        0x2FC1_2FC1: ("zfs", .local),
        0xCA45_1A4E: ("bcachefs", .local),
        0xF2F5_2010: ("f2fs", .local),
        0x0102_1994: ("tmpfs", .local),
        0x8584_58F6: ("ramfs", .local),
        0x794C_7630: ("overlay", .local),
        0x7371_7368: ("squashfs", .local),
        0x0000_4D44: ("vfat", .local),
        0x2011_BAB0: ("exfat", .local),
        0x7366_746E: ("ntfs3", .local),
        0x0000_6969: ("nfs", .network),
        0xFF53_4D42: ("cifs", .network),
        0xFE53_4D42: ("smb2", .network),
        0x0102_1997: ("9p", .network),
        0x00C3_6400: ("ceph", .network),
        0x5346_414F: ("afs", .network),
        0x6B41_4653: ("afs", .network),
        0x0BD0_0BD0: ("lustre", .network),
        0x0116_1970: ("gfs2", .network),
        0x7461_636F: ("ocfs2", .network),
        0x1983_0326: ("beegfs", .network),
        0x4750_4653: ("gpfs", .network),
        0x2003_0528: ("orangefs", .network),
        0x7375_7245: ("coda", .network),
        0x786F_4256: ("vboxsf", .network),
        0xBACB_ACBC: ("vmhgfs", .network),
        0xAAD7_AAEA: ("panfs", .network),
        0x0000_564C: ("ncpfs", .network),
        0x0000_517B: ("smbfs", .network),
    ]
}
