internal import CLinux
internal import Glibc

extension File {
    /// Links the open file itself, so that what appears is what was written, whatever has become
    /// of its first name.
    func linkDescriptor(into directory: Directory, _ name: FileName) throws(SystemError) {
        do throws(SystemError) {
            _ = try systemCall("linkat", path: directory.path(of: name)) {
                unsafe linkat(
                    descriptor, "", directory.descriptor, name.cString,
                    Int32(SLUICE_AT_EMPTY_PATH))
            }
        } catch {
            // Before Linux 6.10 this takes a capability, and is "not found" without it.
            guard error.isNotFound else { throw error }
            _ = try systemCall("linkat", path: directory.path(of: name)) {
                unsafe linkat(
                    AT_FDCWD, "/proc/self/fd/\(descriptor)", directory.descriptor, name.cString,
                    AT_SYMLINK_FOLLOW)
            }
        }
    }
}
