internal import CLinux
internal import Glibc

/// Whose a directory is in which root makes something: what root makes in another's directory so that he can go
/// on using it is his. Nobody but root can give files away, or needs to.
struct Owner: Sendable {
    let userID: UInt32
    let groupID: UInt32

    /// The owner of an open directory, if this is root and he isn't.
    init?(ofDirectory descriptor: Int32, path: String) throws(SystemError) {
        guard geteuid() == 0 else { return nil }
        var record = stat()
        _ = try systemCall("fstat", path: path) { unsafe fstat(descriptor, &record) }
        guard record.st_uid != 0 else { return nil }
        (userID, groupID) = (record.st_uid, record.st_gid)
    }

    /// Gives him what root has just made, and is open: never what somebody may have put in its place.
    func give(_ made: Int32, path: String) throws(SystemError) {
        var record = stat()
        _ = try systemCall("fstat", path: path) { unsafe fstat(made, &record) }
        guard record.st_uid == 0 else { return }
        _ = try systemCall("fchown", path: path) { fchown(made, userID, groupID) }
    }
}
