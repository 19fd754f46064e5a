internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Where the objects of a tree go: below a root, through directories that are no links. For one thread.
struct TreeTarget {
    /// Where something goes: a directory, and a name in it, which is empty for the directory itself.
    struct Place {
        let directory: Directory
        let name: String
        /// Whether the last one was in another directory.
        let isNewDirectory: Bool

        /// Begins a file there; what was left behind is looked for where another directory begins.
        func begin() throws(StoreError) -> TargetFile {
            try TargetPath(in: directory, name: name).begin(sweeping: isNewDirectory)
        }
    }

    private let root: Directory
    private let prefixByteCount: Int
    /// The directory of the last object: the next is most likely in the same.
    private var last: (path: [UInt8], directory: Directory)?

    init(root: Directory, prefixByteCount: Int) {
        self.root = root
        self.prefixByteCount = prefixByteCount
    }

    /// The path of an object, relative to the root.
    func path(of name: ObjectName) -> [UInt8] { Array(name.utf8.dropFirst(prefixByteCount)) }

    /// Where an object goes: in its directory, which is made if it isn't there. The object of a directory goes to
    /// that.
    mutating func place(
        of name: ObjectName, isDirectory: Bool = false
    ) throws(StoreError) -> Place {
        let rest = path(of: name)
        let path = Array(Scope.directory(of: rest))
        let file = rest.dropFirst(path.count)
        let parts = Self.parts(of: path)
        guard isDirectory ? file.isEmpty : Self.isName(file), parts.allSatisfy(Self.isName) else {
            throw StoreError(
                .invalidName, "'\(name)' would not stay in the directory",
                about: .object(name.description), remedies: [.run(.getAlone(name.description))])
        }
        let isNew = last?.path != path
        let directory: Directory
        if let last, !isNew {
            directory = last.directory
        } else {
            directory = try self.directory(parts, of: name)
            last = (path, directory)
        }
        return Place(
            directory: directory, name: String(decoding: file, as: UTF8.self), isNewDirectory: isNew
        )
    }

    /// The parts of a directory's path, which ends with a slash or is empty.
    ///
    /// As bytes: to a string, a slash and an accent that follows it are another character.
    static func parts(of path: [UInt8]) -> [ArraySlice<UInt8>] {
        guard !path.isEmpty else { return [] }
        return path.dropLast().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    }

    static func isName(_ part: ArraySlice<UInt8>) -> Bool {
        !(part.isEmpty || part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8))
    }

    private func directory(
        _ parts: [ArraySlice<UInt8>], of name: ObjectName
    ) throws(StoreError) -> Directory {
        do throws(SystemError) {
            var directory = root
            for part in parts {
                directory = try directory.openOrMakeDirectory(
                    String(decoding: part, as: UTF8.self))
            }
            return directory
        } catch {
            if error.isSymbolicLink || error.isNotDirectory {
                throw StoreError(
                    .invalidName,
                    "'\(name)' would go through a symbolic link or a file, and was left out",
                    about: .object(name.description), remedies: [.run(.getAlone(name.description))],
                    cause: error)
            }
            throw StoreError(system: error, "create", otherwise: .cannotCreate)
        }
    }
}
