internal import CLinux
internal import Glibc

/// A walk through a directory and everything below it, one entry at a time.
///
/// Symbolic links are reported, never followed, but for the root itself. Each file comes once, in
/// no order; directories are entered, and reported behind what is in them, if they are asked for, or empty.
/// Those that are to be left out are reported and not entered. Memory and open descriptors grow with the depth,
/// not with the number of files. For one thread.
public final class TreeWalk {
    private struct Level {
        let directory: Directory
        let stream: DirectoryStream
        /// The path of this directory relative to the root, with a slash at its end.
        let prefix: [UInt8]
        /// Its name in the directory above; nil for the root.
        let name: FileName?
        var isEmpty = true

        init(
            _ directory: Directory, prefix: [UInt8], name: FileName?
        ) throws(SystemError) {
            self.name = name
            self.directory = directory
            self.stream = try DirectoryStream(directory)
            self.prefix = prefix
        }
    }

    /// What a walk reports and enters.
    public struct Options: Sendable {
        /// Directories that are reported and not entered, wherever they are met.
        public var leftOut: Set<FileStatus.Identity>
        /// Whether every directory is reported.
        public var reportsDirectories: Bool
        /// Whether what is mounted within is not entered: the directory is reported as an empty one.
        public var staysOnFileSystem: Bool
        /// Tells of a relative path whether it is passed over without a word.
        public var isPassedOver: @Sendable (_ path: [UInt8], _ isDirectory: Bool) -> Bool

        /// The defaults, but for what is given: only empty directories are reported, and nothing is passed over.
        public init(
            leftOut: Set<FileStatus.Identity> = [], reportsDirectories: Bool = false,
            staysOnFileSystem: Bool = false,
            isPassedOver: @escaping @Sendable ([UInt8], Bool) -> Bool = { _, _ in false }
        ) {
            self.leftOut = leftOut
            self.reportsDirectories = reportsDirectories
            self.staysOnFileSystem = staysOnFileSystem
            self.isPassedOver = isPassedOver
        }
    }

    private var levels: [Level]
    private let options: Options
    /// The device of the root, if the walk stays on it.
    private let device: UInt64?

    /// Starts at a directory.
    public convenience init(
        _ path: String, _ options: Options = Options()
    ) throws(SystemError) {
        try self.init(Directory.open(path), options)
    }

    /// Starts at a directory that is open.
    public init(_ directory: Directory, _ options: Options = Options()) throws(SystemError) {
        self.options = options
        device = try options.staysOnFileSystem ? directory.status().device : nil
        levels = [try Level(directory, prefix: [], name: nil)]
    }

    /// Starts at a directory. Directories `leftOut`, wherever they are met, are reported and not entered.
    public convenience init(
        _ path: String, leavingOut leftOut: Set<FileStatus.Identity>
    ) throws(SystemError) {
        try self.init(path, Options(leftOut: leftOut))
    }

    /// The next file, link, pipe or whatever else is not a directory that was entered; nil after the last.
    ///
    /// A directory that can't be opened or read throws, and the next call goes on behind it.
    public func next() throws(SystemError) -> TreeEntry? {
        while let level = levels.last {
            guard let found = try nextEntry(of: level) else {
                levels.removeLast()
                if level.isEmpty || options.reportsDirectories {
                    return TreeEntry(
                        pathBytes: Array(level.prefix.dropLast()), kind: .directory,
                        directory: level.directory, name: FileName(cString: [0x2E, 0]),
                        place: TreeEntry.Place(levels.last?.directory, level.name))
                }
                continue
            }
            levels[levels.count - 1].isEmpty = false
            let kind: FileStatus.Kind
            if let known = found.kind {
                kind = known
            } else {
                kind = try level.directory.status(found.name).kind
            }
            let pathBytes = level.prefix + found.name.bytes
            if options.isPassedOver(pathBytes, kind == .directory) { continue }
            guard kind == .directory else {
                return TreeEntry(
                    pathBytes: pathBytes, kind: kind, directory: level.directory,
                    name: found.name, place: TreeEntry.Place(level.directory, found.name))
            }
            let child = try level.directory.openDirectory(found.name)
            if let entry = try notEntered(child, pathBytes) { return entry }
            levels.append(
                try Level(
                    child, prefix: pathBytes + [UInt8(ascii: "/")], name: found.name))
        }
        return nil
    }

