internal import SluiceNative

extension Directory {
    /// Whether there is an entry of this name.
    func has(_ name: String) throws(SystemError) -> Bool {
        try statusIfThere(name) != nil
    }

    /// Whether there is a directory of this name, and no link to one.
    func hasDirectory(_ name: String) throws(SystemError) -> Bool {
        try statusIfThere(name)?.kind == .directory
    }

    /// Removes a file; one that isn't there is no error.
    func unlinkIfThere(_ name: String) throws(SystemError) {
        do throws(SystemError) {
            try unlink(name)
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    /// Gives a file a second name in another directory, or copies it durably where a link can't be.
    func linkOrCopy(
        _ name: String, to newName: String, in target: Directory
    ) throws(SystemError) {
        guard try !canLink(name, to: newName, in: target) else { return }
        try target.createCopy(of: openFile(name), as: newName).sync()
    }

    /// Links a file into another directory; false if the file system, or who owns the file, forbids that.
    func canLink(
        _ name: String, to newName: String, in target: Directory
    ) throws(SystemError) -> Bool {
        do throws(SystemError) {
            try link(name, to: newName, in: target)
            return true
        } catch {
            guard error.isCrossDevice || error.isPermissionDenied || error.isTooManyLinks else {
                throw error
            }
            return false
        }
    }

    /// Makes a file with the bytes of another, which shares their space where the file system can do that.
    func createCopy(
        of source: File, as name: String
    ) throws(SystemError) -> File {
        let copy = try createExclusively(name)
        let byteCount = try source.status().byteCount
        guard try copy.copyContents(of: source, byteCount: byteCount) == byteCount else {
            throw SystemError.shortRead(source)
        }
        return copy
    }
}
