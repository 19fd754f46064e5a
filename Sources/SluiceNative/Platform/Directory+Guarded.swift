internal import CLinux
internal import Glibc

extension Directory {
    /// Opens a directory that is to be written in; symbolic links on the way to it are followed, unless
    /// somebody else has put them there.
    ///
    /// A link counts as somebody else's if its owner is neither this user, nor root, nor the owner of the
    /// directory that it is in: in `/tmp`, everybody can make one. It throws
    /// `SystemError.isSymbolicLink`. (Linux refuses the same in directories like `/tmp`, where the setting
    /// `fs.protected_symlinks` is on.)
    public static func openGuarded(_ path: String) throws(SystemError) -> Directory {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw SystemError(call: "openat", path: path, number: path.isEmpty ? ENOENT : EINVAL)
        }
        var current = try start(Array(path.utf8), path)
        var pending = components(Array(path.utf8))
        var linkCount = 0
        while let name = pending.popLast() {
            let next = try step(from: current, name, path)
            guard try next.status().kind == .symbolicLink else {
                current = next
                continue
            }
            linkCount += 1
            guard linkCount <= largestLinkCount, try isTrusted(next, in: current) else {
                throw SystemError.symbolicLink(path)
            }
            let text = try linkText(next, path)
            if text.first == UInt8(ascii: "/") { current = try start(text, path) }
            pending += components(text)
        }
        let descriptor = try openDescriptor(
            at: current.descriptor, cString("."), flags: O_RDONLY | O_DIRECTORY, path: path)
        return Directory(descriptor: descriptor, path: path)
    }

    /// Whether a symbolic link may be followed when something is to be written: see
    /// ``openGuarded(_:)``. True of what is no link, or not there.
    public func isTrustedLink(_ name: String) throws(SystemError) -> Bool {
        let link: FileStatus
        do throws(SystemError) {
            link = try status(name)
        } catch {
            guard error.isNotFound else { throw error }
            return true
        }
        guard link.kind == .symbolicLink else { return true }
        return try Self.isTrusted(link, in: self)
    }

    // MARK: Inside

    /// As many as Linux follows.
    private static let largestLinkCount = 40

    private static func isTrusted(
        _ link: Directory, in directory: Directory
    ) throws(SystemError) -> Bool {
        try isTrusted(link.status(), in: directory)
    }

    private static func isTrusted(
        _ link: FileStatus, in directory: Directory
    ) throws(SystemError) -> Bool {
        if link.ownerID == 0 || link.ownerID == geteuid() { return true }
        return try link.ownerID == directory.status().ownerID
    }

    /// The components of a path, the last one first.
    private static func components(_ path: [UInt8]) -> [[UInt8]] {
        path.split(separator: UInt8(ascii: "/")).reversed().map(Array.init)
    }

    private static func start(_ target: [UInt8], _ path: String) throws(SystemError) -> Directory {
        let root = target.first == UInt8(ascii: "/") ? "/" : "."
        let descriptor = try openDescriptor(
            at: AT_FDCWD, cString(root), flags: Int32(SLUICE_O_PATH) | O_DIRECTORY, path: path)
        return Directory(descriptor: descriptor, path: path)
    }

    /// What has this name, a symbolic link itself.
    private static func step(
        from directory: Directory, _ name: [UInt8], _ path: String
    ) throws(SystemError) -> Directory {
        let name = name.map { CChar(bitPattern: $0) } + [0]
        let descriptor = try openDescriptor(
            at: directory.descriptor, name, flags: Int32(SLUICE_O_PATH) | O_NOFOLLOW, path: path)
        return Directory(descriptor: descriptor, path: path)
    }

    private static func linkText(_ link: Directory, _ path: String) throws(SystemError) -> [UInt8] {
        var text = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try systemCall("readlinkat", path: path) {
            unsafe readlinkat(link.descriptor, "", &text, text.count)
        }
        return text[..<count].map { UInt8(bitPattern: $0) }
    }
}
