internal import CLinux
internal import Glibc

extension FileSystem {
    /// Removes a file, a symbolic link itself, or a directory with everything in it.
    ///
    /// Never leads out of the tree: links are removed, not followed, even when one is put in the
    /// place of a directory meanwhile. Throws `SystemError.isNotFound` if there is nothing, and
    /// stops at the first entry that can't be removed.
    public static func remove(tree path: String) throws(SystemError) {
        // With a slash at its end a link would be followed.
        var bytes = Array(path.utf8)
        while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
        let path = String(decoding: bytes, as: UTF8.self)
        let name = try cString(path)

        let isDirectory = try status(path, followLinks: false).kind == .directory
        if isDirectory {
            let descriptor = try openDescriptor(
                at: AT_FDCWD, name, flags: O_RDONLY | O_DIRECTORY | O_NOFOLLOW, path: path)
            try removeContents(of: Directory(descriptor: descriptor, path: path))
        }
        _ = try systemCall("unlinkat", path: path) {
            unsafe unlinkat(AT_FDCWD, name, isDirectory ? AT_REMOVEDIR : 0)
        }
    }

    private static func removeContents(of directory: Directory) throws(SystemError) {
        let stream = try DirectoryStream(directory)
        while let entry = try stream.next() {
            do throws(SystemError) {
                let kind: FileStatus.Kind
                if let known = entry.kind {
                    kind = known
                } else {
                    kind = try directory.status(entry.name).kind
                }
                if kind == .directory {
                    try removeContents(of: directory.openDirectory(entry.name))
                    try directory.removeDirectory(entry.name)
                } else {
                    try directory.unlink(entry.name)
                }
            } catch {
                // Gone already: someone else removes the same tree.
                guard error.isNotFound else { throw error }
            }
        }
    }
}
