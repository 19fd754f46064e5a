internal import CLinux
internal import Glibc

/// A walk through a directory and everything below it, one entry at a time.
///
/// Symbolic links are reported, never followed, but for the root itself. Each file comes once, in
/// no order; directories are entered, not reported, unless they are empty or to be left out. What is
/// mounted within is entered, too. Memory and open descriptors grow with the depth, not with the number
/// of files. For one thread.
public final class TreeWalk {
    private struct Level {
        let directory: Directory
        let stream: DirectoryStream
        /// The path of this directory relative to the root, with a slash at its end.
        let prefix: [UInt8]
        var isEmpty = true

        init(_ directory: Directory, prefix: [UInt8]) throws(SystemError) {
            self.directory = directory
            self.stream = try DirectoryStream(directory)
            self.prefix = prefix
        }
    }

    private var levels: [Level]
    private let leftOut: Set<FileStatus.Identity>

    /// Starts at a directory. Directories `leftOut`, wherever they are met, are reported and not entered.
    public init(
        _ path: String, leavingOut leftOut: Set<FileStatus.Identity> = []
    ) throws(SystemError) {
        self.leftOut = leftOut
        levels = [try Level(Directory.open(path), prefix: [])]
    }

    /// The next file, link, pipe or whatever else is not a directory that was entered; nil after the last.
    ///
    /// A directory that can't be opened or read throws, and the next call goes on behind it.
    public func next() throws(SystemError) -> TreeEntry? {
        while let level = levels.last {
            guard let found = try nextEntry(of: level) else {
                levels.removeLast()
                if level.isEmpty {
                    return TreeEntry(
                        pathBytes: Array(level.prefix.dropLast()), kind: .directory,
                        directory: level.directory, name: FileName(cString: [0x2E, 0]))
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
            guard kind == .directory else {
                return TreeEntry(
                    pathBytes: pathBytes, kind: kind, directory: level.directory,
                    name: found.name)
            }
            let child = try level.directory.openDirectory(found.name)
            let isLeftOut =
                leftOut.isEmpty ? false : leftOut.contains(try child.status().identity)
            if isLeftOut {
                return TreeEntry(
                    pathBytes: pathBytes, kind: .directory, isLeftOut: true,
                    directory: level.directory, name: found.name)
            }
            levels.append(try Level(child, prefix: pathBytes + [UInt8(ascii: "/")]))
        }
        return nil
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
    /// What it is: a directory only if it is empty or `isLeftOut`.
    public let kind: FileStatus.Kind
    /// Whether it is a directory that was not to be entered.
    public let isLeftOut: Bool

    let directory: Directory
    let name: FileName

    init(
        pathBytes: [UInt8], kind: FileStatus.Kind, isLeftOut: Bool = false, directory: Directory,
        name: FileName
    ) {
        self.pathBytes = pathBytes
        self.kind = kind
        self.isLeftOut = isLeftOut
        self.directory = directory
        self.name = name
    }

    /// The relative path as text; nil if it isn't UTF-8.
    public var path: String? { String(validating: pathBytes, as: UTF8.self) }

    /// Opens the file where it was found, even if a directory above it was renamed since.
    ///
    /// Throws `SystemError.isSymbolicLink` if it is one by now. Never waits: what has become a pipe opens
    /// at once, and `status()` tells it.
    public func openFile() throws(SystemError) -> File {
        try directory.openFile(name, .read)
    }
}
