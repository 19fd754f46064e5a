internal import SluiceAccess
internal import SluiceFormat
internal import SluiceNative

/// Where the objects of a tree go: below a root, through directories that are no links. For one thread.
struct TreeTarget {
    /// Where something goes: a directory, and a name in it, which is empty for the directory itself.
    struct Place {
        let directory: Directory
        let name: String
        /// The whole path, relative to the root.
        let path: [UInt8]
        /// Whether the last one was in another directory.
        let isNewDirectory: Bool

        /// Begins a file there; what was left behind is looked for where another directory begins.
        func begin() throws(StoreError) -> TargetFile {
            try TargetPath(in: directory, name: name).begin(sweeping: isNewDirectory)
        }

        /// Whether a directory is there.
        var isDirectory: Bool { (try? directory.statusIfThere(name))??.kind == .directory }

        /// That a directory is there which stays.
        func takenByDirectory(cause: StoreError) -> StoreError {
            let path = cause.subject?.name ?? ObjectName.printable(path)
            return StoreError(
                .cannotCreate, "can't write to '\(path)': a directory stands there",
                about: .file(path), remedies: [.choose(.removingOthers)], cause: cause)
        }
    }

    private let root: Directory
    private let prefixByteCount: Int
    /// What is told of a file or a link that stood where a directory belongs, and was removed; nil if it is to stay.
    private let replacing: TreeWork?
    /// The directory of the last object: the next is most likely in the same.
    private var last: (path: [UInt8], directory: Directory)?

    init(root: Directory, prefixByteCount: Int, replacing: TreeWork?) {
        self.root = root
        self.prefixByteCount = prefixByteCount
        self.replacing = replacing
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
            directory: directory, name: String(decoding: file, as: UTF8.self), path: rest,
            isNewDirectory: isNew)
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
            for (index, part) in parts.enumerated() {
                directory = try self.directory(
                    String(decoding: part, as: UTF8.self), in: directory, Array(parts[...index]))
            }
            return directory
        } catch {
            if error.isSymbolicLink || error.isNotDirectory {
                let place = error.path ?? "something"
                throw StoreError(
                    .invalidName,
                    "'\(name)' was left out: '\(place)' is a symbolic link or a file, and no directory",
                    about: .file(place),
                    remedies: [.choose(.removingOthers), .run(.getAlone(name.description))],
                    cause: error)
            }
            throw StoreError(system: error, "create", otherwise: .cannotCreate)
        }
    }

    /// A directory in another, with this path, which is made if it isn't there.
    private func directory(
        _ name: String, in directory: Directory, _ path: [ArraySlice<UInt8>]
    ) throws(SystemError) -> Directory {
        do throws(SystemError) {
            return try directory.openOrMakeDirectory(name)
        } catch {
            guard let replacing, error.isSymbolicLink || error.isNotDirectory else { throw error }
            do throws(SystemError) {
                try directory.unlink(name)
                replacing.removed(
                    ObjectName.printable(Array(path.joined(separator: [UInt8(ascii: "/")]))))
            } catch {
                // Another thread was first.
                guard error.isNotFound || error.isDirectory else { throw error }
            }
            return try directory.openOrMakeDirectory(name)
        }
    }
}
