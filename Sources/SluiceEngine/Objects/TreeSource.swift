internal import SluiceFormat
internal import SluiceNative

/// Tells what is below a directory, by paths relative to it; no link below it is followed. For one thread.
struct TreeSource {
    private let root: Directory
    /// The device of the root, if what is mounted below it doesn't count.
    private let device: UInt64?
    /// The directory of the last path: the next is most likely in the same. Nil if there is none.
    private var last: (path: [UInt8], directory: Directory?)?

    init(_ root: Directory, staysOnFileSystem: Bool) throws(SystemError) {
        self.root = root
        device = try staysOnFileSystem ? root.status().device : nil
    }

    /// Whether there is a file, or a link, with this path; if it ends with `/`, a directory. Empty is the root.
    mutating func has(_ path: [UInt8]) throws(SystemError) -> Bool {
        let directoryPath = Array(Scope.directory(of: path))
        let name = path.dropFirst(directoryPath.count)
        if last?.path != directoryPath {
            last = (directoryPath, try directory(directoryPath))
        }
        guard let directory = last?.directory else { return false }
        if name.isEmpty { return true }
        guard TreeTarget.isName(name) else { return false }
        do throws(SystemError) {
            let status = try directory.statusIfThere(String(decoding: name, as: UTF8.self))
            guard let kind = status?.kind else { return false }
            return kind != .directory
        } catch {
            guard error.isNameTooLong else { throw error }
            return false
        }
    }

    /// The directory with this path; nil if there is none.
    func directory(_ path: [UInt8]) throws(SystemError) -> Directory? {
        if path.isEmpty { return root }
        var directory = root
        for part in TreeTarget.parts(of: path) {
            guard TreeTarget.isName(part) else { return nil }
            do throws(SystemError) {
                directory = try directory.openDirectory(String(decoding: part, as: UTF8.self))
            } catch {
                guard
                    error.isNotFound || error.isNotDirectory || error.isSymbolicLink
                        || error.isNameTooLong
                else { throw error }
                return nil
            }
            if let device, try directory.status().device != device { return nil }
        }
        return directory
    }
}
