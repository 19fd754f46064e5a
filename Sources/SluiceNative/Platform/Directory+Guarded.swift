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
    ///
    /// With `givesToOwner`, what root makes in it and below it belongs to the directory's owner.
    public static func openGuarded(
        _ path: String, givesToOwner: Bool = false
    ) throws(SystemError) -> Directory {
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
            guard linkCount <= largestLinkCount, try current.trusts(next.status()) else {
                throw SystemError.symbolicLink(path)
            }
            let text = try linkText(next, path)
            if text.first == UInt8(ascii: "/") { current = try start(text, path) }
            pending += components(text)
        }
        let descriptor = try openDescriptor(
            at: current.descriptor, cString("."), flags: O_RDONLY | O_DIRECTORY, path: path)
        do throws(SystemError) {
            let owner = givesToOwner ? try Owner(ofDirectory: descriptor, path: path) : nil
            return Directory(descriptor: descriptor, path: path, owner: owner)
        } catch {
            _ = close(descriptor)
            throw error
        }
    }

    /// Whether what is in this directory may be followed, or written to: it belongs to this user, root, or the
    /// directory's owner.
    public func trusts(_ entry: FileStatus) throws(SystemError) -> Bool {
        if entry.ownerID == 0 || entry.ownerID == geteuid() { return true }
        return try entry.ownerID == status().ownerID
    }

    // MARK: Inside

    /// As many as Linux follows.
    static let largestLinkCount = 40

    /// The components of a path, the last one first.
    static func components(_ path: [UInt8]) -> [[UInt8]] {
        path.split(separator: UInt8(ascii: "/")).reversed().map(Array.init)
    }

    static func start(_ target: [UInt8], _ path: String) throws(SystemError) -> Directory {
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

    static func linkText(_ link: Directory, _ path: String) throws(SystemError) -> [UInt8] {
        var text = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try systemCall("readlinkat", path: path) {
            unsafe readlinkat(link.descriptor, "", &text, text.count)
        }
        return text[..<count].map { UInt8(bitPattern: $0) }
    }
}
