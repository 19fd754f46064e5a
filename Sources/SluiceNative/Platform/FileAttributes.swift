internal import CLinux
internal import Glibc

/// What can be set of an open file or directory, whatever name it has by now.
extension File {
    /// Sets the permission bits, with set-user-id, set-group-id and sticky.
    public func setMode(_ mode: UInt32) throws(SystemError) {
        try setDescriptorMode(descriptor, mode, path: path)
    }

    /// Gives it to a user and a group; takes the rights of root. Clears set-user-id and set-group-id.
    public func setOwner(_ ownerID: UInt32, groupID: UInt32) throws(SystemError) {
        try setDescriptorOwner(descriptor, ownerID, groupID, path: path)
    }

    /// Sets when it was modified.
    public func setModified(_ time: FileStatus.Time) throws(SystemError) {
        try setDescriptorModified(descriptor, time, path: path)
    }

    /// Notes bytes beside the file as an attribute (`user.` and the name); false where the file system keeps none.
    public func setNote(_ name: String, _ bytes: [UInt8]) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try ExtendedAttributes(of: self).set(Array("user.\(name)".utf8), to: bytes)
            return true
        } catch {
            // A full one may say ENOSPC of the attribute alone.
            guard [EOPNOTSUPP, ENOSYS, ENOSPC, EDQUOT, EPERM].contains(error.number) else {
                throw error
            }
            return false
        }
    }

    /// The bytes that were noted, at most `limit`; nil if there are none, or more.
    public func note(_ name: String, limit: Int) -> [UInt8]? {
        let attributes = ExtendedAttributes(of: self)
        guard let bytes = try? attributes.value(of: Array("user.\(name)".utf8)) else { return nil }
        return bytes.count <= limit ? bytes : nil
    }
}

extension Directory {
    /// Sets the permission bits, with set-user-id, set-group-id and sticky.
    public func setMode(_ mode: UInt32) throws(SystemError) {
        try setDescriptorMode(descriptor, mode, path: path)
    }

    /// Gives it to a user and a group; takes the rights of root.
    public func setOwner(_ ownerID: UInt32, groupID: UInt32) throws(SystemError) {
        try setDescriptorOwner(descriptor, ownerID, groupID, path: path)
    }

    /// Sets when it was modified.
    public func setModified(_ time: FileStatus.Time) throws(SystemError) {
        try setDescriptorModified(descriptor, time, path: path)
    }

    // MARK: Symbolic links in it

    /// Makes a symbolic link; throws `SystemError.isExists` when anything has this name.
    public func makeSymbolicLink(_ name: String, to target: [UInt8]) throws(SystemError) {
        let name = try FileName(name)
        guard !target.isEmpty, !target.contains(0) else {
            throw SystemError(call: "symlinkat", path: path(of: name), number: EINVAL)
        }
        let text = target.map { CChar(bitPattern: $0) } + [0]
        _ = try systemCall("symlinkat", path: path(of: name)) {
            unsafe symlinkat(text, descriptor, name.cString)
        }
    }

    /// Where a symbolic link leads to, as it says.
    public func symbolicLinkTarget(_ name: String) throws(SystemError) -> [UInt8] {
        try symbolicLinkTarget(FileName(name))
    }

    func symbolicLinkTarget(_ name: FileName) throws(SystemError) -> [UInt8] {
        var text = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = try systemCall("readlinkat", path: path(of: name)) {
            unsafe readlinkat(descriptor, name.cString, &text, text.count)
        }
        return text[..<count].map { UInt8(bitPattern: $0) }
    }

    /// Sets when an entry was modified; of a symbolic link, itself.
    public func setModified(_ name: String, _ time: FileStatus.Time) throws(SystemError) {
        let name = try FileName(name)
        let times = [timespec(tv_sec: 0, tv_nsec: Int(SLUICE_UTIME_OMIT)), time.record]
        _ = try systemCall("utimensat", path: path(of: name)) {
            unsafe utimensat(descriptor, name.cString, times, AT_SYMLINK_NOFOLLOW)
        }
    }

    /// Gives an entry to a user and a group; of a symbolic link, itself.
    public func setOwner(
        _ name: String, _ ownerID: UInt32, groupID: UInt32
    ) throws(SystemError) {
        let name = try FileName(name)
        _ = try systemCall("fchownat", path: path(of: name)) {
            unsafe fchownat(descriptor, name.cString, ownerID, groupID, AT_SYMLINK_NOFOLLOW)
        }
    }
}

private func setDescriptorMode(
    _ descriptor: Int32, _ mode: UInt32, path: String?
) throws(SystemError) {
    _ = try systemCall("fchmod", path: path) { fchmod(descriptor, mode) }
}

private func setDescriptorOwner(
    _ descriptor: Int32, _ ownerID: UInt32, _ groupID: UInt32, path: String?
) throws(SystemError) {
    _ = try systemCall("fchown", path: path) { fchown(descriptor, ownerID, groupID) }
}

private func setDescriptorModified(
    _ descriptor: Int32, _ time: FileStatus.Time, path: String?
) throws(SystemError) {
    let times = [timespec(tv_sec: 0, tv_nsec: Int(SLUICE_UTIME_OMIT)), time.record]
    _ = try systemCall("futimens", path: path) { unsafe futimens(descriptor, times) }
}
