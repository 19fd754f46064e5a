/// Files and directories in a directory that this process has open, and the names by which it came to them.
///
/// A name can be given to another file behind a process's back, by a copy that is renamed or a backup that is
/// put back, and so can the path of the whole directory. Whoever has the old one open then sees nothing of
/// what others do with the new, and what he writes there is lost. A file that is open keeps its number, so
/// as long as it is, its device and number tell it from every other. For any thread.
public struct OpenedFiles: Sendable {
    private struct Entry {
        let name: FileName
        let file: FileStatus.Identity
    }

    private let directory: Directory
    private let directoryIdentity: FileStatus.Identity
    /// Absolute: the process may go elsewhere.
    private let path: String
    private var entries: [Entry] = []

    /// None yet in that directory.
    public init(in directory: Directory) throws(SystemError) {
        self.directory = directory
        directoryIdentity = try directory.status().identity
        path =
            directory.path.utf8.first == UInt8(ascii: "/")
            ? directory.path : "\(try FileSystem.realPath("."))/\(directory.path)"
    }

    /// Adds what was opened by a name: what that is now, or what `status` says that it was.
    ///
    /// - Throws: `SystemError.isNotFound` if there is nothing of that name.
    public mutating func add(_ name: String, _ status: FileStatus? = nil) throws(SystemError) {
        let name = try FileName(name)
        let file: FileStatus
        if let status { file = status } else { file = try directory.status(name) }
        entries.append(Entry(name: name, file: file.identity))
    }

    /// The path that leads to something else by now: of the directory, or of the first such file; nil if all
    /// lead to what was opened.
    ///
    /// - Parameter orMissing: Whether a path that leads to nothing counts.
    public func firstReplaced(orMissing: Bool) throws(SystemError) -> String? {
        let isSame = try Self.leads(to: directoryIdentity, orNowhere: !orMissing) {
            () throws(SystemError) in try FileSystem.status(path)
        }
        guard isSame else { return directory.path }
        for entry in entries {
            let isSame = try Self.leads(to: entry.file, orNowhere: !orMissing) {
                () throws(SystemError) in try directory.status(entry.name)
            }
            guard isSame else { return directory.path(of: entry.name) }
        }
        return nil
    }

    private static func leads(
        to identity: FileStatus.Identity, orNowhere: Bool,
        _ look: () throws(SystemError) -> FileStatus
    ) throws(SystemError) -> Bool {
        do throws(SystemError) {
            return try look().identity == identity
        } catch {
            guard error.isNotFound || error.isNotDirectory else { throw error }
            return orNowhere
        }
    }
}
