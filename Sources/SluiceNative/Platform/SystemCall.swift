internal import CLinux
internal import Glibc

/// Makes a call, again for as long as a signal interrupts it, and throws what it left in `errno`.
///
/// `body` must hold nothing but the call: whatever runs between the two could change `errno`.
@inline(__always)
func systemCall<Value: FixedWidthInteger & SignedInteger>(
    _ call: String, path: @autoclosure () -> String?, _ body: () -> Value
) throws(SystemError) -> Value {
    while true {
        let value = body()
        if value != -1 { return value }
        let number = errno
        if number != EINTR { throw SystemError(call: call, path: path(), number: number) }
    }
}

/// A path as C wants it; one with a NUL byte inside would be cut there, and is refused.
func cString(_ path: String) throws(SystemError) -> [CChar] {
    var bytes: [CChar] = []
    bytes.reserveCapacity(path.utf8.count + 1)
    for byte in path.utf8 {
        guard byte != 0 else { throw SystemError(call: "open", path: path, number: EINVAL) }
        bytes.append(CChar(bitPattern: byte))
    }
    bytes.append(0)
    return bytes
}

/// Opens a file relative to a directory, closed on exec and never as a standard stream.
///
/// Were a file to become descriptor 1 in a process that was started without one, then whatever the
/// process prints would go into that file.
func openDescriptor(
    at directory: Int32, _ name: [CChar], flags: Int32, mode: UInt32 = 0,
    path: @autoclosure () -> String
) throws(SystemError) -> Int32 {
    let all = flags | O_CLOEXEC | O_NOCTTY
    let descriptor = try systemCall("openat", path: path()) {
        unsafe openat(directory, name, all, mode)
    }
    guard descriptor <= STDERR_FILENO else { return descriptor }
    defer { _ = close(descriptor) }
    return try systemCall("fcntl", path: path()) {
        fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
    }
}

/// Opens a new file whose mode is `mode`, whatever the umask is.
func createDescriptor(
    at directory: Int32, _ name: [CChar], flags: Int32, mode: UInt32,
    path: @autoclosure () -> String
) throws(SystemError) -> Int32 {
    let descriptor = try openDescriptor(
        at: directory, name, flags: O_RDWR | flags, mode: mode, path: path())
    do throws(SystemError) {
        _ = try systemCall("fchmod", path: path()) { fchmod(descriptor, mode) }
    } catch {
        _ = close(descriptor)
        throw error
    }
    return descriptor
}

/// Makes a directory whose permissions are `mode`, whatever the umask and the parent's access
/// control list say.
func makeDirectory(
    at directory: Int32, _ name: [CChar], mode: UInt32, path: @autoclosure () -> String
) throws(SystemError) {
    _ = try systemCall("mkdirat", path: path()) { unsafe mkdirat(directory, name, mode) }
    try setPermissions(at: directory, name, mode: mode, path: path())
}

/// Sees to it that a new directory has the permissions `mode`.
func setPermissions(
    at directory: Int32, _ name: [CChar], mode: UInt32, path: @autoclosure () -> String
) throws(SystemError) {
    // Looked at first: changing them without following a symbolic link needs a mounted /proc.
    let status = try fileStatus(at: directory, name, followLinks: false, path: path())
    guard status.mode & 0o777 != mode else { return }
    _ = try systemCall("fchmodat", path: path()) {
        unsafe fchmodat(directory, name, mode, AT_SYMLINK_NOFOLLOW)
    }
}

/// What is known of a file by its name relative to a directory.
func fileStatus(
    at directory: Int32, _ name: [CChar], followLinks: Bool, path: @autoclosure () -> String
) throws(SystemError) -> FileStatus {
    var record = stat()
    _ = try systemCall("fstatat", path: path()) {
        unsafe fstatat(directory, name, &record, followLinks ? 0 : AT_SYMLINK_NOFOLLOW)
    }
    return FileStatus(record)
}
