/// An open file that a forked child doesn't get, so that its locks end with this process, whatever
/// children do.
///
/// In a child the file is empty, and `isInherited`. A child that another program is about to run in has a copy
/// until that begins, and with it the locks: a lock that has to go now is unlocked, not just closed.
public final class UnsharedFile: Sendable {
    /// The file.
    public let file: File
    private let entry: Int?
    private let generation: UInt32

    /// Keeps a file from children.
    public init(_ file: File) {
        self.file = file
        entry = ForkGuard.protect(file.descriptor)
        generation = ForkGuard.generation
    }

    deinit {
        // Before the file is closed: its number may then be another file's.
        if let entry, !isInherited { ForkGuard.unprotect(entry) }
    }

    /// Whether this is a forked child's, which has lost the file.
    public var isInherited: Bool { generation != ForkGuard.generation }
}
