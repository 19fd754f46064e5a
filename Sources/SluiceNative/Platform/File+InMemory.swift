internal import CLinux
internal import Glibc

extension File {
    /// Makes a file that lies in memory alone, has no path, and goes with its last descriptor.
    ///
    /// - Parameter name: What the system's listings call it.
    public static func createInMemory(name: String) throws(SystemError) -> File {
        let cName = try cString(name)
        let descriptor = try systemCall("memfd_create", path: name) {
            unsafe memfd_create(cName, UInt32(SLUICE_MFD_CLOEXEC))
        }
        return File(descriptor: descriptor, path: "the memory file \(name)")
    }

    /// Opens the same file once more, for reading and writing: with locks of its own, other than a
    /// duplicate.
    ///
    /// Needs a mounted `/proc`.
    public func reopened() throws(SystemError) -> File {
        try File.open("/proc/self/fd/\(descriptor)", .readWrite)
    }
}
