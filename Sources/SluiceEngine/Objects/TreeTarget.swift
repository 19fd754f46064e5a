internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Where the objects of a tree go: below a root, through directories that are no links. For one thread.
struct TreeTarget {
    private let root: Directory
    private let prefixByteCount: Int
    /// The directory of the last object: the next is most likely in the same.
    private var last: (path: [UInt8], directory: Directory)?

    init(root: Directory, prefixByteCount: Int) {
        self.root = root
        self.prefixByteCount = prefixByteCount
    }

    /// Begins an object's file, in its directory, which is made if it isn't there; what was left behind is
    /// looked for where another directory begins.
    mutating func begin(_ name: ObjectName) throws(StoreError) -> TargetFile {
        let rest = name.utf8.dropFirst(prefixByteCount)
        let path = Array(Scope.directory(of: Array(rest)))
        let file = rest.dropFirst(path.count)
        // As bytes: to a string, a slash and an accent that follows it are another character.
        let parts = path.dropLast().split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard Self.isName(file), path.isEmpty || parts.allSatisfy(Self.isName) else {
            throw StoreError(
                .invalidName, "'\(name)' would not stay in the directory",
                about: .object(name.description), remedies: [.run(.getAlone(name.description))])
        }
        let isNew = last?.path != path
        let directory: Directory
        if let last, !isNew {
            directory = last.directory
        } else {
            directory = path.isEmpty ? root : try self.directory(parts, of: name)
            last = (path, directory)
        }
        return try TargetPath(in: directory, name: String(decoding: file, as: UTF8.self))
            .begin(sweeping: isNew)
    }

    private static func isName(_ part: ArraySlice<UInt8>) -> Bool {
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
