internal import CLinux
internal import Glibc

extension Directory {
    /// Opens a file for writing at its end, wherever that is by then, made first, mode 0600, if there
    /// is none; a symbolic link throws `SystemError.isSymbolicLink`.
    ///
    /// What one `write` to a regular file appends is never mixed with what another process appends.
    public func openFileForAppending(_ name: String) throws(SystemError) -> File {
        while true {
            do throws(SystemError) {
                let fileName = try FileName(name)
                let file = try openDescriptor(
                    at: descriptor, fileName.cString,
                    flags: O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK, path: path(of: fileName))
                return File(descriptor: file, path: path(of: fileName))
            } catch {
                guard error.isNotFound else { throw error }
            }
            do throws(SystemError) {
                // Opened again above: this one doesn't append.
                _ = try createExclusively(name)
            } catch {
                guard error.isExists else { throw error }
            }
        }
    }
}
