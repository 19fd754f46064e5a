internal import CLinux
internal import Glibc

extension Directory {
    /// Whether this directory, or one above it, is one of `places`: by what they are, so that no link and
    /// no second path leads past them. Where what is above may not be looked up, that is false.
    public func isWithin(_ places: Set<FileStatus.Identity>) throws(SystemError) -> Bool {
        var current = self
        var identity = try status().identity
        while !places.contains(identity) {
            do throws(SystemError) {
                let above = try openDescriptor(
                    at: current.descriptor, cString(".."),
                    flags: Int32(SLUICE_O_PATH) | O_DIRECTORY, path: path)
                current = Directory(descriptor: above, path: path)
                let next = try current.status().identity
                // Only the root is above itself.
                if next == identity { return false }
                identity = next
            } catch {
                guard error.isPermissionDenied else { throw error }
                return false
            }
        }
        return true
    }
}
