internal import CLinux
internal import Glibc

/// What the file system knows of a file.
public struct FileStatus: Sendable, Equatable {
    /// What kind of thing bears a name.
    public enum Kind: Sendable {
        /// A file with contents.
        case regular
        /// A directory.
        case directory
        /// A symbolic link, itself.
        case symbolicLink
        /// A pipe, with a name or without.
        case pipe
        /// A device, a socket, or what else there may be.
        case other
    }

    /// What kind of thing it is.
    public let kind: Kind
    /// The length of its contents.
    public let byteCount: Int
    /// The space it takes on the disk: less than `byteCount` where it has holes.
    public let allocatedByteCount: Int
    /// When its contents last changed.
    public let modified: Time
    /// When its contents, its names or its permissions last changed: unlike `modified`, nobody can set it.
    public let changed: Time
    /// The permission bits, with set-user-id, set-group-id and sticky: 12 bits.
    public let mode: UInt32
    /// The file's number on its device.
    public let inode: UInt64
    /// The number of the device that holds it; with `inode` it tells whether two files are one.
    public let device: UInt64
    /// The user who owns it.
    public let ownerID: UInt32
    /// The group that it belongs to.
    public let groupID: UInt32
    /// Whether it is a device that takes a stream of bytes, a terminal among them.
    public let isCharacterDevice: Bool

    init(_ record: stat) {
        kind = Kind(mode: record.st_mode)
        byteCount = Int(record.st_size)
        // A file system in a user's hands may say any number.
        let (product, overflows) = Int(record.st_blocks).multipliedReportingOverflow(by: 512)
        allocatedByteCount = overflows ? .max : product
        modified = Time(record.st_mtim)
        changed = Time(record.st_ctim)
        mode = UInt32(record.st_mode & 0o7777)
        inode = UInt64(record.st_ino)
        device = UInt64(record.st_dev)
        ownerID = record.st_uid
        groupID = record.st_gid
        isCharacterDevice = record.st_mode & S_IFMT == S_IFCHR
    }
}

extension FileStatus {
    /// A moment as a file system keeps it, which may be any: nanoseconds since 1970 fit into no `Int`
    /// after 2262.
    public struct Time: Sendable, Equatable {
        /// Whole seconds since 1970.
        public let seconds: Int
        /// Nanoseconds beyond them.
        public let nanoseconds: Int

        /// A moment.
        public init(seconds: Int, nanoseconds: Int) {
            self.seconds = seconds
            self.nanoseconds = nanoseconds
        }

        /// The moment as the system takes it.
        var record: timespec { timespec(tv_sec: seconds, tv_nsec: nanoseconds) }

        fileprivate init(_ time: timespec) {
            seconds = time.tv_sec
            nanoseconds = time.tv_nsec
        }
    }

    /// Which file it is, whatever its names.
    public struct Identity: Sendable, Hashable {
        /// The number of the device.
        public let device: UInt64
        /// The file's number on it.
        public let inode: UInt64
    }

    /// Which file it is.
    public var identity: Identity { Identity(device: device, inode: inode) }
}

extension FileStatus.Kind {
    fileprivate init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .directory
        case S_IFLNK: self = .symbolicLink
        case S_IFIFO: self = .pipe
        default: self = .other
        }
    }

    /// The kind as a directory's entry gives it; nil when the file system leaves it out.
    init?(directoryEntryType type: Int) {
        switch type {
        case Int(DT_REG): self = .regular
        case Int(DT_DIR): self = .directory
        case Int(DT_LNK): self = .symbolicLink
        case Int(DT_FIFO): self = .pipe
        case Int(DT_UNKNOWN): return nil
        default: self = .other
        }
    }
}