    /// The entry of a directory that is reported and not entered; nil for any other.
    private func notEntered(
        _ child: Directory, _ pathBytes: [UInt8]
    ) throws(SystemError) -> TreeEntry? {
        guard !options.leftOut.isEmpty || device != nil else { return nil }
        let status = try child.status()
        let isLeftOut = options.leftOut.contains(status.identity)
        guard isLeftOut || device.map({ $0 != status.device }) == true else { return nil }
        return TreeEntry(
            pathBytes: pathBytes, kind: .directory, isLeftOut: isLeftOut, directory: child,
            name: FileName(cString: [0x2E, 0]), place: nil)
    }

    private func nextEntry(of level: Level) throws(SystemError) -> DirectoryStream.Entry? {
        do throws(SystemError) {
            return try level.stream.next()
        } catch {
            levels.removeLast()
            throw error
        }
    }
}

/// What a walk through a tree has found; it may be used on any thread, after the walk too.
public struct TreeEntry: Sendable {
    /// The path relative to the root of the walk, with slashes; most often UTF-8. Empty for the root itself,
    /// if that is empty.
    public let pathBytes: [UInt8]
    /// What it is.
    public let kind: FileStatus.Kind
    /// Whether it is a directory that was not to be entered.
    public let isLeftOut: Bool

    /// The name of something in a directory.
    struct Place: Sendable {
        let directory: Directory
        let name: FileName

        init?(_ directory: Directory?, _ name: FileName?) {
            guard let directory, let name else { return nil }
            self.directory = directory
            self.name = name
        }
    }

    /// From where it is looked at: of a directory, itself.
    let directory: Directory
    let name: FileName
    /// Where it has its name; nil if it is the root, or was not to be entered.
    let place: Place?

    init(
        pathBytes: [UInt8], kind: FileStatus.Kind, isLeftOut: Bool = false, directory: Directory,
        name: FileName, place: Place?
    ) {
        self.place = place
        self.pathBytes = pathBytes
        self.kind = kind
        self.isLeftOut = isLeftOut
        self.directory = directory
        self.name = name
    }

    /// A file that was met before, with this path and this name in a directory.
    public init(
        fileAt pathBytes: [UInt8], named name: String, in directory: Directory
    ) throws(SystemError) {
        let name = try FileName(name)
        self.init(
            pathBytes: pathBytes, kind: .regular, directory: directory, name: name,
            place: Place(directory, name))
    }

    /// Whether it has a name that can be removed: not the root, and not what was not to be entered.
    public var hasPlace: Bool { place != nil }

    /// The relative path as text; nil if it isn't UTF-8.
    public var path: String? { String(validating: pathBytes, as: UTF8.self) }

    /// Opens the file where it was found, even if a directory above it was renamed since.
    ///
    /// Throws `SystemError.isSymbolicLink` if it is one by now. Never waits: what has become a pipe opens
    /// at once, and `status()` tells it.
    public func openFile() throws(SystemError) -> File {
        try directory.openFile(name, .read)
    }

    /// What the file system knows of it where it was found; of a symbolic link, itself.
    public func status() throws(SystemError) -> FileStatus { try directory.status(name) }

    /// Removes what has its name by now; a directory only if it is empty. What was not entered stays.
    public func remove() throws(SystemError) {
        guard let place else { return }
        if kind == .directory {
            try place.directory.removeDirectory(place.name)
        } else {
            try place.directory.unlink(place.name)
        }
    }

    /// Where it leads to, of a symbolic link.
    public func symbolicLinkTarget() throws(SystemError) -> [UInt8] {
        try directory.symbolicLinkTarget(name)
    }
}
