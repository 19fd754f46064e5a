internal import CLinux
internal import Glibc

/// A pipe or device in a directory, or a descriptor of this process, found in the place of a file that is to be
/// written, through links that may be followed (see ``Directory/openGuarded(_:)``).
///
/// What is checked and what is opened are the same: another thing that has taken the place meanwhile is
/// never written to.
public struct OutputEntry: Sendable {
    private let directory: Directory
    private let name: [CChar]
    /// Whether the name is a link to a descriptor of this process, which only the kernel can follow.
    private let isDescriptor: Bool
    private let found: FileStatus
    private let path: String

    /// What the file system knows of it.
    public var status: FileStatus { found }

    fileprivate init(_ place: Place, found: FileStatus, path: String) {
        directory = place.directory
        name = place.name
        isDescriptor = place.isDescriptor
        self.found = found
        self.path = path
    }

    /// Whether bytes may go there: somebody else can put a pipe or a device where he may write, and have
    /// what is written to it. It must be this user's, root's, or of the owner of the directory that it is in,
    /// as links must. A descriptor of this process was given to it by whoever started it.
    public var isTrusted: Bool {
        get throws(SystemError) {
            if isDescriptor { return true }
            return try directory.trusts(found)
        }
    }

    /// Opens it for writing that doesn't wait, as the terminal of nobody; nil for a named pipe that nobody
    /// reads yet. A file that a descriptor has open is written to behind what is there.
    ///
    /// Throws `SystemError.isExchanged` if something else is there by now.
    public func open() throws(SystemError) -> File? {
        let descriptor: Int32
        let end = found.kind == .regular ? O_APPEND : O_NONBLOCK
        do throws(SystemError) {
            descriptor = try openDescriptor(
                at: directory.descriptor, name,
                flags: O_WRONLY | end | (isDescriptor ? 0 : O_NOFOLLOW), path: path)
        } catch {
            if error.isSymbolicLink || error.isNotFound { throw .exchanged(path) }
            guard error.number == ENXIO, found.kind == .pipe else { throw error }
            return nil
        }
        let file = File(descriptor: descriptor, path: path)
        let opened = try file.status()
        guard opened.identity == found.identity, opened.kind == found.kind,
            opened.ownerID == found.ownerID
        else { throw .exchanged(path) }
        return file
    }

    /// Where something is: a name in a directory.
    fileprivate struct Place {
        let directory: Directory
        let name: [CChar]
        let isDescriptor: Bool
    }
}

extension Directory {
    /// What is behind this name, if it can't be replaced: a pipe, a device, a socket, and whatever but a directory
    /// a descriptor of this process has open, as `/dev/stdout`. Nil for a file, a directory, nothing, and a link
    /// to one of these.
    ///
    /// Throws `SystemError.isSymbolicLink` for a link that somebody else has made.
    public func outputEntry(_ name: String) throws(SystemError) -> OutputEntry? {
        let path = path(of: try FileName(name))
        do throws(SystemError) {
            var walk = LinkWalk(from: self, Array(name.utf8), path)
            guard let place = try walk.end() else { return nil }
            let found = try place.directory.entry(place.name, followLinks: place.isDescriptor, path)
                .status()
            let isOpenFile = place.isDescriptor && found.kind == .regular
            guard isOpenFile || found.kind == .pipe || found.kind == .other else { return nil }
            return OutputEntry(place, found: found, path: path)
        } catch {
            guard error.isNotFound || error.isNotDirectory else { throw error }
            return nil
        }
    }

    /// An entry that isn't opened for use, only held.
    fileprivate func entry(
        _ name: [CChar], followLinks: Bool, _ path: String
    ) throws(SystemError) -> Directory {
        let descriptor = try openDescriptor(
            at: descriptor, name,
            flags: Int32(SLUICE_O_PATH) | (followLinks ? 0 : O_NOFOLLOW), path: path)
        return Directory(descriptor: descriptor, path: path)
    }
}

/// Follows links from an entry to what is behind them, each only if it is trusted.
private struct LinkWalk {
    private var current: Directory
    /// Components that are left, the last one first.
    private var pending: [[UInt8]]
    private var linkCount = 0
    private let path: String

    init(from directory: Directory, _ name: [UInt8], _ path: String) {
        current = directory
        pending = [name]
        self.path = path
    }

    /// Where the last link leads; nil if that is no name in a directory.
    mutating func end() throws(SystemError) -> OutputEntry.Place? {
        while let component = pending.popLast() {
            let name = component.map { CChar(bitPattern: $0) } + [0]
            let next = try current.entry(name, followLinks: false, path)
            guard try next.status().kind == .symbolicLink else {
                if pending.isEmpty {
                    return OutputEntry.Place(
                        directory: current, name: name, isDescriptor: false)
                }
                current = next
                continue
            }
            linkCount += 1
            guard linkCount <= Directory.largestLinkCount,
                try current.trusts(next.status())
            else { throw .symbolicLink(path) }
            // What a link there says may be no path at all.
            if try current.isProcessInformation {
                if pending.isEmpty {
                    return OutputEntry.Place(directory: current, name: name, isDescriptor: true)
                }
                current = try current.entry(name, followLinks: true, path)
                continue
            }
            let text = try Directory.linkText(next, path)
            if text.first == UInt8(ascii: "/") { current = try Directory.start(text, path) }
            pending += Directory.components(text)
        }
        return nil
    }
}

extension Directory {
    /// Whether it lies in /proc.
    fileprivate var isProcessInformation: Bool {
        get throws(SystemError) {
            var record = statfs()
            _ = try systemCall("fstatfs", path: path) { unsafe fstatfs(descriptor, &record) }
            return UInt32(truncatingIfNeeded: record.f_type) == 0x9FA0
        }
    }
}
