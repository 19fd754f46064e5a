internal import SluiceFormat
internal import SluiceNative
internal import Synchronization

/// Where an object of a tree goes: below the root, through directories that are no links.
struct TreeTarget {
    private let root: Directory
    private let directories: [String]
    private let file: String
    private let name: ObjectName

    init(
        root: Directory, name: ObjectName, prefixByteCount: Int, names: Set<ObjectName>
    ) throws(StoreError) {
        // As bytes: to a string, a slash and an accent that follows it are another character.
        let parts = name.utf8.dropFirst(prefixByteCount)
            .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        guard let file = parts.last,
            !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." })
        else {
            throw StoreError(
                .invalidName,
                "'\(name)' would not stay in the directory; get it by itself, with -o")
        }
        var parent = Scope.directory(of: name.utf8)
        while parent.count > prefixByteCount {
            if let above = try? ObjectName(utf8: Array(parent.dropLast())), names.contains(above) {
                throw StoreError(
                    .invalidName,
                    "'\(above)' is an object as well as a directory; get '\(name)' by itself")
            }
            parent = Scope.parent(of: parent)
        }
        self.root = root
        self.name = name
        self.file = file
        directories = parts.dropLast()
    }

    /// Begins the file, in its directory, which is made if it isn't there.
    func begin(_ visited: VisitedDirectory) throws(StoreError) -> TargetFile {
        try path().begin(sweeping: visited.moves(to: directories))
    }

    private func path() throws(StoreError) -> TargetPath {
        do throws(SystemError) {
            var directory = root
            for name in directories {
                directory = try directory.openOrMakeDirectory(name)
            }
            return TargetPath(in: directory, name: file)
        } catch {
            if error.isSymbolicLink || error.isNotDirectory {
                throw StoreError(
                    .invalidName,
                    "'\(name)' would go through a symbolic link or a file; it was left out",
                    cause: error)
            }
            throw StoreError(system: error, "create", otherwise: .cannotCreate)
        }
    }
}

/// The directory that the last file of a tree was written to: they come directory by directory, and what was
/// left behind is looked for once in each. Thread-safe.
final class VisitedDirectory: Sendable {
    private let path = Mutex<[String]?>(nil)

    /// Whether this is another than the last one.
    func moves(to path: [String]) -> Bool {
        self.path.withLock { last in
            defer { last = path }
            return last != path
        }
    }
}
